package io.tidegate.routing.engine;

import io.tidegate.routing.RoutingTable.WriteGate;

/**
 * Where a shard stands. Transitions:
 *
 * <pre>
 *                 ADOPTED   DOUBT     SUCCESSOR      CONFLICT   REASSURED   WITHDRAWN
 * SEEKING         SERVING   -         -              SPLIT      -           -
 * SERVING         SERVING   FENCED    CUTTING_OVER   SPLIT      -           -
 * FENCED          SERVING   -         CUTTING_OVER   SPLIT      SERVING     -
 * CUTTING_OVER    SERVING   -         -              SPLIT      SERVING     -
 * SPLIT           SERVING   -         -              -          SERVING     SEEKING
 * </pre>
 *
 * {@link Sign#REASSURED} is raised only while a claim is in use, {@link Sign#WITHDRAWN} only while none is. Nothing
 * leads back to {@link #SEEKING} once a claim was adopted: it is fenced, never forgotten, so its epoch cannot go back.
 */
enum ShardState {
    /** No claim has been proven yet. */
    SEEKING(WriteGate.NO_CLAIM),
    /** The claim in use stands and nothing speaks against it. */
    SERVING(WriteGate.OPEN),
    /** Something spoke against the claim in use. */
    FENCED(WriteGate.FENCED),
    /** A successor is known and not yet proven. */
    CUTTING_OVER(WriteGate.CUTTING_OVER),
    /** Two nodes have a claim. */
    SPLIT(WriteGate.SPLIT);

    private final WriteGate gate;

    ShardState(WriteGate gate) {
        this.gate = gate;
    }

    WriteGate gate() {
        return gate;
    }

    /** The state after {@code sign}; this one where the table has a dash. */
    ShardState on(Sign sign) {
        return switch (sign) {
            case ADOPTED -> SERVING;
            case DOUBT -> this == SERVING ? FENCED : this;
            case SUCCESSOR -> this == SERVING || this == FENCED ? CUTTING_OVER : this;
            case CONFLICT -> SPLIT;
            case REASSURED -> this == SEEKING ? SEEKING : SERVING;
            case WITHDRAWN -> this == SPLIT ? SEEKING : this;
        };
    }
}
