package io.tidegate.proxy.control;

import io.tidegate.proxy.control.SwitchoverFacts.Node;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A switchover that nothing speaks against, made of what was asked ({@link #of}). Pure.
 *
 * @param candidates who may be promoted; one, if it was asked for or there is but one
 * @param means how it is to be done
 */
record SwitchoverPlan(NodeAddress primary, long epoch, List<NodeAddress> candidates, Means means) {

    /** What has another node made primary. */
    sealed interface Means permits SentinelMeans, PrimaryMeans {
        /** It and whom it takes, in words. */
        String words(SwitchoverPlan plan);

        /** What would be changed for it and back again, in words; null if nothing. */
        @Nullable String steeringWords();

        <T> T dispatch(Handler<T> handler);

        /** What is different for each. */
        interface Handler<T> {
            T on(SentinelMeans means);

            T on(PrimaryMeans means);
        }
    }

    /** A replica further behind would keep everybody waiting until it has caught up. */
    static final long LAG_BYTES_MAX = 1 << 20;

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
        return facts.sentinel() == null
                ? PrimaryMeans.plan(facts, primary, to)
                : SentinelMeans.plan(facts, facts.sentinel(), primary, to);
    }

    /** The checks of one that may be promoted. */
    static void checkReplica(SwitchoverFacts facts, NodeAddress primary, NodeAddress address) throws RefusedException {
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
        checkCopy(said, said(facts, primary), address);
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

    private static void checkCopy(Node said, Node theirs, NodeAddress address) throws RefusedException {
        if (!said.field("master_link_status").equals("up")) {
            throw new RefusedException("replica " + address + " has no link to the primary");
        }
        if (said.number("master_sync_in_progress") != 0 || said.number("loading") > 0) {
            throw new RefusedException("replica " + address + " is being filled: wait for its full copy");
        }
        if (!Objects.equals(said.field("master_replid"), theirs.field("master_replid"))) {
            throw new RefusedException("replica " + address + " is of another history than the primary");
        }
        long lagBytes = theirs.number("master_repl_offset") - said.number("slave_repl_offset");
        if (lagBytes > LAG_BYTES_MAX) {
            throw new RefusedException(
                    "replica " + address + " is " + lagBytes + " bytes behind (expected: <= " + LAG_BYTES_MAX + ")");
        }
    }

    static Node said(SwitchoverFacts facts, NodeAddress address) {
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
