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

    /** The tally of the claim before, which somebody may still want to read; none before that one. Volatile for its reader. */
    private volatile @Nullable WriteTally before;

    private final EnumCounters<Count> counts = new EnumCounters<>(Count.class);

    /** When the first acknowledgement went out. Volatile for its reader. */
    private volatile long firstToldNanos = Instants.UNKNOWN;

    WriteTally(long epoch, @Nullable WriteTally before) {
        this.epoch = epoch;
        this.before = before;
    }

    /** The tally of the next claim, with this one behind it. */
    WriteTally next(long nextEpoch) {
        before = null;
        return new WriteTally(nextEpoch, this);
    }

    /** The tally of this claim: this one or the one before; null if it is neither. */
    @Nullable WriteTally of(long wantedEpoch) {
        WriteTally earlier = before;
        if (wantedEpoch == epoch) {
            return this;
        }
        return earlier == null || earlier.epoch != wantedEpoch ? null : earlier;
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
