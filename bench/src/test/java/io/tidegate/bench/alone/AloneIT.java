package io.tidegate.bench.alone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Each command with a real Tidegate, far too short and too small for its figures to mean anything. */
@EnabledOnOs(OS.LINUX)
@Timeout(300)
class AloneIT {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void allocSaysWhatEventLoopsAllocate() {
        String out = run(
                new AllocCommand(),
                "--pipelines",
                "1,8",
                "--rounds",
                "1",
                "--millis",
                "300",
                "--warm-up-millis",
                "300");
        assertThat(rows(out)).hasSize(2 + 2).anyMatch(row -> row.startsWith("| 8 "));
        assertThat(out).contains("event loops: bytes/request", "pipeline 8, samples in event loops:");
    }

    @Test
    void scaleSaysHowClientsAreSpread() {
        String out = run(
                new ScaleCommand(),
                List.of("--connections", "8", "--pipelines", "1", "--rounds", "1"),
                List.of("--millis", "300", "--warm-up-millis", "300"));
        assertThat(rows(out))
                .hasSize(2 + 2)
                .anyMatch(row -> row.matches("\\| 1, 1 +\\|.*\\| 8\\.00 +\\| 8\\.00 +\\|.*"));
        assertThat(out).contains("CPU µs/request × 1 loop");
    }

    @Test
    void crowdSaysWhatNeighboursCostIt() {
        String out = run(
                new CrowdCommand(),
                List.of("--connections", "1200", "--rate", "2000", "--huge-bytes", "1000000"),
                List.of("--rounds", "1", "--millis", "400", "--warm-up-millis", "300"));
        assertThat(rows(out)).hasSize(2 + 3);
        assertThat(out).contains("p99 µs × none", "p99 µs × at redis");
    }

    @Test
    void hugeSaysWhatMemoryAValueTakes() {
        String out =
                run(new HugeCommand(), "--value-bytes", "20000000", "--rounds", "1", "--subjects", "tidegate,direct");
        assertThat(rows(out)).hasSize(2 + 4).anyMatch(row -> row.startsWith("| SET through tidegate"));
        assertThat(out).contains("RSS growth MiB");
    }

    private String run(Callable<Integer> command, List<String> some, List<String> others) {
        return run(command, Stream.concat(some.stream(), others.stream()).toArray(String[]::new));
    }

    private String run(Callable<Integer> command, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--tidegate", Path.of("..", "tidegate").toString(), "--dir", directory.toString()));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = new CommandLine(command)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(String[]::new));
        assertThat(code).as(err.toString()).isZero();
        return out.toString();
    }

    private static List<String> rows(String out) {
        return out.lines().filter(line -> line.startsWith("| ")).toList();
    }
}
