package io.tidegate.bench.compare;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The one table, in Markdown, under the conditions it was measured in. */
final class Report {
    private static final String NONE = "–";

    private Report() {}

    static String text(Setup setup, Cpus cpus, List<Running> subjects, Comparison comparison) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(Machine.description() + "; " + cpus + ".");
        lines.add("%d connections, values of %d bytes, %d %% SET; %d rounds of %s s each, after %s s to warm up."
                .formatted(
                        setup.connections(),
                        setup.valueBytes(),
                        setup.setPercent(),
                        setup.rounds(),
                        Spread.digits(setup.measureMillis() / 1e3),
                        Spread.digits(setup.warmUpMillis() / 1e3)));
        lines.add("Latencies at "
                + comparison.rates().entrySet().stream()
                        .map(rate -> rate.getValue() + " requests/s (pipeline " + rate.getKey() + ")")
                        .collect(joining(", "))
                + ".");
        subjects.forEach(subject -> lines.add(subject.name() + ": " + subject.version() + "."));
        List<String> names = subjects.stream().map(Running::name).toList();
        return String.join("\n", lines) + "\n\n" + table(comparison.figures(), setup.pipelines(), names);
    }

    /** @param subjects by name, in order; ratios are those to the first that has the metric */
    static String table(Figures figures, List<Integer> pipelines, List<String> subjects) {
        List<List<String>> rows = new ArrayList<>();
        List<String> titles = new ArrayList<>(List.of("pipeline", "through"));
        for (Metric metric : Metric.values()) {
            titles.add(metric.title());
            if (metric.compared()) {
                titles.add("× " + reference(figures, pipelines.get(0), subjects, metric));
            }
        }
        rows.add(titles);
        for (int pipeline : pipelines) {
            for (String subject : subjects) {
                rows.add(row(figures, pipeline, subject, subjects));
            }
        }
        return Markdown.table(rows);
    }

    private static List<String> row(Figures figures, int pipeline, String subject, List<String> subjects) {
        List<String> cells = new ArrayList<>(List.of(Integer.toString(pipeline), subject));
        for (Metric metric : Metric.values()) {
            List<Double> rounds = figures.rounds(pipeline, subject, metric);
            cells.add(rounds.isEmpty() ? NONE : Spread.of(rounds).toString());
            if (metric.compared()) {
                String reference = reference(figures, pipeline, subjects, metric);
                cells.add(
                        rounds.isEmpty() || reference.equals(subject)
                                ? NONE
                                : Spread.ofRatios(rounds, figures.rounds(pipeline, reference, metric))
                                        .toString());
            }
        }
        return cells;
    }

    /** The first subject that has such a thing. */
    private static String reference(Figures figures, int pipeline, List<String> subjects, Metric metric) {
        return subjects.stream()
                .filter(subject -> !figures.rounds(pipeline, subject, metric).isEmpty())
                .findFirst()
                .orElse(NONE);
    }
}
