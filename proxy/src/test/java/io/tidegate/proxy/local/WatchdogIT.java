package io.tidegate.proxy.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of the servers of a JVM that does not close them. */
class WatchdogIT {
    /** The JVM in question: starts servers, restarts one, freezes another, prints where they are, and waits. */
    static final class Forgetful {
        private Forgetful() {}

        public static void main(String[] arguments) throws InterruptedException {
            LocalRedis redis = LocalRedis.builder().replicas(1).sentinels(1).start();
            redis.primary().restart();
            redis.replicas().get(0).freeze();
            StringBuilder line = new StringBuilder(redis.directory().toString());
            redis.pids().values().forEach(pid -> line.append(' ').append(pid));
            System.out.println(line);
            new CountDownLatch(1).await();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingOutlivesTheJvm(boolean killed) throws IOException {
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Forgetful.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output = jvm.inputReader(UTF_8)) {
            List<String> words = List.of(String.valueOf(output.readLine()).split(" ", -1));
            Path directory = Path.of(words.get(0));
            List<ProcessHandle> processes = new ArrayList<>();
            words.stream()
                    .skip(1)
                    .forEach(pid ->
                            processes.add(ProcessHandle.of(Long.parseLong(pid)).orElseThrow()));
            assertThat(processes).hasSize(3).allMatch(ProcessHandle::isAlive);
            assertThat(directory).isDirectory();
            try (Stream<ProcessHandle> children = jvm.children()) {
                processes.addAll(children.toList()); // the watchdog among them
            }

            if (killed) {
                jvm.destroyForcibly();
            } else {
                jvm.destroy();
            }
            await().until(() -> processes.stream().noneMatch(ProcessHandle::isAlive));
            await().until(() -> !directory.toFile().exists());
        } finally {
            jvm.destroyForcibly();
        }
    }
}
