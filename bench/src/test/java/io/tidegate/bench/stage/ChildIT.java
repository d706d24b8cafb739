package io.tidegate.bench.stage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ChildIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    private Path directory = Path.of("");

    @Test
    void isTalkedWithInLines() throws Exception {
        try (Child child = child("read -r line; echo \"$GREETING $line\"; exec cat", Map.of("GREETING", "hello"))) {
            child.send("you");
            assertThat(child.line(LIMIT)).isEqualTo("hello you");
            child.send("again");
            assertThat(child.line(LIMIT)).isEqualTo("again");
            assertThatThrownBy(() -> child.line(Duration.ofMillis(50)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("said nothing");
        }
    }

    @Test
    void itsEndIsToldWithTheEndOfItsLog() throws Exception {
        try (Child child = child("echo 'no such option' >&2; exit 7", Map.of())) {
            assertThatThrownBy(() -> child.line(LIMIT))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("child has ended");
            assertThatThrownBy(() -> child.awaitMoment(LIMIT))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("exit code 7")
                    .hasMessageContaining("no such option");
        }
    }

    @Test
    void isGoneWhenClosed() throws Exception {
        Child child = child("exec cat", Map.of());
        ProcessHandle process = ProcessHandle.of(child.pid()).orElseThrow();
        child.close();
        assertThat(process.isAlive()).isFalse();
    }

    @Test
    void isGoneWhenItsJvmIsKilled() throws Exception {
        Process parent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Parent.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output = new BufferedReader(new InputStreamReader(parent.getInputStream(), UTF_8));
        ProcessHandle child =
                ProcessHandle.of(Long.parseLong(output.readLine())).orElseThrow();
        assertThat(child.isAlive()).isTrue();
        parent.destroyForcibly();
        child.onExit().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(child.isAlive()).isFalse();
    }

    private Child child(String script, Map<String, String> environment) throws IOException {
        return new Child("child", directory.resolve("child.log"), List.of("/bin/sh", "-c", script), environment);
    }

    /** Starts a child that only a signal ends, says its process id, and waits to be killed. */
    static final class Parent {
        public static void main(String[] args) throws Exception {
            try (Child child =
                    new Child("child", Path.of(args[0], "child.log"), List.of("tail", "-f", "/dev/null"), Map.of())) {
                System.out.println(child.pid());
                child.line(Duration.ofMinutes(1));
            }
        }
    }
}
