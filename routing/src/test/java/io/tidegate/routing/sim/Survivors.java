package io.tidegate.routing.sim;

import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.sim.Violation.Invariant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * I13: what was acknowledged under {@code replicated(all)} is on every replica that the proxy then knew, and on whichever
 * of them is promoted later, unless that was started again or was given the data of another since.
 */
final class Survivors {
    private final Truth truth;
    private final List<Write> writes = new ArrayList<>();

    /** A write, and the data sets, by identity, of those that had to hold it. */
    private record Write(Log.Entry entry, int index, Map<Log, SimNode> holders) {
        boolean heldBy(Log log) {
            return log.snapshot().holds(entry, index);
        }
    }

    Survivors(Truth truth) {
        this.truth = truth;
    }

    /** Acknowledged by a proxy with this table. */
    void acknowledged(RoutingTable table, Log.Entry entry, int index) {
        Write write = new Write(entry, index, new IdentityHashMap<>());
        for (Replica replica : table.replicas()) {
            SimNode node = truth.process(replica.node().runId());
            if (node != null && node.runId().equals(replica.node().runId()) && replica.promotable()) {
                boolean well = replica.health() == RouteReason.ELIGIBLE && node.alive();
                check(!well || write.heldBy(node.log()), entry, node + " had to hold it when it was acknowledged");
                write.holders().put(node.log(), node);
            }
        }
        writes.add(write);
    }

    /** Whoever was to hold a write has it now that everybody else follows. */
    void promoted(SimNode node) {
        for (Write write : writes) {
            check(
                    !write.holders().containsKey(node.log()) || write.heldBy(node.log()),
                    write.entry(),
                    node + " was promoted without it");
        }
    }

    private static void check(boolean holds, Log.Entry entry, String what) {
        if (!holds) {
            throw new Violation(Invariant.I13_REPLICATED_WRITES_SURVIVE, entry + " is lost: " + what);
        }
    }
}
