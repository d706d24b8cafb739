package io.tidegate.routing.sim;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes acknowledged to somebody, in the order of their acknowledgement. */
final class Acknowledgements {
    private final List<Latest> latest = new ArrayList<>();

    /** The acknowledged write that is furthest in the log of {@code claim} so far. */
    record Latest(Invariants.Claim claim, Log.Entry entry, int index) {}

    /** All that were acknowledged before some moment. */
    record Before(Acknowledgements of, int count) {
        /** The furthest of those acknowledged under {@code claim}; null if there is none. */
        @Nullable Latest last(Invariants.Claim claim) {
            for (int i = count - 1; i >= 0; i--) {
                if (of.latest.get(i).claim().equals(claim)) {
                    return of.latest.get(i);
                }
            }
            return null;
        }
    }

    Before before() {
        return new Before(this, latest.size());
    }

    void add(Invariants.Claim claim, Log.Entry entry, int index) {
        Latest before = before().last(claim);
        latest.add(before != null && before.index() > index ? before : new Latest(claim, entry, index));
    }
}
