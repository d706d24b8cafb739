package io.tidegate.proxy.control;

import io.tidegate.proxy.control.SwitchoverFacts.Node;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A switchover that nothing speaks against, made of what was asked ({@link #of}). Pure.
 *
 * @param candidates whom the sentinels may promote by what they were told; one, if it was asked for or there is but one
 * @param steering what makes the sentinels promote the one that was asked for; null if they would anyway
 */
record SwitchoverPlan(
        NodeAddress primary,
        long epoch,
        List<NodeAddress> candidates,
        @Nullable Steering steering,
        NodeAddress sentinel,
        long downAfterMillis,
        long failoverTimeoutMillis) {

    /** A replica further behind would keep everybody waiting until it has caught up. */
    static final long LAG_BYTES_MAX = 1 << 20;

    /** The {@code replica-priority} of a node that is to be promoted before all others. */
    static final long FIRST = 1;

    private static final Set<String> DOWN = Set.of("s_down", "o_down", "disconnected");

    /** The replica-priority of a node for as long as the switchover takes. */
    record Steering(NodeAddress node, long before, long meanwhile) {}

    /** Something speaks against it; nothing was changed. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;

        RefusedException(String why) {
            super(why, null, false, false);
        }
    }

    /**
     * Judges what was found out.
     *
     * @param to who is to be primary; null if whoever the sentinels choose will do
     * @throws RefusedException with the first thing that speaks against it
     */
    static SwitchoverPlan of(SwitchoverFacts facts, @Nullable NodeAddress to) throws RefusedException {
        RoutingTable.Node node = facts.table().primary();
        if (node == null || !facts.table().writes().open()) {
            throw new RefusedException(
                    "writes are " + facts.table().writes().name().toLowerCase(Locale.ROOT) + ": PROXY FENCE says why");
        }
        NodeAddress primary = node.address();
        if (primary.equals(to)) {
            throw new RefusedException(to + " is the primary already");
        }
        if (to != null && replica(facts.table(), to) == null) {
            throw new RefusedException(to + " is no node of this shard (expected: " + replicas(facts.table()) + ")");
        }
        checkPrimary(facts, primary);
        checkSentinel(facts, primary);
        Map<NodeAddress, Long> priorities = priorities(facts);
        Steering steering = null;
        List<NodeAddress> candidates;
        if (to == null) {
            candidates = first(priorities);
        } else {
            steering = steering(facts, priorities, to);
            candidates = List.of(to);
        }
        if (candidates.isEmpty()) {
            throw new RefusedException(
                    "sentinel " + facts.sentinel().address() + " knows no replica that may be promoted");
        }
        for (NodeAddress candidate : candidates) {
            checkReplica(facts, primary, candidate);
        }
        return new SwitchoverPlan(
                primary,
                facts.table().epoch(),
                candidates,
                steering,
                facts.sentinel().address(),
                SwitchoverFacts.number(facts.sentinel().primary(), "down-after-milliseconds"),
                SwitchoverFacts.number(facts.sentinel().primary(), "failover-timeout"));
    }

    /** Whom it may end with, in words. */
    String target() {
        return candidates.stream().map(NodeAddress::toString).collect(Collectors.joining(" or "));
    }

    private static void checkPrimary(SwitchoverFacts facts, NodeAddress primary) throws RefusedException {
        Node said = said(facts, primary);
        if (said.failure() != null) {
            throw new RefusedException("the primary " + primary + " does not answer: " + said.failure());
        }
        if (!said.field("role").equals("master")) {
            throw new RefusedException(primary + " says that it is no primary, but " + said.field("role"));
        }
        if (!pauses(said.field("redis_version"))) {
            throw new RefusedException("the primary is Redis " + said.field("redis_version")
                    + ", which cannot keep writes back (expected: 6.2 or later)");
        }
        for (RoutingTable.Replica replica : facts.table().replicas()) {
            NodeAddress address = replica.node().address();
            if (said(facts, address).field("role").equals("master")) {
                throw new RefusedException(address + " says that it is primary, too: split brain");
            }
        }
    }

    private static boolean pauses(String version) {
        String[] parts = version.split("\\.", -1);
        if (parts.length < 2 || !parts[0].matches("\\d{1,4}") || !parts[1].matches("\\d{1,4}")) {
            return false;
        }
        int major = Integer.parseInt(parts[0]);
        return major > 6 || (major == 6 && Integer.parseInt(parts[1]) >= 2);
    }

    private static void checkSentinel(SwitchoverFacts facts, NodeAddress primary) throws RefusedException {
        SwitchoverFacts.Sentinel sentinel = facts.sentinel();
        if (sentinel.failure() != null) {
            throw new RefusedException("no sentinel answers: " + sentinel.failure());
        }
        if (sentinel.quorum() != null) {
            throw new RefusedException("sentinel " + sentinel.address() + ": " + sentinel.quorum());
        }
        NodeAddress named = InfoReply.address(
                sentinel.primary().get("ip"), sentinel.primary().get("port"));
        if (!primary.equals(named)) {
            throw new RefusedException(
                    "sentinel " + sentinel.address() + " names " + named + " as primary (expected: " + primary + ")");
        }
        String flags = sentinel.primary().getOrDefault("flags", "");
        if (!flags.equals("master")) {
            throw new RefusedException("sentinel " + sentinel.address() + " says of the primary: " + flags);
        }
    }

    /** Of the replicas that the sentinel would promote, their replica-priority by its knowledge. */
    private static Map<NodeAddress, Long> priorities(SwitchoverFacts facts) {
        Map<NodeAddress, Long> priorities = new LinkedHashMap<>();
        for (Map<String, String> replica : facts.sentinel().replicas()) {
            NodeAddress address = InfoReply.address(replica.get("ip"), replica.get("port"));
            long priority = SwitchoverFacts.number(replica, "slave-priority");
            boolean down =
                    Stream.of(replica.getOrDefault("flags", "").split(",", -1)).anyMatch(DOWN::contains);
            if (address != null && !down && priority > 0) {
                priorities.put(address, priority);
            }
        }
        return priorities;
    }

    /** Those of the lowest priority: the sentinels prefer them, and what they prefer among them is theirs to say. */
    private static List<NodeAddress> first(Map<NodeAddress, Long> priorities) {
        long lowest =
                priorities.values().stream().mapToLong(Long::longValue).min().orElse(0);
        return priorities.entrySet().stream()
                .filter(entry -> entry.getValue() == lowest)
                .map(Map.Entry::getKey)
                .toList();
    }

    private static @Nullable Steering steering(SwitchoverFacts facts, Map<NodeAddress, Long> priorities, NodeAddress to)
            throws RefusedException {
        long own = said(facts, to).number("slave_priority");
        if (own == 0) {
            throw new RefusedException(to + " is never promoted: its replica-priority is 0");
        }
        if (!priorities.containsKey(to)) {
            throw new RefusedException("sentinel " + facts.sentinel().address() + " would not promote " + to
                    + ": it knows it not, or not as well (SENTINEL REPLICAS)");
        }
        if (first(priorities).equals(List.of(to))) {
            return null;
        }
        Set<String> equals = new TreeSet<>();
        priorities.forEach((address, priority) -> {
            if (!address.equals(to) && priority <= FIRST) {
                equals.add(address.toString());
            }
        });
        if (!equals.isEmpty()) {
            throw new RefusedException("the sentinels cannot be made to prefer " + to + ": replica-priority " + FIRST
                    + ", which comes first, is that of " + String.join(", ", equals));
        }
        return new Steering(to, own, FIRST);
    }

    private static void checkReplica(SwitchoverFacts facts, NodeAddress primary, NodeAddress address)
            throws RefusedException {
        RoutingTable.Replica replica = replica(facts.table(), address);
        if (replica == null) {
            throw new RefusedException("the sentinels may promote " + address + ", which is not known here");
        }
        Node said = said(facts, address);
        if (said.failure() != null) {
            throw new RefusedException("replica " + address + " does not answer: " + said.failure());
        }
        if (replica.health() != RouteReason.ELIGIBLE) {
            throw new RefusedException("replica " + address + " is "
                    + replica.health().label() + ": " + replica.health().explanation());
        }
        if (!primary.equals(InfoReply.address(
                said.fields().get("master_host"), said.fields().get("master_port")))) {
            throw new RefusedException("replica " + address + " follows " + said.field("master_host") + ":"
                    + said.field("master_port") + " (expected: " + primary + ")");
        }
        if (!said.field("master_link_status").equals("up")) {
            throw new RefusedException("replica " + address + " has no link to the primary");
        }
        if (said.number("master_sync_in_progress") != 0 || said.number("loading") > 0) {
            throw new RefusedException("replica " + address + " is being filled: wait for its full copy");
        }
        Node theirs = said(facts, primary);
        if (!Objects.equals(said.field("master_replid"), theirs.field("master_replid"))) {
            throw new RefusedException("replica " + address + " is of another history than the primary");
        }
        long lagBytes = theirs.number("master_repl_offset") - said.number("slave_repl_offset");
        if (lagBytes > LAG_BYTES_MAX) {
            throw new RefusedException(
                    "replica " + address + " is " + lagBytes + " bytes behind (expected: <= " + LAG_BYTES_MAX + ")");
        }
    }

    private static Node said(SwitchoverFacts facts, NodeAddress address) {
        return facts.nodes().getOrDefault(address, new Node(Map.of(), "it was not asked"));
    }

    private static RoutingTable.@Nullable Replica replica(RoutingTable table, NodeAddress address) {
        return table.replicas().stream()
                .filter(each -> each.node().address().equals(address))
                .findFirst()
                .orElse(null);
    }

    private static String replicas(RoutingTable table) {
        return table.replicas().stream()
                .map(each -> each.node().address().toString())
                .collect(Collectors.joining(" | "));
    }
}
