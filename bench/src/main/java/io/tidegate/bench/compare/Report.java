package io.tidegate.bench.compare;

import static java.util.stream.Collectors.joining;

import io.tidegate.bench.compare.Metric.Relation;
import io.tidegate.bench.load.Traffic;
import io.tidegate.bench.report.Markdown;
import io.tidegate.bench.report.Spread;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Two tables in Markdown, what was measured and how it compares, under the conditions it was measured in. */
final class Report {
    private static final String NONE = "–";

    private final Results results;
    private final Figures figures;
    private final List<Traffic> cases;
    private final List<String> subjects;
    private final List<Axis> axes;

    Report(Results results) {
        this.results = results;
        figures = Figures.of(results.figures());
        cases = results.setup().cases();
        subjects = results.subjects();
        Set<Axis> shown = new LinkedHashSet<>(Axis.varying(cases));
        axes = shown.isEmpty() ? List.of(Axis.PIPELINE) : List.copyOf(shown);
    }

    /** @param references those of the subjects with which the others are compared */
    String text(List<String> references) {
        String text = conditions() + "\n\n" + table();
        String comparison = comparison(references);
        return comparison.isEmpty() ? text : text + "\n" + comparison;
    }

    private String conditions() {
        Setup setup = results.setup();
        List<String> lines = new ArrayList<>();
        lines.add(results.machine() + "; " + results.cpus() + ".");
        lines.add("%s; %d rounds of %s s each, after %s s to warm up."
                .formatted(
                        traffic(cases),
                        setup.rounds(),
                        Spread.digits(setup.measureMillis() / 1e3),
                        Spread.digits(setup.warmUpMillis() / 1e3)));
        if (!results.rates().isEmpty()) {
            lines.add("Latencies at "
                    + results.rates().stream()
                            .map(rate -> rate.rate() + " requests/s (" + place(rate.traffic()) + ")")
                            .collect(joining(", "))
                    + ".");
        }
        results.versions().forEach(version -> lines.add(version.subject() + ": " + version.version() + "."));
        return String.join("\n", lines);
    }

    /** What these have in common: {@code 50 connections, pipeline 1, values of 16 B, 0 % SET}. */
    static String traffic(List<Traffic> cases) {
        List<Axis> varying = Axis.varying(cases);
        Traffic any = cases.get(0);
        return Stream.of(
                        varying.contains(Axis.CONNECTIONS)
                                ? ""
                                : any.connections() + (any.connections() == 1 ? " connection" : " connections"),
                        varying.contains(Axis.PIPELINE) ? "" : "pipeline " + any.pipeline(),
                        varying.contains(Axis.VALUE_BYTES) ? "" : "values of " + Axis.VALUE_BYTES.text(any),
                        varying.contains(Axis.SET_PERCENT) ? "" : any.setPercent() + " % SET")
                .filter(text -> !text.isEmpty())
                .collect(joining(", "));
    }

    String table() {
        List<Metric> metrics = Stream.of(Metric.values())
                .filter(metric ->
                        results.figures().stream().map(Figures.Line::metric).anyMatch(metric::equals))
                .toList();
        List<List<String>> rows = new ArrayList<>();
        rows.add(row(
                axes.stream().map(Axis::title).toList(),
                "through",
                metrics.stream().map(Metric::title).toList()));
        for (Traffic traffic : cases) {
            for (String subject : subjects) {
                rows.add(row(
                        place(traffic, axes),
                        subject,
                        metrics.stream()
                                .map(metric -> figures.rounds(traffic, subject, metric))
                                .map(rounds -> rounds.isEmpty()
                                        ? NONE
                                        : Spread.of(rounds).toString())
                                .toList()));
            }
        }
        return Markdown.table(rows);
    }

    /** Each subject against each reference, round by round; empty if there is none that has anything in common. */
    String comparison(List<String> references) {
        List<Column> columns = columns(references);
        if (columns.isEmpty()) {
            return "";
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(row(
                axes.stream().map(Axis::title).toList(),
                "through",
                columns.stream().map(Column::title).toList()));
        for (Traffic traffic : cases) {
            for (String subject : subjects) {
                List<String> cells = columns.stream()
                        .map(column -> cell(traffic, subject, column))
                        .toList();
                if (!cells.stream().allMatch(NONE::equals)) {
                    rows.add(row(place(traffic, axes), subject, cells));
                }
            }
        }
        return Markdown.table(rows);
    }

    /** @param reference with whose values this metric's are compared */
    private record Column(Metric metric, String reference) {
        String title() {
            return metric.title() + " " + metric.relation().sign() + " " + reference;
        }
    }

    private List<Column> columns(List<String> references) {
        return references.stream()
                .filter(subjects::contains)
                .flatMap(reference -> Stream.of(Metric.values())
                        .filter(metric -> metric.relation() != Relation.NONE)
                        .map(metric -> new Column(metric, reference)))
                .filter(column -> cases.stream()
                        .anyMatch(traffic -> subjects.stream()
                                .anyMatch(subject ->
                                        !cell(traffic, subject, column).equals(NONE))))
                .toList();
    }

    private String cell(Traffic traffic, String subject, Column column) {
        List<Double> rounds = figures.rounds(traffic, subject, column.metric());
        List<Double> reference = figures.rounds(traffic, column.reference(), column.metric());
        if (rounds.isEmpty() || reference.isEmpty() || subject.equals(column.reference())) {
            return NONE;
        }
        return (column.metric().relation() == Relation.RATIO
                        ? Spread.ofRatios(rounds, reference)
                        : Spread.ofDifferences(rounds, reference))
                .toString();
    }

    private String place(Traffic traffic) {
        return axes.stream()
                .map(axis -> axis.title() + " " + axis.text(traffic))
                .collect(joining(", "));
    }

    private static List<String> place(Traffic traffic, List<Axis> axes) {
        return axes.stream().map(axis -> axis.text(traffic)).toList();
    }

    private static List<String> row(List<String> place, String subject, List<String> cells) {
        List<String> row = new ArrayList<>(place);
        row.add(subject);
        row.addAll(cells);
        return row;
    }
}
