package io.tidegate.bench.chart;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/** Round numbers that an axis is divided by: 1, 2 or 5 times a power of ten. */
final class Ticks {
    private static final int[] ROUND = {1, 2, 5};

    /** More decades than this have a tick each, fewer also have those between. */
    private static final int DECADES_FINE = 3;

    private Ticks() {}

    /** From 0 to {@code max} or a little more, in about so many steps. */
    static List<Double> linear(double max, int steps) {
        double step = roundFrom(max / steps);
        List<Double> ticks = new ArrayList<>();
        for (int i = 0; ticks.isEmpty() || ticks.get(ticks.size() - 1) < max; i++) {
            ticks.add(exact(i * step));
        }
        return ticks;
    }

    /** From {@code min}, which is more than 0, or a little less, to {@code max} or a little more. */
    static List<Double> logarithmic(double min, double max) {
        List<Double> ticks = new ArrayList<>();
        int first = (int) Math.floor(Math.log10(min));
        int last = (int) Math.ceil(Math.log10(max));
        for (int exponent = first; exponent <= last; exponent++) {
            for (int digit : last - first > DECADES_FINE ? new int[] {1} : ROUND) {
                ticks.add(exact(digit * Math.pow(10, exponent)));
            }
        }
        while (ticks.size() > 2 && ticks.get(1) <= min) {
            ticks.remove(0);
        }
        while (ticks.size() > 2 && ticks.get(ticks.size() - 2) >= max) {
            ticks.remove(ticks.size() - 1);
        }
        return ticks;
    }

    /** {@code 1,500} and {@code 0.2}. */
    static String text(double tick) {
        String plain = new BigDecimal(tick)
                .setScale(6, RoundingMode.HALF_UP)
                .stripTrailingZeros()
                .toPlainString();
        int point = plain.indexOf('.');
        String whole = point < 0 ? plain : plain.substring(0, point);
        return whole.replaceAll("(?<=\\d)(?=(\\d{3})+$)", ",") + (point < 0 ? "" : plain.substring(point));
    }

    /** The least round number that is not less. */
    private static double roundFrom(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        for (int digit : ROUND) {
            if (exact(digit * power) >= value) {
                return digit * power;
            }
        }
        return 10 * power;
    }

    /** Without what binary fractions add behind the twelfth digit. */
    private static double exact(double value) {
        return value == 0 ? 0 : new BigDecimal(value).round(new MathContext(12)).doubleValue();
    }
}
