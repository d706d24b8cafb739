package io.tidegate.proxy.metrics;

import io.tidegate.routing.Instants;
import org.jspecify.annotations.Nullable;

/**
 * The writes of one event loop under one claim: how many were sent, how many acknowledged to clients. Written by the
 * loop's thread alone; {@link EnumCounters} says how a reader sees it.
 */
final class WriteTally {
    /** What is counted. A pipeline's replies are told in pieces, and which of a piece are writes' is not looked at. */
    enum Count {
        SENT,
        TOLD_LEAST,
        TOLD_MOST
    }

    final long epoch;

    /**
     * The tally of the claim before, which somebody may still want to read, and one more in case that one was expected and
     * never used; none before those. Volatile for its reader.
     */
    private volatile @Nullable WriteTally before;

    private final EnumCounters<Count> counts = new EnumCounters<>(Count.class);

    /** When the first acknowledgement went out. Volatile for its reader. */
    private volatile long firstToldNanos = Instants.UNKNOWN;

    WriteTally(long epoch, @Nullable WriteTally before) {
        this.epoch = epoch;
        this.before = before;
    }

    /** The tally of the next claim, with this one and the one before behind it. */
    WriteTally next(long nextEpoch) {
        WriteTally earlier = before;
        if (earlier != null) {
            earlier.before = null;
        }
        return new WriteTally(nextEpoch, this);
    }

    /** The tally of this claim: this one or one of those before; null if it is none of them. */
    @Nullable WriteTally of(long wantedEpoch) {
        WriteTally tally = this;
        while (tally != null && tally.epoch != wantedEpoch) {
            tally = tally.before;
        }
        return tally;
    }

    void add(Count count, long more) {
        counts.add(count, more);
    }

    long count(Count count) {
        return counts.get(count);
    }

    void firstTold(long nanos) {
        firstToldNanos = nanos;
    }

    long firstToldNanos() {
        return firstToldNanos;
    }
}
