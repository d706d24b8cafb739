package io.tidegate.routing;

/**
 * What the routing of reads is told once.
 *
 * @param lagNanosMax {@code max-lag} of level eventual
 * @param settleNanos how long a request may wait after {@link Router#SETTLE}; the dispatcher measures it, and says so
 *     with {@code settleOver}
 * @param spillOutstanding commands outstanding on a replica of the own zone from which on replicas of other zones are
 *     considered too
 * @param spillMax reads of this event loop that may be at the primary at a time for want of a fresh replica
 * @param strongByReplica whether a replica may serve a {@code strong} read, by read-index
 */
public record RouterSettings(
        long lagNanosMax, long settleNanos, int spillOutstanding, int spillMax, boolean strongByReplica) {
    /** Strong reads are the primary's. */
    public RouterSettings(long lagNanosMax, long settleNanos, int spillOutstanding, int spillMax) {
        this(lagNanosMax, settleNanos, spillOutstanding, spillMax, false);
    }

    public RouterSettings {
        if (lagNanosMax <= 0) {
            throw new IllegalArgumentException("max-lag: " + lagNanosMax + " ns (expected: > 0)");
        }
        if (settleNanos < 0) {
            throw new IllegalArgumentException("settle: " + settleNanos + " ns (expected: >= 0)");
        }
        if (spillOutstanding < 0) {
            throw new IllegalArgumentException("spill-outstanding: " + spillOutstanding + " (expected: >= 0)");
        }
        if (spillMax < 1) {
            throw new IllegalArgumentException("spill-max: " + spillMax + " (expected: >= 1)");
        }
    }
}
