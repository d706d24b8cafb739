package io.tidegate.routing.sim;

import io.tidegate.routing.sim.Violation.Invariant;
import org.jspecify.annotations.Nullable;

/**
 * Strong reads and acknowledged writes are linearizable within a claim: be it the primary's or, by read-index, a replica's, a
 * strong read shows whatever had been acknowledged to anybody, or shown by another strong read, when it arrived. That is all
 * that it takes: what is read is always the beginning of one log, whose order is that of the writes.
 */
final class StrongReads {
    private final Acknowledgements shown = new Acknowledgements();
    private int byIndex;

    /** What a strong read that arrives now has to show. */
    Acknowledgements.Before before() {
        return shown.before();
    }

    /** This much of the claim's log was acknowledged to somebody, or shown. */
    void shown(Invariants.Claim under, Log.Entry entry, int index) {
        shown.add(under, entry, index);
    }

    /** @param kept what the claim's primary has kept, if it may have lost something out of hearing; else null */
    void released(Request request, Log.Snapshot seen, boolean byReplica, Log.@Nullable Snapshot kept) {
        Acknowledgements.Latest before = request.acknowledgedBefore.last(request.under);
        if (before != null
                && (kept == null || kept.holds(before.entry(), before.index()))
                && !seen.holds(before.entry(), before.index())) {
            throw new Violation(
                    Invariant.I7_STALENESS_BOUND, request + " misses what was acknowledged or shown before it");
        }
        Log.Entry last = seen.last();
        if (last != null) {
            shown.add(request.under, last, seen.size() - 1);
        }
        byIndex += byReplica ? 1 : 0;
    }

    /** How many were a replica's. */
    int byIndex() {
        return byIndex;
    }
}
