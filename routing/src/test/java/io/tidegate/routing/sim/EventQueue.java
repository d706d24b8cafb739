package io.tidegate.routing.sim;

import java.util.Arrays;

/**
 * Virtual time: what happens next, and nothing in between. Events of one instant happen in the order they were put. The heap
 * is of its own, since {@code PriorityQueue} and its entries would take a tenth of a run.
 */
final class EventQueue {
    static final long MILLIS = 1_000_000L;
    static final long SECONDS = 1_000_000_000L;

    // A binary heap of instants; beside each the slot of what is to happen then, which stays where it is, and of its
    // number.
    private long[] instants = new long[256];
    private int[] slots = new int[256];
    private Runnable[] whats = new Runnable[256];
    private long[] numbers = new long[256];

    // Behind the heap are the slots that nothing is in.
    private int size;

    // Instants of this project start above zero.
    private long nowNanos = SECONDS;
    private long sequence;

    EventQueue() {
        freeFrom(0);
    }

    long nowNanos() {
        return nowNanos;
    }

    void at(long atNanos, Runnable what) {
        if (size == slots.length) {
            grow();
        }
        long instant = Math.max(atNanos, nowNanos);
        int slot = slots[size];
        whats[slot] = what;
        numbers[slot] = sequence++;
        int place = size++;
        while (place > 0) {
            int parent = (place - 1) >>> 1;
            if (instants[parent] <= instant) {
                break; // of one instant, the one that was put earlier stays ahead
            }
            put(place, instants[parent], slots[parent]);
            place = parent;
        }
        put(place, instant, slot);
    }

    private void grow() {
        instants = Arrays.copyOf(instants, 2 * size);
        slots = Arrays.copyOf(slots, 2 * size);
        whats = Arrays.copyOf(whats, 2 * size);
        numbers = Arrays.copyOf(numbers, 2 * size);
        freeFrom(size);
    }

    private void freeFrom(int first) {
        for (int slot = first; slot < slots.length; slot++) {
            slots[slot] = slot;
        }
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
        int slot = slots[0];
        Runnable next = whats[slot];
        whats[slot] = EventQueue::nothing;
        removeFirst();
        slots[size] = slot;
        next.run();
        return true;
    }

    private static void nothing() {}

    /** The last of the heap goes where it belongs, from the first place down. */
    private void removeFirst() {
        int last = --size;
        long instant = instants[last];
        int slot = slots[last];
        int place = 0;
        for (int child = 1; child < last; child = 2 * place + 1) {
            if (child + 1 < last && before(instants[child + 1], slots[child + 1], instants[child], slots[child])) {
                child++;
            }
            if (before(instant, slot, instants[child], slots[child])) {
                break;
            }
            put(place, instants[child], slots[child]);
            place = child;
        }
        put(place, instant, slot);
    }

    private boolean before(long instant, int slot, long otherInstant, int otherSlot) {
        return instant != otherInstant ? instant < otherInstant : numbers[slot] < numbers[otherSlot];
    }

    private void put(int place, long instant, int slot) {
        instants[place] = instant;
        slots[place] = slot;
    }
}
