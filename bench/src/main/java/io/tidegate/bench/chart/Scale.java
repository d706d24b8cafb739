package io.tidegate.bench.chart;

import java.util.List;

/**
 * Which value is where on an axis.
 *
 * @param logarithmic whether equal ratios are equally wide, instead of equal differences
 * @param low the least value, which is at {@code from}
 * @param high the greatest, at {@code to}
 */
record Scale(boolean logarithmic, double low, double high, double from, double to) {
    /** Values further apart than this are shown by ratio. */
    private static final double RATIO_MAX_LINEAR = 20;

    private static final int STEPS = 6;

    /** For values from {@code min} to {@code max}: from 0 if that leaves the least of them to be seen. */
    static Scale of(double min, double max, double from, double to) {
        boolean logarithmic = min > 0 && max / min > RATIO_MAX_LINEAR;
        List<Double> ticks = ticks(logarithmic, min, max);
        return new Scale(logarithmic, ticks.get(0), ticks.get(ticks.size() - 1), from, to);
    }

    double at(double value) {
        double part = logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
        return from + part * (to - from);
    }

    /** Round numbers from {@link #low} to {@link #high}. */
    List<Double> ticks() {
        return ticks(logarithmic, low, high);
    }

    private static List<Double> ticks(boolean logarithmic, double min, double max) {
        return logarithmic ? Ticks.logarithmic(min, max) : Ticks.linear(max, STEPS);
    }
}
