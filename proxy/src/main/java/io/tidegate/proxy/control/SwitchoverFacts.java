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
 * @param sentinel what the sentinel said that is to be told to fail over
 */
record SwitchoverFacts(RoutingTable table, Map<NodeAddress, Node> nodes, Sentinel sentinel) {

    /**
     * A node's INFO.
     *
     * @param fields by name; empty if it did not answer
     * @param failure why it did not; null if it did
     */
    record Node(Map<String, String> fields, @Nullable String failure) {
        String field(String name) {
            return fields.getOrDefault(name, "");
        }

        /** -1 if it is not there, or no number. */
        long number(String name) {
            return SwitchoverFacts.number(fields, name);
        }
    }

    /**
     * One sentinel's answers.
     *
     * @param quorum the error that {@code SENTINEL CKQUORUM} gave; null if it is well
     * @param primary its fields of {@code SENTINEL MASTER}
     * @param replicas its fields of {@code SENTINEL REPLICAS}, one map each
     * @param failure why it did not answer; null if it did
     */
    record Sentinel(
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
