package io.tidegate.bench.report;

import java.util.Collections;
import java.util.List;
import java.util.StringJoiner;

/** A table that is readable as it stands, too: columns have one width. */
public final class Markdown {
    private Markdown() {}

    /**
     * Lays it out.
     *
     * @param rows equally long, the first has the titles
     */
    public static String table(List<List<String>> rows) {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        StringBuilder table = new StringBuilder();
        for (int i = 0; i < rows.size(); i++) {
            line(table, rows.get(i), widths, ' ');
            if (i == 0) {
                line(table, Collections.nCopies(columns, ""), widths, '-');
            }
        }
        return table.toString();
    }

    private static void line(StringBuilder table, List<String> cells, int[] widths, char filling) {
        StringJoiner line = new StringJoiner(" | ", "| ", " |\n");
        for (int i = 0; i < widths.length; i++) {
            String cell = cells.get(i);
            line.add(cell + String.valueOf(filling).repeat(widths[i] - cell.length()));
        }
        table.append(line);
    }
}
