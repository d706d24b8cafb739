package io.tidegate.routing.sim;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node's data set as the list of the writes that made it. Each entry is one byte of replication stream; an entry without
 * a write is what a primary sends to show that it is there.
 */
final class Log {
    private final List<Entry> entries;

    /** The offset before the first entry. */
    private final long base;

    /**
     * What was executed once, by one process.
     *
     * @param write number of the write, {@link #NO_WRITE} for a ping of the stream
     */
    record Entry(int write, long executedNanos, String runId) {}

    static final int NO_WRITE = -1;

    /** The first {@code size} entries of a log that only grows, and is replaced rather than cut. */
    record Snapshot(Log log, int size) {
        boolean holds(Entry entry, int index) {
            return index < size && log.entries.get(index).equals(entry);
        }

        /** Whether this holds everything in {@code other}. */
        boolean holdsAllOf(Snapshot other) {
            Entry last = other.last();
            return last == null || holds(last, other.size - 1);
        }

        @Nullable Entry last() {
            return size == 0 ? null : log.entries.get(size - 1);
        }

        Log copy() {
            return rebased(log.base);
        }

        /** The same data at another place of another stream. */
        Log rebased(long newBase) {
            return new Log(newBase, new ArrayList<>(log.entries.subList(0, size)));
        }
    }

    Log(long base) {
        this(base, new ArrayList<>());
    }

    private Log(long base, List<Entry> entries) {
        this.base = base;
        this.entries = entries;
    }

    void add(Entry entry) {
        entries.add(entry);
    }

    Entry get(int index) {
        return entries.get(index);
    }

    int size() {
        return entries.size();
    }

    long offset() {
        return base + entries.size();
    }

    int indexOf(long offset) {
        return (int) (offset - base);
    }

    Snapshot snapshot() {
        return new Snapshot(this, entries.size());
    }

    Log copy() {
        return snapshot().copy();
    }

    /** Everything in it that was executed before an instant. */
    Snapshot before(long instantNanos) {
        int low = 0;
        int high = entries.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (entries.get(middle).executedNanos() < instantNanos) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return new Snapshot(this, low);
    }
}
