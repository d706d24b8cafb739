package io.tidegate.proxy.control;

import io.tidegate.proxy.control.SwitchoverPlan.RefusedException;
import io.tidegate.routing.NodeAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A sentinel is told to fail over. Pure.
 *
 * @param shard by which the sentinels know it
 * @param steering what makes the sentinels promote the one that was asked for; null if they would anyway
 */
record SentinelMeans(
        String shard,
        NodeAddress sentinel,
        @Nullable Steering steering,
        long downAfterMillis,
        long failoverTimeoutMillis)
        implements SwitchoverPlan.Means {

    /** The {@code replica-priority} of a node that is to be promoted before all others. */
    static final long FIRST = 1;

    private static final Set<String> DOWN = Set.of("s_down", "o_down", "disconnected");

    /** The replica-priority of a node for as long as the switchover takes. */
    record Steering(NodeAddress node, long before, long meanwhile) {}

    static SwitchoverPlan plan(
            SwitchoverFacts facts, SwitchoverFacts.Sentinel told, NodeAddress primary, @Nullable NodeAddress to)
            throws RefusedException {
        checkSentinel(told, primary);
        Map<NodeAddress, Long> priorities = priorities(told);
        Steering steering = null;
        List<NodeAddress> candidates;
        if (to == null) {
            candidates = first(priorities);
        } else {
            steering = steering(facts, told, priorities, to);
            candidates = List.of(to);
        }
        if (candidates.isEmpty()) {
            throw new RefusedException("sentinel " + told.address() + " knows no replica that may be promoted");
        }
        for (NodeAddress candidate : candidates) {
            SwitchoverPlan.checkReplica(facts, primary, candidate);
            checkFollows(SwitchoverPlan.said(facts, candidate), primary, candidate);
        }
        SentinelMeans means = new SentinelMeans(
                told.shard(),
                told.address(),
                steering,
                SwitchoverFacts.number(told.primary(), "down-after-milliseconds"),
                SwitchoverFacts.number(told.primary(), "failover-timeout"));
        return new SwitchoverPlan(primary, facts.table().epoch(), candidates, means);
    }

    @Override
    public <T> T dispatch(Handler<T> handler) {
        return handler.on(this);
    }

    @Override
    public String words(SwitchoverPlan plan) {
        return "sentinel " + sentinel + " has its quorum, ready to be promoted: " + plan.target();
    }

    @Override
    public @Nullable String steeringWords() {
        return steering == null
                ? null
                : "would set replica-priority of " + steering.node() + " to " + steering.meanwhile() + " (now "
                        + steering.before() + ") until it is promoted";
    }

    private static void checkFollows(SwitchoverFacts.Node said, NodeAddress primary, NodeAddress address)
            throws RefusedException {
        if (!primary.equals(InfoReply.address(
                said.fields().get("master_host"), said.fields().get("master_port")))) {
            throw new RefusedException("replica " + address + " follows " + said.field("master_host") + ":"
                    + said.field("master_port") + " (expected: " + primary + ")");
        }
    }

    private static void checkSentinel(SwitchoverFacts.Sentinel sentinel, NodeAddress primary) throws RefusedException {
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
    private static Map<NodeAddress, Long> priorities(SwitchoverFacts.Sentinel told) {
        Map<NodeAddress, Long> priorities = new LinkedHashMap<>();
        for (Map<String, String> replica : told.replicas()) {
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

    private static @Nullable Steering steering(
            SwitchoverFacts facts, SwitchoverFacts.Sentinel told, Map<NodeAddress, Long> priorities, NodeAddress to)
            throws RefusedException {
        long own = SwitchoverPlan.said(facts, to).number("slave_priority");
        if (own == 0) {
            throw new RefusedException(to + " is never promoted: its replica-priority is 0");
        }
        if (!priorities.containsKey(to)) {
            throw new RefusedException("sentinel " + told.address() + " would not promote " + to
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
}
