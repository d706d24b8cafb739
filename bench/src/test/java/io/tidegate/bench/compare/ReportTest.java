package io.tidegate.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
    @Test
    void setsTheSubjectsSideBySide() {
        Figures figures = new Figures();
        for (double slow : new double[] {1, 1, 0.5}) {
            figures.add(16, "direct", Metric.REQUESTS, 100 * slow);
            figures.add(16, "direct", Metric.REDIS_CPU, 1 / slow);
            figures.add(16, "direct", Metric.P99, 50 / slow);
            figures.add(16, "tidegate", Metric.REQUESTS, 150 * slow);
            figures.add(16, "tidegate", Metric.PROXY_CPU, 0.5);
            figures.add(16, "tidegate", Metric.P99, 100 / slow);
            figures.add(16, "tidegate", Metric.RSS, 80);
            figures.add(16, "haproxy", Metric.REQUESTS, 90 * slow);
            figures.add(16, "haproxy", Metric.PROXY_CPU, 1);
        }
        assertThat(Report.table(figures, List.of(16), List.of("direct", "tidegate", "haproxy")))
                .isEqualTo("""
                        | pipeline | through  | k requests/s     | × direct | proxy CPU µs/request | × tidegate | Redis CPU µs/request | p50 µs | p99 µs          | × direct | p99.9 µs | late p99 µs | RSS MiB |
                        | -------- | -------- | ---------------- | -------- | -------------------- | ---------- | -------------------- | ------ | --------------- | -------- | -------- | ----------- | ------- |
                        | 16       | direct   | 100 [50.0–100]   | –        | –                    | –          | 1.00 [1.00–2.00]     | –      | 50.0 [50.0–100] | –        | –        | –           | –       |
                        | 16       | tidegate | 150 [75.0–150]   | 1.50     | 0.500                | –          | –                    | –      | 100 [100–200]   | 2.00     | –        | –           | 80.0    |
                        | 16       | haproxy  | 90.0 [45.0–90.0] | 0.900    | 1.00                 | 2.00       | –                    | –      | –               | –        | –        | –           | –       |
                        """);
    }
}
