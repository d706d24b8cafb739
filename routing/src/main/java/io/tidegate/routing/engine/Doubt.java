package io.tidegate.routing.engine;

import io.tidegate.routing.Instants;

/**
 * What spoke against the claim in use since it was last reassured, as the instants that new proof must reach: the answer
 * to a question that was written before the doubt arose does not dispel it.
 */
final class Doubt {
    private long sentinelsAfterNanos = Instants.UNKNOWN;
    private long nodeAfterNanos = Instants.UNKNOWN;

    /** Something that the sentinels must deny was heard at this instant. */
    void ofSentinels(long heardNanos) {
        sentinelsAfterNanos = Math.max(sentinelsAfterNanos, heardNanos);
    }

    /** Something that the primary itself must deny was heard at this instant. */
    void ofNode(long heardNanos) {
        nodeAfterNanos = Math.max(nodeAfterNanos, heardNanos);
    }

    boolean deniedBySentinels(long confirmedNanos) {
        return confirmedNanos >= sentinelsAfterNanos;
    }

    boolean deniedByNode(long saidPrimaryNanos) {
        return saidPrimaryNanos >= nodeAfterNanos;
    }

    void clear() {
        sentinelsAfterNanos = Instants.UNKNOWN;
        nodeAfterNanos = Instants.UNKNOWN;
    }
}
