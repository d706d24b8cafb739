package io.tidegate.routing.sim;

import java.util.PriorityQueue;

/** Virtual time: what happens next, and nothing in between. Events of one instant happen in the order they were put. */
final class EventQueue {
    static final long MILLIS = 1_000_000L;
    static final long SECONDS = 1_000_000_000L;

    private final PriorityQueue<Scheduled> events = new PriorityQueue<>();

    // Instants of this project start above zero.
    private long nowNanos = SECONDS;
    private long sequence;

    private record Scheduled(long atNanos, long sequence, Runnable what) implements Comparable<Scheduled> {
        @Override
        public int compareTo(Scheduled other) {
            return atNanos != other.atNanos
                    ? Long.compare(atNanos, other.atNanos)
                    : Long.compare(sequence, other.sequence);
        }
    }

    long nowNanos() {
        return nowNanos;
    }

    void at(long atNanos, Runnable what) {
        events.add(new Scheduled(Math.max(atNanos, nowNanos), sequence++, what));
    }

    void after(long delayNanos, Runnable what) {
        at(nowNanos + delayNanos, what);
    }

    /** Lets the next event happen; false if there is none before {@code endNanos}. */
    boolean step(long endNanos) {
        Scheduled next = events.peek();
        if (next == null || next.atNanos() >= endNanos) {
            nowNanos = Math.max(nowNanos, endNanos);
            return false;
        }
        events.remove();
        nowNanos = next.atNanos();
        next.what().run();
        return true;
    }
}
