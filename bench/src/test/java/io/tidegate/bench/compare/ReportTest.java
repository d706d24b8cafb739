package io.tidegate.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bench.load.Traffic;
import io.tidegate.bench.stage.ResultsOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    private static final Traffic ONE = new Traffic(50, 1, 16, 0);
    private static final Traffic SIXTEEN = new Traffic(50, 16, 16, 0);

    @Test
    void setsTheSubjectsSideBySide() {
        assertThat(new Report(results(List.of(SIXTEEN))).table()).isEqualTo("""
                | pipeline | through  | k requests/s     | proxy CPU µs/request | Redis CPU µs/request | p50 µs           | p99 µs          | RSS MiB |
                | -------- | -------- | ---------------- | -------------------- | -------------------- | ---------------- | --------------- | ------- |
                | 16       | direct   | 100 [50.0–100]   | –                    | 1.00 [1.00–2.00]     | 30.0 [30.0–60.0] | 50.0 [50.0–100] | –       |
                | 16       | tidegate | 150 [75.0–150]   | 0.500                | –                    | 70.0 [70.0–100]  | 100 [100–200]   | 80.0    |
                | 16       | haproxy  | 90.0 [45.0–90.0] | 1.00                 | –                    | –                | –               | –       |
                """);
    }

    @Test
    void comparesWithinEachRoundWithWhateverIsAskedFor() {
        Report report = new Report(results(List.of(SIXTEEN)));
        assertThat(report.comparison(List.of("direct", "haproxy", "nutcracker")))
                .isEqualTo("""
                | pipeline | through  | k requests/s × direct | p50 µs − direct | p99 µs × direct | k requests/s × haproxy | proxy CPU µs/request × haproxy |
                | -------- | -------- | --------------------- | --------------- | --------------- | ---------------------- | ------------------------------ |
                | 16       | direct   | –                     | –               | –               | 1.11                   | –                              |
                | 16       | tidegate | 1.50                  | 40.0            | 2.00            | 1.67                   | 0.500                          |
                | 16       | haproxy  | 0.900                 | –               | –               | –                      | –                              |
                """);
        assertThat(report.comparison(List.of("nutcracker"))).isEmpty();
    }

    @Test
    void namesInTheRowsWhatDiffersAndInFrontWhatDoesNot() {
        Traffic large = new Traffic(50, 16, 65_536, 0);
        String text = new Report(results(List.of(SIXTEEN, large))).text(List.of());
        assertThat(text)
                .contains("50 connections, pipeline 16, 0 % SET; 3 rounds of 1.00 s each, after 9.00 s to warm up.")
                .contains("Latencies at 1000 requests/s (value 16 B), 1000 requests/s (value 64 KiB).")
                .contains("| value  | through  | k requests/s ")
                .contains("| 64 KiB | tidegate | 150 [75.0–150] ");
    }

    @Test
    void resultsAreTheSameFromTheirFile(@TempDir Path directory) throws Exception {
        Results results = results(List.of(ONE, SIXTEEN));
        Path file = directory.resolve("not/there/results.json");
        ResultsOptions.write(file, results);
        assertThat(ResultsOptions.read(file, Results.class)).isEqualTo(results);
    }

    @Test
    void drawsWhatVaries() {
        assertThat(new Plots(results(List.of(ONE))).charts()).isEmpty();
        assertThat(new Plots(results(List.of(ONE, SIXTEEN))).charts())
                .containsOnlyKeys("throughput-by-pipeline", "cpu-by-pipeline")
                .allSatisfy((name, chart) -> assertThat(chart.subtitle())
                        .startsWith("50 connections, values of 16 B, 0 % SET; median of 3 rounds"));
        Map<String, ?> both =
                new Plots(results(Setup.cases(List.of(50), List.of(0), List.of(16, 1024), List.of(1, 16)))).charts();
        assertThat(both)
                .containsOnlyKeys(
                        "throughput-by-pipeline-value-bytes-16",
                        "cpu-by-pipeline-value-bytes-16",
                        "throughput-by-pipeline-value-bytes-1024",
                        "cpu-by-pipeline-value-bytes-1024",
                        "throughput-by-value-size-pipeline-1",
                        "cpu-by-value-size-pipeline-1",
                        "throughput-by-value-size-pipeline-16",
                        "cpu-by-value-size-pipeline-16");
    }

    private static Results results(List<Traffic> cases) {
        Figures figures = new Figures();
        for (Traffic traffic : cases) {
            for (double slow : new double[] {1, 1, 0.5}) {
                figures.add(traffic, "direct", Metric.REQUESTS, 100 * slow);
                figures.add(traffic, "direct", Metric.REDIS_CPU, 1 / slow);
                figures.add(traffic, "direct", Metric.P50, 30 / slow);
                figures.add(traffic, "direct", Metric.P99, 50 / slow);
                figures.add(traffic, "tidegate", Metric.REQUESTS, 150 * slow);
                figures.add(traffic, "tidegate", Metric.PROXY_CPU, 0.5);
                figures.add(traffic, "tidegate", Metric.P50, 40 + 30 / slow);
                figures.add(traffic, "tidegate", Metric.P99, 100 / slow);
                figures.add(traffic, "tidegate", Metric.RSS, 80);
                figures.add(traffic, "haproxy", Metric.REQUESTS, 90 * slow);
                figures.add(traffic, "haproxy", Metric.PROXY_CPU, 1);
            }
        }
        return new Results(
                "a machine",
                "nothing pinned",
                new Setup(cases, 3, 1_000, 9_000, true, 0),
                List.of(
                        new Results.Version("direct", "Redis 7"),
                        new Results.Version("tidegate", "Tidegate 0.1"),
                        new Results.Version("haproxy", "HAProxy 2.6")),
                cases.stream().map(traffic -> new Results.Rate(traffic, 1_000)).toList(),
                figures.lines());
    }
}
