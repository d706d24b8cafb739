package io.tidegate.proxy.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;

/**
 * Several histograms of durations with the same bounds: one thread adds, any thread reads, as in {@link EnumCounters}. A
 * reader may see a duration counted and not yet summed. Nothing is allocated after the beginning.
 */
final class Histograms {
    /** Upper bounds, inclusive; there is one more bucket, without end. */
    static final long[] BOUNDS_MICROS = {
        50,
        100,
        250,
        500,
        1_000,
        2_500,
        5_000,
        10_000,
        25_000,
        50_000,
        100_000,
        250_000,
        500_000,
        1_000_000,
        2_500_000,
        5_000_000,
        10_000_000
    };

    static final int BUCKETS = BOUNDS_MICROS.length + 1;

    private static final long[] BOUNDS_NANOS = nanos();

    /** The buckets of a histogram, and behind them the sum of its durations. */
    private static final int WIDTH = BUCKETS + 1;

    /** Longs in front of and behind: two cache lines, so that no two loops write to the same one. */
    private static final int PADDING = 16;

    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] padded;

    Histograms(int count) {
        padded = new long[PADDING + count * WIDTH + PADDING];
    }

    /** Only on the writer's thread: {@code count} times {@code nanos}, which counts as 0 if it is less. */
    void add(int histogram, long nanos, long count) {
        int bucket = 0;
        while (bucket < BOUNDS_NANOS.length && nanos > BOUNDS_NANOS[bucket]) {
            bucket++;
        }
        int first = PADDING + histogram * WIDTH;
        add(first + bucket, count);
        add(first + BUCKETS, Math.max(0, nanos) * count);
    }

    private void add(int index, long more) {
        ELEMENT.setOpaque(padded, index, padded[index] + more);
    }

    /** How often a duration fell into this bucket and no earlier one. */
    long count(int histogram, int bucket) {
        return (long) ELEMENT.getOpaque(padded, PADDING + histogram * WIDTH + bucket);
    }

    long sumNanos(int histogram) {
        return (long) ELEMENT.getOpaque(padded, PADDING + histogram * WIDTH + BUCKETS);
    }

    private static long[] nanos() {
        long[] nanos = new long[BOUNDS_MICROS.length];
        for (int i = 0; i < nanos.length; i++) {
            nanos[i] = TimeUnit.MICROSECONDS.toNanos(BOUNDS_MICROS[i]);
        }
        return nanos;
    }
}
