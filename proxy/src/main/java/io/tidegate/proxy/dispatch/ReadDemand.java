package io.tidegate.proxy.dispatch;

import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;

/**
 * When reads last wanted fresh replicas, and how fresh: what the control plane paces its probes by. Each event loop
 * notes it once per routed batch, the control plane looks when it plans its next round; being a little late is fine, so
 * the fields are plain volatile and not kept in step with one another.
 */
final class ReadDemand {
    /** After so long without a bounded read the next one sets the bound anew. */
    private static final long BOUND_MEMORY_NANOS = 1_000_000_000;

    private volatile long sessionNanos = Instants.UNKNOWN;
    private volatile long boundedNanos = Instants.UNKNOWN;
    private volatile long bound = Long.MAX_VALUE;
    private volatile long eventualNanos = Instants.UNKNOWN;

    /**
     * A read of this level was routed at {@code nowNanos}; at most one note per millisecond costs anything. What a replica
     * serves at level {@code session} it serves for ever unless the session writes, so that wants nothing; a bound moves
     * with the clock.
     */
    void note(ReadLevel level, boolean byReplica, long nowNanos) {
        switch (level.kind()) {
            case SESSION -> {
                if (!byReplica && nowNanos - 1_000_000 > sessionNanos) {
                    sessionNanos = nowNanos;
                }
            }
            case BOUNDED -> {
                if (nowNanos - BOUND_MEMORY_NANOS > boundedNanos) {
                    bound = level.boundNanos();
                }
                if (nowNanos - 1_000_000 > boundedNanos || level.boundNanos() < bound) {
                    boundedNanos = nowNanos;
                    bound = Math.min(bound, level.boundNanos());
                }
            }
            case EVENTUAL -> {
                if (nowNanos - 1_000_000 > eventualNanos) {
                    eventualNanos = nowNanos;
                }
            }
            case STRONG -> {
                // The primary serves it; no replica need be fresh.
            }
        }
    }

    /** When a read of this level was last routed; {@link Instants#UNKNOWN} if never. */
    long lastNanos(ReadLevel.Kind kind) {
        return switch (kind) {
            case SESSION -> sessionNanos;
            case BOUNDED -> boundedNanos;
            case EVENTUAL -> eventualNanos;
            case STRONG -> Instants.UNKNOWN;
        };
    }

    /** A level of this kind, with the tightest bound of late. */
    ReadLevel level(ReadLevel.Kind kind) {
        return switch (kind) {
            case SESSION -> ReadLevel.SESSION;
            case BOUNDED -> ReadLevel.bounded(bound);
            case EVENTUAL -> ReadLevel.EVENTUAL;
            case STRONG -> ReadLevel.STRONG;
        };
    }
}
