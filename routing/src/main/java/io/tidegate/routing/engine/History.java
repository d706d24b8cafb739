package io.tidegate.routing.engine;

import io.tidegate.routing.Instants;

/**
 * One replication history of one primary process, as samples: at the instant before the query was written everything
 * that the primary had executed lay at or below the offset that the answer gave. Hence a replica of this history that
 * has applied at least that offset holds everything executed before that instant.
 *
 * <p>A sample is <em>pending</em> until evidence reaches the instant at which it was read: only then was it provably
 * taken from a primary that nobody had replaced, and as-of cannot advance on a dead branch.
 *
 * <p>Invariant: among the proven samples, instants and offsets both grow strictly from one to the next. The number of
 * samples is bounded; thinning drops inner ones, which can make an as-of older than it need be, never newer.
 */
final class History {
    private final String runId;
    private final String id;

    private final long[] instants = new long[Limits.SAMPLES_MAX];
    private final long[] offsets = new long[Limits.SAMPLES_MAX];
    private int size;

    private final long[] pendingWritten = new long[Limits.PENDING_SAMPLES_MAX];
    private final long[] pendingRead = new long[Limits.PENDING_SAMPLES_MAX];
    private final long[] pendingOffsets = new long[Limits.PENDING_SAMPLES_MAX];
    private int pendingHead;
    private int pendingSize;

    private final Sightings sightings = new Sightings();
    private long lastOffset = -1;

    /**
     * An empty history.
     *
     * @param runId the primary's process
     * @param id its {@code master_replid}
     */
    History(String runId, String id) {
        this.runId = runId;
        this.id = id;
    }

    String runId() {
        return runId;
    }

    String id() {
        return id;
    }

    /** The largest offset seen, proven or not; -1 before the first sample. */
    long lastOffset() {
        return lastOffset;
    }

    /**
     * The earliest known instant by which the process had come to {@code offset}, whether or not it was replaced by then:
     * what it was sent since lies beyond. {@link Instants#FOREVER} if it is not known to have come so far.
     */
    long reached(long offset) {
        return sightings.reached(offset);
    }

    /** The primary is known to have come this far, but not when. */
    void seen(long offset) {
        lastOffset = Math.max(lastOffset, offset);
    }

    /**
     * Notes an answer of the primary.
     *
     * @return false if the offset went back, which no primary does within one history: the caller must void it
     */
    boolean sample(long writtenNanos, long readNanos, long offset) {
        if (offset < lastOffset) {
            return false;
        }
        lastOffset = offset;
        sightings.add(readNanos, offset);
        if (pendingSize == Limits.PENDING_SAMPLES_MAX) {
            thinPending();
        }
        int slot = pendingSlot(pendingSize);
        pendingWritten[slot] = writtenNanos;
        pendingRead[slot] = readNanos;
        pendingOffsets[slot] = offset;
        pendingSize++;
        return true;
    }

    /** Takes the pending samples whose reading is covered by evidence. */
    void prove(long evidenceNanos) {
        while (pendingSize > 0 && pendingRead[pendingHead] <= evidenceNanos) {
            append(pendingWritten[pendingHead], pendingOffsets[pendingHead]);
            dropOldestPending();
        }
    }

    /** True if samples wait for evidence. */
    boolean waits() {
        return pendingSize > 0;
    }

    /** The latest instant before which everything executed lies at or below {@code appliedOffset}. */
    long asOf(long appliedOffset) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (offsets[middle] <= appliedOffset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == 0 ? Instants.UNKNOWN : instants[low - 1];
    }

    /**
     * The latest instant before which everything the primary executed lies at or below {@code offset}, whether or not it was
     * replaced by then: what a successor has that shares its history so far.
     */
    long sharedUntil(long offset) {
        long nanos = asOf(offset);
        for (int i = 0; i < pendingSize; i++) {
            int slot = pendingSlot(i);
            if (pendingOffsets[slot] <= offset) {
                nanos = Math.max(nanos, pendingWritten[slot]);
            }
        }
        return nanos;
    }

    private void append(long writtenNanos, long offset) {
        if (size > 0 && writtenNanos <= instants[size - 1]) {
            return;
        }
        if (size > 0 && offset == offsets[size - 1]) {
            instants[size - 1] = writtenNanos;
            return;
        }
        if (size == Limits.SAMPLES_MAX) {
            thin();
        }
        instants[size] = writtenNanos;
        offsets[size] = offset;
        size++;
    }

    /** Keeps every second sample of the older half: replicas far behind need less resolution than those close by. */
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

    private int pendingSlot(int index) {
        return (pendingHead + index) % Limits.PENDING_SAMPLES_MAX;
    }

    /**
     * Makes room without losing the oldest: while no evidence comes it may be them that a failover is judged by. Of
     * neighbours with one offset the first is the soonest proven, and the last reaches furthest; those between say nothing
     * more in the end. If that is not enough, every second of the older half goes.
     */
    private void thinPending() {
        int kept = 0;
        for (int i = 0; i < pendingSize; i++) {
            long offset = pendingOffsets[pendingSlot(i)];
            boolean inner = i > 0
                    && i < pendingSize - 1
                    && offset == pendingOffsets[pendingSlot(i - 1)]
                    && offset == pendingOffsets[pendingSlot(i + 1)];
            if (!inner) {
                movePending(i, kept++);
            }
        }
        int left = kept;
        int half = left > Limits.PENDING_SAMPLES_MAX / 4 * 3 ? left / 2 : 0;
        kept = 0;
        for (int i = 0; i < left; i++) {
            if (i >= half || i % 2 == 0) {
                movePending(i, kept++);
            }
        }
        pendingSize = kept;
    }

    /** To a place that is not behind its own. */
    private void movePending(int from, int to) {
        pendingWritten[pendingSlot(to)] = pendingWritten[pendingSlot(from)];
        pendingRead[pendingSlot(to)] = pendingRead[pendingSlot(from)];
        pendingOffsets[pendingSlot(to)] = pendingOffsets[pendingSlot(from)];
    }

    private void dropOldestPending() {
        pendingHead = (pendingHead + 1) % Limits.PENDING_SAMPLES_MAX;
        pendingSize--;
    }
}
