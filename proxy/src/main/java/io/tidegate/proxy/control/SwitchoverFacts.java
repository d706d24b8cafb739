package io.tidegate.proxy.control;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a switchover is judged by before it begins.
 *
 * @param table of the engine, when it was asked for
 * @param nodes what the primary and each replica said, by address
 * @param sentinel what the sentinel said that is to be told to fail over; null where there are none
 */
record SwitchoverFacts(
        RoutingTable table,
        Map<NodeAddress, Node> nodes,
        @Nullable Sentinel sentinel) {

    /**
     * A node's INFO.
     *
     * @param fields by name; empty if it did not answer
     * @param failure why it did not; null if it did
     * @param trial what it was asked besides where there are no sentinels
     */
    record Node(Map<String, String> fields, @Nullable String failure, Trial trial) {
        Node(Map<String, String> fields, @Nullable String failure) {
            this(fields, failure, Trial.NONE);
        }

        String field(String name) {
            return fields.getOrDefault(name, "");
        }

        /** -1 if it is not there, or no number. */
        long number(String name) {
            return SwitchoverFacts.number(fields, name);
        }
    }

    /**
     * What a node made of orders that it cannot carry out, by which one sees that it would take others.
     *
     * @param reachedAt its own address of the connection by which it was asked, as others may know it by; null if unknown
     * @param failover the error that {@code FAILOVER TIMEOUT 0} gave
     * @param replicaOf the error that {@code REPLICAOF} with port -1 gave
     */
    record Trial(@Nullable NodeAddress reachedAt, String failover, String replicaOf) {
        static final Trial NONE = new Trial(null, "", "");

        boolean takesFailover() {
            return failover.contains("FAILOVER timeout ");
        }

        boolean takesReplicaOf() {
            return replicaOf.matches(".*Invalid \\w+ port.*");
        }
    }

    /**
     * One sentinel's answers.
     *
     * @param shard by which it knows the primary
     * @param quorum the error that {@code SENTINEL CKQUORUM} gave; null if it is well
     * @param primary its fields of {@code SENTINEL MASTER}
     * @param replicas its fields of {@code SENTINEL REPLICAS}, one map each
     * @param failure why it did not answer; null if it did
     */
    record Sentinel(
            String shard,
            NodeAddress address,
            @Nullable String quorum,
            Map<String, String> primary,
            List<Map<String, String>> replicas,
            @Nullable String failure) {}

    static long number(Map<String, String> fields, String name) {
        String text = fields.getOrDefault(name, "");
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
    }
}
