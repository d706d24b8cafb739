package io.tidegate.bench.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;

/** What several rounds gave. */
public record Spread(double median, double min, double max) {
    private static final int DIGITS = 3;

    /**
     * Of these.
     *
     * @param rounds one at least
     */
    public static Spread of(List<Double> rounds) {
        if (rounds.isEmpty()) {
            throw new IllegalArgumentException("rounds: 0 (expected: > 0)");
        }
        List<Double> sorted = rounds.stream().sorted().toList();
        int upper = sorted.size() / 2;
        int lower = (sorted.size() - 1) / 2;
        return new Spread((sorted.get(lower) + sorted.get(upper)) / 2, sorted.get(0), sorted.get(sorted.size() - 1));
    }

    /** Of the ratios within each round, which is not the ratio of the medians. */
    public static Spread ofRatios(List<Double> rounds, List<Double> reference) {
        return of(rounds, reference, (value, against) -> value / against);
    }

    /** Of the differences within each round. */
    public static Spread ofDifferences(List<Double> rounds, List<Double> reference) {
        return of(rounds, reference, (value, against) -> value - against);
    }

    private static Spread of(List<Double> rounds, List<Double> reference, DoubleBinaryOperator relation) {
        if (rounds.size() != reference.size()) {
            throw new IllegalArgumentException("rounds: " + rounds.size() + " (expected: " + reference.size() + ")");
        }
        List<Double> relations = new ArrayList<>();
        for (int i = 0; i < rounds.size(); i++) {
            relations.add(relation.applyAsDouble(rounds.get(i), reference.get(i)));
        }
        return of(relations);
    }

    /** {@code 7.13 [6.9–8.02]}, or the one value that there is. */
    @Override
    public String toString() {
        return min == max ? digits(median) : digits(median) + " [" + digits(min) + "–" + digits(max) + "]";
    }

    /** The same of what is counted: every digit counts. */
    public String whole() {
        return min == max ? whole(median) : whole(median) + " [" + whole(min) + "–" + whole(max) + "]";
    }

    /** Between two counts a median may lie halfway. */
    private static String whole(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    /** Three digits count. */
    public static String digits(double value) {
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
