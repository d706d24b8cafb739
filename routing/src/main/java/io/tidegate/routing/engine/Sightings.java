package io.tidegate.routing.engine;

import io.tidegate.routing.Instants;

/**
 * How far one process had come in its history, and by when: what is executed after the reading of an answer lies beyond
 * the offset that it gave. Unlike the samples of {@link History} these need no evidence: that somebody may have replaced
 * the process meanwhile takes nothing from where it stood.
 *
 * <p>Invariant: instants do not fall and offsets grow strictly from one to the next. The number is bounded; thinning drops
 * inner ones, which can make an instant later than it need be, never earlier.
 */
final class Sightings {
    private final long[] instants = new long[Limits.SIGHTINGS_MAX];
    private final long[] offsets = new long[Limits.SIGHTINGS_MAX];
    private int size;

    /** An answer read at {@code readNanos} gave {@code offset}; neither ever falls. */
    void add(long readNanos, long offset) {
        if (size > 0 && offset <= offsets[size - 1]) {
            return; // it had come so far before
        }
        if (size == Limits.SIGHTINGS_MAX) {
            thin();
        }
        instants[size] = readNanos;
        offsets[size] = offset;
        size++;
    }

    /** The earliest known instant by which it had come to {@code offset}; {@link Instants#FOREVER} if it is not known to have. */
    long reached(long offset) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (offsets[middle] < offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == size ? Instants.FOREVER : instants[low];
    }

    /** Keeps every second one of the older half: a fork lies close to the end. */
    private void thin() {
        int half = size / 2;
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (i >= half || i % 2 == 0) {
                instants[kept] = instants[i];
                offsets[kept] = offsets[i];
                kept++;
            }
        }
        size = kept;
    }
}
