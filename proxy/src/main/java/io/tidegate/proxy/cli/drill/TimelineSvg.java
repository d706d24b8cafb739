package io.tidegate.proxy.cli.drill;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The timeline as a picture in a page, whose style sheet has the colours. Seconds count from the fault. */
final class TimelineSvg {
    private static final int WIDTH = 960;
    private static final int HEIGHT = 240;
    private static final int LEFT = 46;
    private static final int RIGHT = WIDTH - 12;
    private static final int TOP = 28;
    private static final int BOTTOM = HEIGHT - 32;
    private static final double MICROS_PER_SECOND = 1e6;
    private static final int[] STEPS = {1, 2, 5, 10, 20, 30, 60, 120, 300, 600};
    private static final int TICKS_MAX = 16;

    private final Timeline times;
    private final int highest;
    private final StringBuilder svg = new StringBuilder();

    private TimelineSvg(Timeline times) {
        this.times = times;
        int most = 1;
        for (int i = 0; i < times.acknowledged().size(); i++) {
            most = Math.max(most, height(i));
        }
        this.highest = most;
    }

    static String of(Timeline times) {
        return new TimelineSvg(times).draw();
    }

    private String draw() {
        add(
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Writes acknowledged per %d ms; the fault is at second 0,"
                        + " and nobody was acknowledged anything for %s\">",
                WIDTH, HEIGHT, Timeline.BIN_MICROS / 1_000, Texts.millis(times.rtoMicros()));
        double outage = x(times.outageMicros());
        double back = x(times.outageMicros() + times.rtoMicros());
        add(
                "<rect class=\"outage\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>",
                outage, TOP, Math.max(1, back - outage), BOTTOM - TOP);
        bars();
        axes();
        double fault = x(times.faultMicros());
        add("<path class=\"fault\" d=\"M%.1f %dV%d\"/>", fault, TOP - 8, BOTTOM);
        add("<text class=\"told\" x=\"%.1f\" y=\"%d\" text-anchor=\"end\">fault</text>", fault - 5, TOP - 10);
        add(
                "<text class=\"told\" x=\"%.1f\" y=\"%d\">nobody served for %s</text>",
                Math.min(Math.max(outage, fault + 5), RIGHT - 190.0), TOP - 10, Texts.millis(times.rtoMicros()));
        svg.append("</svg>\n");
        return svg.toString();
    }

    /** Of one kind upon the other. */
    private void bars() {
        List<List<Integer>> below = new ArrayList<>();
        kind("acknowledged", times.acknowledged(), below);
        kind("uncertain", times.uncertain(), below);
        kind("failed", times.failed(), below);
    }

    private void kind(String name, List<Integer> counts, List<List<Integer>> below) {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < counts.size(); i++) {
            int bin = i;
            if (counts.get(i) > 0) {
                int under = below.stream().mapToInt(each -> each.get(bin)).sum();
                long from = times.beginMicros() + i * Timeline.BIN_MICROS;
                path.append(String.format(
                        Locale.ROOT,
                        "M%.1f %.1fH%.1fV%.1fH%.1fz",
                        x(from),
                        y(under),
                        x(Math.min(times.endMicros(), from + Timeline.BIN_MICROS)),
                        y(under + counts.get(i)),
                        x(from)));
            }
        }
        add("<path class=\"%s\" d=\"%s\"/>", name, path);
        below.add(counts);
    }

    private void axes() {
        add("<path class=\"axis\" d=\"M%d %dH%d\"/>", LEFT, BOTTOM, RIGHT);
        add("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%d</text>", LEFT - 8, TOP + 4, highest);
        add("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">0</text>", LEFT - 8, BOTTOM + 4);
        double first = (times.beginMicros() - times.faultMicros()) / MICROS_PER_SECOND;
        double last = (times.endMicros() - times.faultMicros()) / MICROS_PER_SECOND;
        int step = STEPS[STEPS.length - 1];
        for (int i = STEPS.length - 1; i >= 0 && (last - first) / STEPS[i] <= TICKS_MAX; i--) {
            step = STEPS[i];
        }
        for (int second = (int) Math.ceil(first / step) * step; second <= last; second += step) {
            double x = x(times.faultMicros() + (long) (second * MICROS_PER_SECOND));
            add("<path class=\"axis\" d=\"M%.1f %dv5\"/>", x, BOTTOM);
            add("<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d s</text>", x, BOTTOM + 20, second);
        }
    }

    private int height(int bin) {
        return times.acknowledged().get(bin)
                + times.failed().get(bin)
                + times.uncertain().get(bin);
    }

    private double x(long micros) {
        double part = (micros - times.beginMicros()) / (double) Math.max(1, times.endMicros() - times.beginMicros());
        return LEFT + part * (RIGHT - LEFT);
    }

    private double y(int count) {
        return BOTTOM - count / (double) highest * (BOTTOM - TOP);
    }

    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
