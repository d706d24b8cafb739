package io.tidegate.proxy.cli.drill;

import io.tidegate.proxy.cli.drill.Step.Fact;
import io.tidegate.proxy.cli.drill.Step.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** For a terminal: each step as it ends, and the verdict. */
public final class TextReport {
    private static final int NAME_WIDTH = 13;
    private static final String INDENT = " ".repeat(9 + NAME_WIDTH);

    private TextReport() {}

    /** Some lines, the first with the step's name. */
    public static List<String> lines(Step step) {
        List<String> said = new ArrayList<>(step.remarks());
        step.facts().stream().map(Fact::text).filter(text -> !text.isEmpty()).forEach(said::add);
        List<String> lines = new ArrayList<>();
        String first = String.format(
                Locale.ROOT, "%-8s %-" + NAME_WIDTH + "s", step.status().label().toUpperCase(Locale.ROOT), step.name());
        for (String each : said) {
            lines.add((lines.isEmpty() ? first : INDENT) + each);
        }
        if (lines.isEmpty()) {
            lines.add(first.stripTrailing());
        }
        return lines;
    }

    /** The first remark of each step of that status, if there is any. */
    private static String remarks(String before, Report report, Status status) {
        List<String> remarks = report.steps().stream()
                .filter(step -> step.status() == status)
                .map(step -> step.name() + ": " + step.remarks().get(0))
                .toList();
        return remarks.isEmpty() ? "" : before + String.join("; ", remarks);
    }

    /** The last line. */
    public static String verdict(Report report) {
        return switch (report.verdict()) {
            case PASSED -> "passed: all was within the limits" + remarks("; to be looked at: ", report, Status.WARNED);
            case FAILED -> "failed: " + remarks("", report, Status.FAILED);
            case NOT_DRILLED -> "not drilled: nothing was written and nothing broken; --yes-inject-faults allows it";
            case INTERRUPTED -> "interrupted";
        };
    }
}
