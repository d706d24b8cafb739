package io.tidegate.routing.sim;

import java.util.Arrays;

/**
 * Virtual time: what happens next, and nothing in between. Events of one instant happen in the order they were put. The heap
 * is of its own, since {@code PriorityQueue} and its entries would take a tenth of a run.
 */
final class EventQueue {
    static final long MILLIS = 1_000_000L;
    static final long SECONDS = 1_000_000_000L;

    // A binary heap of what is to happen; its instant and its number beside it.
    private Runnable[] whats = new Runnable[256];
    private long[] instants = new long[256];
    private long[] numbers = new long[256];
    private int size;

    // Instants of this project start above zero.
    private long nowNanos = SECONDS;
    private long sequence;

    long nowNanos() {
        return nowNanos;
    }

    void at(long atNanos, Runnable what) {
        if (size == whats.length) {
            whats = Arrays.copyOf(whats, 2 * size);
            instants = Arrays.copyOf(instants, 2 * size);
            numbers = Arrays.copyOf(numbers, 2 * size);
        }
        long instant = Math.max(atNanos, nowNanos);
        int place = size++;
        while (place > 0) {
            int parent = (place - 1) >>> 1;
            if (instants[parent] <= instant) {
                break; // of one instant, the one that was put earlier stays ahead
            }
            move(parent, place);
            place = parent;
        }
        put(place, instant, sequence++, what);
    }

    void after(long delayNanos, Runnable what) {
        at(nowNanos + delayNanos, what);
    }

    /** Lets the next event happen; false if there is none before {@code endNanos}. */
    boolean step(long endNanos) {
        if (size == 0 || instants[0] >= endNanos) {
            nowNanos = Math.max(nowNanos, endNanos);
            return false;
        }
        nowNanos = instants[0];
        Runnable next = whats[0];
        removeFirst();
        next.run();
        return true;
    }

    private void removeFirst() {
        int last = --size;
        int place = 0;
        for (int child = 1; child < last; child = 2 * place + 1) {
            if (child + 1 < last && before(child + 1, child)) {
                child++;
            }
            if (before(last, child)) {
                break;
            }
            move(child, place);
            place = child;
        }
        move(last, place);
        whats[last] = EventQueue::nothing;
    }

    private static void nothing() {}

    private boolean before(int one, int other) {
        return instants[one] != instants[other] ? instants[one] < instants[other] : numbers[one] < numbers[other];
    }

    private void move(int from, int to) {
        put(to, instants[from], numbers[from], whats[from]);
    }

    private void put(int place, long instant, long number, Runnable what) {
        instants[place] = instant;
        numbers[place] = number;
        whats[place] = what;
    }
}
