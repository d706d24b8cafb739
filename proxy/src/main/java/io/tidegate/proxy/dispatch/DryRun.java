package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.metrics.LoopStats;
import java.util.Arrays;

/**
 * Counts what holding would do, where nothing is held: requests that would wait for a primary, and what would have become
 * of each. It waits in their stead, within the same limits. Confined to its event loop.
 */
final class DryRun {
    private static final int INITIAL = 64;

    private final DataLoop loop;
    private final LoopStats stats;

    // A ring, the oldest first: all wait for equally long, so it runs out of time first.
    private long[] begun = new long[INITIAL];
    private long[] lengths = new long[INITIAL];
    private int first;
    private int size;
    private long bytes;

    DryRun(DataLoop loop) {
        this.loop = loop;
        this.stats = loop.stats();
    }

    /** A request of {@code length} bytes would begin to wait. */
    void wouldHold(long length, long nowNanos) {
        expire(nowNanos);
        DispatchSettings settings = loop.settings();
        if (size >= settings.heldSessionsMax() || bytes >= settings.heldBytesMax()) {
            stats.wouldBeOverloaded();
            return;
        }
        if (size == begun.length) {
            grow();
        }
        int at = (first + size) % begun.length;
        begun[at] = nowNanos;
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
        long holdNanosMax = loop.settings().holdNanosMax();
        int expired = 0;
        while (size > 0 && nowNanos - begun[first] >= holdNanosMax) {
            bytes -= lengths[first];
            first = (first + 1) % begun.length;
            size--;
            expired++;
        }
        stats.wouldFindNoPrimary(expired);
    }

    private void grow() {
        int capacity = begun.length;
        begun = Arrays.copyOf(begun, 2 * capacity);
        lengths = Arrays.copyOf(lengths, 2 * capacity);
        // What had wrapped around goes behind the old end.
        System.arraycopy(begun, 0, begun, capacity, first);
        System.arraycopy(lengths, 0, lengths, capacity, first);
    }
}
