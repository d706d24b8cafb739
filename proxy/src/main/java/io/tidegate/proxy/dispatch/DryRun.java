package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.metrics.LoopStats;
import java.util.Arrays;

/**
 * Counts what holding would do, where nothing is held: requests that would wait for a primary, and what would have become
 * of each. It waits in their stead, within the same limits. Confined to its event loop.
 */
final class DryRun {
    private static final int INITIAL = 64;

    private final LoopStats stats;
    private final long holdNanosMax;
    private final int requestsMax;
    private final long bytesMax;

    // A ring, the oldest first: all wait for equally long, so it runs out of time first.
    private long[] deadlines = new long[INITIAL];
    private long[] lengths = new long[INITIAL];
    private int first;
    private int size;
    private long bytes;

    DryRun(DispatchSettings settings, LoopStats stats) {
        this.stats = stats;
        this.holdNanosMax = settings.holdNanosMax();
        this.requestsMax = settings.heldSessionsMax();
        this.bytesMax = settings.heldBytesMax();
    }

    /** A request of {@code length} bytes would begin to wait. */
    void wouldHold(long length, long nowNanos) {
        expire(nowNanos);
        if (size >= requestsMax || bytes >= bytesMax) {
            stats.wouldBeOverloaded();
            return;
        }
        if (size == deadlines.length) {
            grow();
        }
        int at = (first + size) % deadlines.length;
        deadlines[at] = nowNanos + holdNanosMax;
        lengths[at] = length;
        size++;
        bytes += length;
    }

    /** There is a primary: whatever waits would be sent. */
    void primaryFound(long nowNanos) {
        expire(nowNanos);
        stats.wouldBeSent(size);
        size = 0;
        bytes = 0;
    }

    /** Some may have waited too long. */
    void expire(long nowNanos) {
        int expired = 0;
        while (size > 0 && deadlines[first] <= nowNanos) {
            bytes -= lengths[first];
            first = (first + 1) % deadlines.length;
            size--;
            expired++;
        }
        stats.wouldFindNoPrimary(expired);
    }

    private void grow() {
        int capacity = deadlines.length;
        deadlines = Arrays.copyOf(deadlines, 2 * capacity);
        lengths = Arrays.copyOf(lengths, 2 * capacity);
        // What had wrapped around goes behind the old end.
        System.arraycopy(deadlines, 0, deadlines, capacity, first);
        System.arraycopy(lengths, 0, lengths, capacity, first);
    }
}
