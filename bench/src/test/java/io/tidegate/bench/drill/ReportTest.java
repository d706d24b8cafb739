package io.tidegate.bench.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bench.drill.Results.Line;
import io.tidegate.bench.drill.Results.Version;
import io.tidegate.bench.stage.ResultsOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    private static final Results RESULTS = new Results(
            "a machine",
            new Setup(25, 10_000, 2, false, 1, 1, 1, 1),
            List.of(new Version("tidegate", "0.1"), new Version("other", "2")),
            List.of(
                    line(1, "tidegate", 0, 5_000),
                    line(1, "other", 45_678, 7_000),
                    line(2, "tidegate", 0, 9_000),
                    line(2, "other", 1, Verdict.NEVER)));

    @Test
    void hasARowForEachFaultAndSubject() {
        assertThat(rows()).hasSize(2 + 2);
        assertThat(row("tidegate")).contains("| kill ", "| 0 ", "| 7.00 [5.00–9.00] ", "| 2 of 2 ");
        assertThat(row("other")).as("every lost write counts").contains("| 22839.5 [1–45678] ");
        assertThat(row("other")).as("one came back never").contains("[7.00––]", "| 0 of 2 ");
    }

    @Test
    void showsARoundWithTwoTakeovers() {
        assertThat(rows().get(0)).contains("| takeovers ");
        assertThat(row("tidegate")).contains("| 1.5 [1–2] ");
        assertThat(new Report(RESULTS).text())
                .contains("kill, round 2: 2 takeovers, one after the other; tidegate is judged by the last.")
                .doesNotContain("round 1:");
    }

    @Test
    void canBeMadeAgain(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("a/results.json");
        ResultsOptions.write(file, RESULTS);

        assertThat(ResultsOptions.read(file, Results.class)).isEqualTo(RESULTS);
    }

    private static List<String> rows() {
        return new Report(RESULTS)
                .text()
                .lines()
                .filter(line -> line.startsWith("| "))
                .toList();
    }

    private static String row(String subject) {
        return rows().stream()
                .filter(row -> row.contains("| " + subject + " "))
                .findFirst()
                .orElseThrow();
    }

    private static Line line(int round, String subject, long lost, long firstMicros) {
        return new Line(
                Fault.KILL,
                round,
                subject,
                round,
                new Verdict(100_000, lost, lost, 0, 0, 0, 0, 0, 0, 100_000 - lost, 1, firstMicros, Map.of()));
    }
}
