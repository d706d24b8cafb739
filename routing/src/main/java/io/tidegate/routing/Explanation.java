package io.tidegate.routing;

import java.util.List;

/**
 * Where a request would go now, and what was found of every node on the way there.
 *
 * @param target node id, or {@link Router#HOLD}, or {@link Router#SETTLE}
 * @param reason why it goes there or waits
 * @param verdicts the primary first, if there is one, then every replica in the table's order
 */
public record Explanation(int target, RouteReason reason, List<Verdict> verdicts) {
    public Explanation {
        verdicts = List.copyOf(verdicts);
    }

    /**
     * What was found of one node.
     *
     * @param reason why it was chosen, or why it was not
     * @param asOfNanos how fresh a replica is proven to be; {@link Instants#UNKNOWN} of the primary
     * @param requiredNanos how fresh a replica had to be; {@link Instants#UNKNOWN} of the primary, {@link
     *     Instants#FOREVER} where no replica may serve
     */
    public record Verdict(RoutingTable.Node node, RouteReason reason, long asOfNanos, long requiredNanos) {}
}
