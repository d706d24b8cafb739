package io.tidegate.bench.compare;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/** What several rounds gave. */
record Spread(double median, double min, double max) {
    private static final int DIGITS = 3;

    /** @param rounds one at least */
    static Spread of(List<Double> rounds) {
        if (rounds.isEmpty()) {
            throw new IllegalArgumentException("rounds: 0 (expected: > 0)");
        }
        List<Double> sorted = rounds.stream().sorted().toList();
        int upper = sorted.size() / 2;
        int lower = (sorted.size() - 1) / 2;
        return new Spread((sorted.get(lower) + sorted.get(upper)) / 2, sorted.get(0), sorted.get(sorted.size() - 1));
    }

    /** Of the ratios within each round, which is not the ratio of the medians. */
    static Spread ofRatios(List<Double> rounds, List<Double> reference) {
        if (rounds.size() != reference.size()) {
            throw new IllegalArgumentException("rounds: " + rounds.size() + " (expected: " + reference.size() + ")");
        }
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < rounds.size(); i++) {
            ratios.add(rounds.get(i) / reference.get(i));
        }
        return of(ratios);
    }

    /** {@code 7.13 [6.9–8.02]}, or the one value that there is. */
    @Override
    public String toString() {
        return min == max ? digits(median) : digits(median) + " [" + digits(min) + "–" + digits(max) + "]";
    }

    /** Three digits count. */
    static String digits(double value) {
        if (!Double.isFinite(value)) {
            return "–";
        }
        if (value == 0) {
            return "0";
        }
        BigDecimal rounded = new BigDecimal(value).round(new MathContext(DIGITS));
        // What is exact with fewer digits gets zeros behind the point.
        int missing = Math.max(0, DIGITS - rounded.precision());
        return rounded.setScale(rounded.scale() + missing).toPlainString();
    }
}
