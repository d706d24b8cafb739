package io.tidegate.proxy.cli.drill;

import java.util.Locale;

/** Numbers for people. */
final class Texts {
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final double MICROS_PER_MILLI = 1_000;
    private static final long TEN_MILLIS = 10_000;

    private Texts() {}

    /** {@code 0.41 ms}, {@code 137 ms}, {@code 1.2 s}. */
    static String millis(long micros) {
        if (micros >= MICROS_PER_SECOND) {
            return String.format(Locale.ROOT, "%.2f s", micros / (double) MICROS_PER_SECOND);
        }
        return String.format(Locale.ROOT, micros >= TEN_MILLIS ? "%.0f ms" : "%.2f ms", micros / MICROS_PER_MILLI);
    }

    /** {@code 12,345}. */
    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** {@code 1 replica}, {@code 2 replicas}. */
    static String count(long number, String what) {
        return count(number) + " " + what + (number == 1 ? "" : "s");
    }
}
