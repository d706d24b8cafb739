package io.tidegate.proxy.control;

import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.WriteGate;

/**
 * Keeps writes back although the engine would let them through, for a switchover: until it is released, or until another
 * claim is in use, whichever comes first. What is in flight goes on being acknowledged by the evidence there is. On the
 * control loop.
 */
final class WriteHold {
    private boolean held;
    private long epoch = RoutingTable.NO_EPOCH;

    /** Tables are told apart by their number, so one that was held has another than the same one let through. */
    private long shift;

    /** From the next table on writes under the claim of this epoch are kept back. */
    void begin(long claimEpoch) {
        held = true;
        epoch = claimEpoch;
        shift++;
    }

    void end() {
        held = false;
        shift++;
    }

    /** What the data plane is to go by. */
    RoutingTable over(RoutingTable table) {
        if (shift == 0) {
            return table;
        }
        boolean closed = held && table.epoch() == epoch && table.writes().open();
        return new RoutingTable(
                table.generation() + shift,
                table.epoch(),
                table.primary(),
                closed ? WriteGate.CUTTING_OVER : table.writes(),
                table.evidenceNanos(),
                table.replicas(),
                table.primaryLost(),
                table.fork(),
                table.successor());
    }
}
