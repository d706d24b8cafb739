package io.tidegate.proxy.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A counter for each constant of an enum: one thread adds, any thread reads.
 *
 * <p>With one writer no increment can get lost, so it is a plain read, an add and an opaque write: no fence, no lock
 * prefix. Opaque gives a reader whole longs that never go back and that follow the writer within the time a store buffer
 * takes to drain; it does not order one counter against another.
 *
 * @param <E> what is counted
 */
final class EnumCounters<E extends Enum<E>> {
    /** Longs in front of and behind the counters: two cache lines, so that no two loops write to the same one. */
    private static final int PADDING = 16;

    /**
     * Off only to measure what counting costs ({@code -Dtidegate.uncounted=true}): every counter stays 0 then. A constant,
     * so that the compiler leaves out what depends on it.
     */
    static final boolean COUNTING = !Boolean.getBoolean("tidegate.uncounted");

    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] padded;

    EnumCounters(Class<E> counted) {
        padded = new long[PADDING + counted.getEnumConstants().length + PADDING];
    }

    /** Only on the writer's thread. */
    void add(E counter, long more) {
        if (COUNTING) {
            int index = index(counter);
            ELEMENT.setOpaque(padded, index, padded[index] + more);
        }
    }

    long get(E counter) {
        return (long) ELEMENT.getOpaque(padded, index(counter));
    }

    // An array by ordinal is the point of this class: an EnumMap would box each value. Nothing keeps an ordinal.
    @SuppressWarnings("EnumOrdinal")
    private static int index(Enum<?> counter) {
        return PADDING + counter.ordinal();
    }
}
