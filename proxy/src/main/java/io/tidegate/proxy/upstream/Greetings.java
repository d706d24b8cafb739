package io.tidegate.proxy.upstream;

import io.tidegate.routing.RoutingTable;
import java.util.HashMap;
import java.util.Map;

/** What each node said of itself at last, over any connection of the loop. */
final class Greetings {
    private final Map<Integer, Greeting> byNode = new HashMap<>();

    void heard(UpstreamConnection connection) {
        byNode.put(connection.nodeId(), connection.greeting());
    }

    /** Whether this process of the node was asked at or after {@code sinceNanos}, and answered. */
    boolean since(RoutingTable.Node node, long sinceNanos) {
        Greeting latest = byNode.getOrDefault(node.id(), Greeting.NONE);
        return latest.runId().equals(node.runId()) && latest.askedNanos() >= sinceNanos;
    }

    /** Forgets nodes that are no part of the shard any more. */
    void keepThoseOf(RoutingTable table) {
        byNode.keySet().removeIf(nodeId -> table.node(nodeId) == null);
    }
}
