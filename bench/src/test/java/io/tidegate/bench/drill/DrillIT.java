package io.tidegate.bench.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bench.stage.ResultsOptions;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A whole drill, far too short for its times to mean anything; what it counts has to be right all the same. */
@EnabledOnOs(OS.LINUX)
@Timeout(300)
class DrillIT {
    private static final int CONNECTIONS = 5;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void keepsAccountOfAKilledPrimary(@TempDir Path directory) throws Exception {
        int code = execute(
                "--subjects", "tidegate,lettuce-sentinel",
                "--faults", "kill",
                "--tidegate", Path.of("..", "tidegate").toString(),
                "--connections", Integer.toString(CONNECTIONS),
                "--rate", "1000",
                "--rounds", "1",
                "--lead-millis", "500",
                "--after-millis", "500",
                "--dir", directory.toString());

        assertThat(code).as(err.toString()).isZero();
        Results results = ResultsOptions.read(directory.resolve("results.json"), Results.class);
        assertThat(results.lines()).extracting(Results.Line::subject).containsExactly("tidegate", "lettuce-sentinel");
        for (Results.Line line : results.lines()) {
            Verdict verdict = line.verdict();
            assertThat(verdict.acknowledged()).as(line.toString()).isGreaterThan(CONNECTIONS);
            assertThat(verdict.acknowledged() - verdict.lost() + verdict.failedAndKept() + verdict.uncertainAndKept())
                    .as("what is there was written; " + line)
                    .isEqualTo(verdict.kept());
            assertThat(line.takeovers()).as(line.toString()).isPositive();
            assertThat(verdict.resumed()).as(line.toString()).isTrue();
            assertThat(verdict.firstAfterMicros()).as(line.toString()).isPositive();
            assertThat(verdict.failed() + verdict.uncertain())
                    .isEqualTo(verdict.errors().values().stream()
                            .mapToLong(Long::longValue)
                            .sum());
        }
        Verdict tidegate = results.lines().get(0).verdict();
        assertThat(tidegate.lostAfterTakeover()).as(tidegate.toString()).isZero();
        assertThat(tidegate.duplicated()).as(tidegate.toString()).isZero();
        assertThat(tidegate.reordered()).as(tidegate.toString()).isZero();
        assertThat(tidegate.failed()).as(tidegate.toString()).isZero();
        assertThat(tidegate.uncertain())
                .as("at most what was in flight; " + tidegate)
                .isLessThanOrEqualTo(CONNECTIONS);
        assertThat(rows()).hasSize(2 + 2);

        String made = out.toString();
        out.getBuffer().setLength(0);
        assertThat(execute("--from", directory.resolve("results.json").toString()))
                .isZero();
        assertThat(out).as("the same table again").hasToString(made);
    }

    @Test
    void saysWhatIsWrongWithItsOptions() {
        assertThat(execute("--subjects", "squid")).isEqualTo(2);
        assertThat(err.toString()).contains("subject: 'squid' (expected: direct, ");
        assertThat(execute("--rounds", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("rounds: 0 (expected: 1..");
        assertThat(execute("--faults", "earthquake")).isEqualTo(2);
        assertThat(err.toString()).contains("sentinel-failover, KILL, kill");
    }

    private List<String> rows() {
        return out.toString().lines().filter(line -> line.startsWith("| ")).toList();
    }

    private int execute(String... args) {
        return new CommandLine(new DrillCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }
}
