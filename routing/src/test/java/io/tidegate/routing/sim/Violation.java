package io.tidegate.routing.sim;

/** An invariant that did not hold. */
final class Violation extends AssertionError {
    private static final long serialVersionUID = 1;

    /** Names as in the contract. */
    enum Invariant {
        I1_EPOCH_MONOTONIC,
        I2_ONE_CLAIM_USED_PER_EPOCH,
        I3_NO_WRITE_ACROSS_FENCE,
        I4_NO_ACK_AFTER_SUPERSESSION,
        I5_AT_MOST_ONCE,
        I6_ONE_REPLY_IN_ORDER,
        I7_STALENESS_BOUND,
        I8_HOLD_AND_PARK_BOUNDED,
        I10_EVENTUALLY_STABLE,
        I11_EVIDENCE_ROUNDED_AGAINST_US,
        I13_REPLICATED_WRITES_SURVIVE
    }

    private final Invariant invariant;

    Violation(Invariant invariant, String what) {
        super(invariant + ": " + what);
        this.invariant = invariant;
    }

    Invariant invariant() {
        return invariant;
    }
}
