package io.tidegate.routing.sim;

import static io.tidegate.routing.sim.EventQueue.MILLIS;
import static io.tidegate.routing.sim.EventQueue.SECONDS;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import java.util.ArrayList;
import java.util.List;

/** I10: how a proxy sees the shard some time after the last fault. */
final class Peace {
    private Peace() {}

    /** What is not yet as it should be; empty if all is well. */
    static List<String> lacks(RoutingTable table, NodeAddress agreed, List<SimNode> nodes, long nowNanos) {
        List<String> wrong = new ArrayList<>();
        Node primary = table.primary();
        if (primary == null || !primary.address().equals(agreed)) {
            wrong.add("primary is " + primary + ", agreed is " + agreed);
        }
        if (!table.writes().open()) {
            wrong.add("gate is " + table.writes());
        }
        if (table.evidenceNanos() < nowNanos - SECONDS) {
            wrong.add("evidence is " + (nowNanos - table.evidenceNanos()) / MILLIS + " ms old");
        }
        for (SimNode node : nodes) {
            boolean serves = table.replicas().stream()
                    .anyMatch(replica -> replica.node().runId().equals(node.runId())
                            && replica.health() == RouteReason.ELIGIBLE
                            && replica.asOfNanos() > nowNanos - SECONDS);
            if (!node.address.equals(agreed) && !serves) {
                wrong.add(node + " serves no reads");
            }
        }
        return wrong;
    }
}
