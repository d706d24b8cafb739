package io.tidegate.bench.drill;

import io.tidegate.bench.drill.Results.Line;
import io.tidegate.bench.report.Markdown;
import io.tidegate.bench.report.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** One table in Markdown, a row for each fault and subject, below the conditions it was made under. */
final class Report {
    private final Results results;

    Report(Results results) {
        this.results = results;
    }

    String text() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(Stream.of(
                        Stream.of("fault", "subject", "takeovers"),
                        Stream.of(Metric.values()).map(Metric::title),
                        Stream.of("came first"))
                .flatMap(titles -> titles)
                .toList());
        for (Fault fault : Fault.values()) {
            for (Results.Version version : results.versions()) {
                List<Line> lines = lines(fault, version.subject());
                if (!lines.isEmpty()) {
                    rows.add(row(fault, version.subject(), lines));
                }
            }
        }
        return conditions() + "\n\n" + Markdown.table(rows);
    }

    private String conditions() {
        Setup setup = results.setup();
        List<String> lines = new ArrayList<>();
        lines.add(results.machine() + ".");
        lines.add("%d connections each, %d writes/s %s; %d rounds."
                .formatted(
                        setup.connections(),
                        setup.rate(),
                        setup.apart() ? "each, one subject at a time" : "all together, side by side",
                        setup.rounds()));
        results.lines().stream()
                .filter(line -> line.takeovers() > 1)
                .map(line -> "%s, round %d: %d takeovers, one after the other; %s is judged by the last."
                        .formatted(line.fault(), line.round(), line.takeovers(), line.subject()))
                .forEach(lines::add);
        results.versions().forEach(version -> lines.add(version.subject() + ": " + version.version() + "."));
        return String.join("\n", lines);
    }

    private List<String> row(Fault fault, String subject, List<Line> lines) {
        String takeovers = Spread.of(
                        lines.stream().map(line -> (double) line.takeovers()).toList())
                .whole();
        List<String> row = new ArrayList<>(List.of(fault.toString(), subject, takeovers));
        for (Metric metric : Metric.values()) {
            row.add(metric.text(Spread.of(
                    lines.stream().map(line -> metric.of(line.verdict())).toList())));
        }
        long first = lines.stream().filter(this::cameFirst).count();
        row.add(first + " of " + lines.size());
        return row;
    }

    /** Whether no other had a write acknowledged earlier after the takeover of the same round. */
    private boolean cameFirst(Line line) {
        return line.verdict().resumed()
                && results.lines().stream()
                        .filter(other -> other.fault() == line.fault() && other.round() == line.round())
                        .noneMatch(other -> other.verdict().firstAfterMicros()
                                < line.verdict().firstAfterMicros());
    }

    private List<Line> lines(Fault fault, String subject) {
        return results.lines().stream()
                .filter(line -> line.fault() == fault && line.subject().equals(subject))
                .toList();
    }
}
