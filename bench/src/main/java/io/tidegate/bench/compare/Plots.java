package io.tidegate.bench.compare;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import io.tidegate.bench.chart.Chart;
import io.tidegate.bench.chart.Chart.Curve;
import io.tidegate.bench.chart.Chart.Point;
import io.tidegate.bench.chart.Chart.Tick;
import io.tidegate.bench.chart.ChartSvg;
import io.tidegate.bench.load.Traffic;
import io.tidegate.bench.report.Spread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Throughput and processor time over the depth of pipelines and over the length of values, as far as they vary: one plot
 * for all cases that differ in nothing else.
 */
final class Plots {
    private final Results results;
    private final Figures figures;

    Plots(Results results) {
        this.results = results;
        figures = Figures.of(results.figures());
    }

    /**
     * Writes all there are.
     *
     * @return the files
     */
    List<Path> write(Path directory) throws IOException {
        Files.createDirectories(directory);
        List<Path> files = new ArrayList<>();
        for (Map.Entry<String, Chart> chart : charts().entrySet()) {
            Path file = directory.resolve(chart.getKey() + ".svg");
            Files.writeString(file, ChartSvg.of(chart.getValue()), UTF_8);
            files.add(file);
        }
        return files;
    }

    /** By name: {@code throughput-by-pipeline}, and what tells it from others of the kind, if there are any. */
    Map<String, Chart> charts() {
        Map<String, Chart> charts = new LinkedHashMap<>();
        for (Over over : Over.values()) {
            Collection<List<Traffic>> groups = results.setup().cases().stream()
                    .collect(groupingBy(over::others, LinkedHashMap::new, toList()))
                    .values();
            List<Traffic> firsts = groups.stream().map(group -> group.get(0)).toList();
            for (List<Traffic> group : groups) {
                if (group.size() > 1) {
                    String suffix = suffix(group.get(0), firsts, over.axis);
                    charts.put("throughput-" + over.name + suffix, chart(over, group, Metric.REQUESTS));
                    charts.put("cpu-" + over.name + suffix, chart(over, group, Metric.PROXY_CPU));
                }
            }
        }
        return charts;
    }

    /** What is varied. */
    private enum Over {
        PIPELINE(Axis.PIPELINE, "by-pipeline", "requests in a pipeline") {
            @Override
            Traffic others(Traffic traffic) {
                return new Traffic(traffic.connections(), 1, traffic.valueBytes(), traffic.setPercent());
            }
        },
        VALUE(Axis.VALUE_BYTES, "by-value-size", "length of the values") {
            @Override
            Traffic others(Traffic traffic) {
                return new Traffic(traffic.connections(), traffic.pipeline(), 0, traffic.setPercent());
            }
        };

        private final Axis axis;
        private final String name;
        private final String label;

        Over(Axis axis, String name, String label) {
            this.axis = axis;
            this.name = name;
            this.label = label;
        }

        /** The same for all cases that differ in nothing but this. */
        abstract Traffic others(Traffic traffic);
    }

    private Chart chart(Over over, List<Traffic> group, Metric metric) {
        List<Traffic> cases =
                group.stream().sorted(Comparator.comparingInt(over.axis::of)).toList();
        List<Curve> curves = new ArrayList<>();
        for (String subject : results.subjects()) {
            List<Point> points = cases.stream()
                    .filter(traffic -> !figures.rounds(traffic, subject, metric).isEmpty())
                    .map(traffic ->
                            new Point(over.axis.of(traffic), Spread.of(figures.rounds(traffic, subject, metric))))
                    .toList();
            if (!points.isEmpty()) {
                curves.add(new Curve(subject, points));
            }
        }
        boolean throughput = metric == Metric.REQUESTS;
        return new Chart(
                throughput ? "Requests per second" : "Processor time of the proxy per request",
                Report.traffic(group) + "; median of " + results.setup().rounds() + " rounds, least to most; "
                        + (throughput ? "more is better" : "less is better"),
                over.label,
                throughput ? "thousands of requests per second" : "µs per request",
                cases.stream()
                        .map(traffic -> new Tick(over.axis.of(traffic), over.axis.text(traffic)))
                        .toList(),
                curves);
    }

    /** In what {@code traffic} differs from the others, beside the axis. */
    private static String suffix(Traffic traffic, List<Traffic> all, Axis except) {
        StringBuilder suffix = new StringBuilder();
        for (Axis axis : Axis.varying(all)) {
            if (axis != except) {
                suffix.append('-')
                        .append(axis.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                        .append('-')
                        .append(axis.of(traffic));
            }
        }
        return suffix.toString();
    }
}
