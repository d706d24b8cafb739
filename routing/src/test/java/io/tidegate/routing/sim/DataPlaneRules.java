package io.tidegate.routing.sim;

import io.tidegate.routing.Durability;

/**
 * The rules of the data plane that can be broken to see whether anybody notices.
 *
 * @param parks replies of the primary wait for the evidence of its claim
 * @param replaysUncertain writes whose connection ended unanswered are sent again
 * @param stampsBeforeReading what replicas must hold counts from when a write was sent, not from when its reply was read
 * @param leavesOneOut all replicas are all but one
 */
record DataPlaneRules(boolean parks, boolean replaysUncertain, boolean stampsBeforeReading, boolean leavesOneOut) {
    static final DataPlaneRules SOUND = new DataPlaneRules(true, false, false, false);

    /** What a rule comes to where {@code promotable} replicas may be promoted. */
    Durability of(Durability rule, int promotable) {
        boolean shortOfOne = leavesOneOut && rule.replicas() == Durability.ALL && promotable > 1;
        return shortOfOne ? new Durability(promotable - 1, rule.lossNanosMax()) : rule;
    }

    /** From when on a reply's data must be held. */
    long stamp(Request request) {
        return stampsBeforeReading ? request.sentNanos : request.readNanos;
    }
}
