package io.tidegate.bench.alone;

import io.tidegate.bench.report.Markdown;
import io.tidegate.bench.report.Spread;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Values of several rounds by row and column, both in the order in which they came. */
final class Table {
    private static final String NONE = "–";

    private final String corner;
    private final Map<String, Map<String, List<Double>>> rows = new LinkedHashMap<>();
    private final List<String> columns = new ArrayList<>();

    /** @param corner the title of the first column, which names the rows */
    Table(String corner) {
        this.corner = corner;
    }

    /** Adds the next round's. */
    void add(String row, String column, double value) {
        if (!columns.contains(column)) {
            columns.add(column);
        }
        rows.computeIfAbsent(row, name -> new LinkedHashMap<>())
                .computeIfAbsent(column, name -> new ArrayList<>())
                .add(value);
    }

    /** Adds a column that sets each of these rows against another, round by round. */
    void addRatio(List<String> of, String against, String column, String title) {
        List<Double> reference = rounds(against, column);
        for (String row : of) {
            List<Double> rounds = rounds(row, column);
            for (int i = 0; i < Math.min(rounds.size(), reference.size()); i++) {
                add(row, title, rounds.get(i) / reference.get(i));
            }
        }
    }

    List<Double> rounds(String row, String column) {
        return rows.getOrDefault(row, Map.of()).getOrDefault(column, List.of());
    }

    /** In Markdown, with medians, the least and the most. */
    String text() {
        List<List<String>> lines = new ArrayList<>();
        lines.add(Stream.concat(Stream.of(corner), columns.stream()).toList());
        for (String row : rows.keySet()) {
            Stream<String> cells = columns.stream().map(column -> {
                List<Double> rounds = Objects.requireNonNull(rows.get(row)).getOrDefault(column, List.of());
                return rounds.isEmpty() ? NONE : Spread.of(rounds).toString();
            });
            lines.add(Stream.concat(Stream.of(row), cells).toList());
        }
        return Markdown.table(lines);
    }
}
