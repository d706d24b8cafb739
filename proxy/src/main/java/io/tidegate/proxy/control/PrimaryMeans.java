package io.tidegate.proxy.control;

import io.tidegate.proxy.control.SwitchoverFacts.Node;
import io.tidegate.proxy.control.SwitchoverPlan.RefusedException;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The primary itself is told to hand over, where there are no sentinels: <a
 * href="https://redis.io/docs/latest/commands/failover/">FAILOVER</a>. Pure.
 *
 * @param there who is to be promoted, as the primary knows it, and as the others are told
 * @param followed of each node that is a replica of the primary, under which address it follows that
 * @param left what is not made to follow the new primary, and why
 */
record PrimaryMeans(NodeAddress there, Map<NodeAddress, NodeAddress> followed, List<String> left)
        implements SwitchoverPlan.Means {

    static SwitchoverPlan plan(SwitchoverFacts facts, NodeAddress primary, @Nullable NodeAddress to)
            throws RefusedException {
        Node theirs = SwitchoverPlan.said(facts, primary);
        if (!theirs.trial().takesFailover()) {
            throw new RefusedException("the primary " + primary
                    + " does not take FAILOVER, by which it is changed where there are no sentinels: "
                    + theirs.trial().failover());
        }
        String state = theirs.fields().getOrDefault("master_failover_state", "no-failover");
        if (!state.equals("no-failover")) {
            throw new RefusedException("the primary " + primary + " is at a FAILOVER already: " + state);
        }
        NodeAddress target = to == null ? best(facts, primary) : to;
        NodeAddress there = checkTarget(facts, primary, target);
        Map<NodeAddress, NodeAddress> followed = new LinkedHashMap<>();
        List<String> left = new ArrayList<>();
        for (RoutingTable.Replica replica : facts.table().replicas()) {
            NodeAddress address = replica.node().address();
            Node said = SwitchoverPlan.said(facts, address);
            NodeAddress follows = InfoReply.address(
                    said.fields().get("master_host"), said.fields().get("master_port"));
            if (said.failure() != null) {
                left.add(address + ", which does not answer");
            } else if (follows == null || there(theirs, address, said) == null) {
                left.add(address + ", which follows " + follows);
            } else if (!said.trial().takesReplicaOf()) {
                throw new RefusedException("replica " + address + " does not take REPLICAOF, by which it would follow "
                        + target + ": " + said.trial().replicaOf());
            } else {
                followed.put(address, follows);
            }
        }
        return new SwitchoverPlan(
                primary, facts.table().epoch(), List.of(target), new PrimaryMeans(there, followed, left));
    }

    @Override
    public <T> T dispatch(Handler<T> handler) {
        return handler.on(this);
    }

    @Override
    public String words(SwitchoverPlan plan) {
        String rest = left.isEmpty() ? "" : "; not made to follow it: " + String.join(", ", left);
        return "it takes FAILOVER, ready to be promoted: " + plan.target() + rest;
    }

    @Override
    public @Nullable String steeringWords() {
        return null;
    }

    /** As sentinels would choose: the lowest priority, then who holds the most. */
    private static NodeAddress best(SwitchoverFacts facts, NodeAddress primary) throws RefusedException {
        List<NodeAddress> fit = new ArrayList<>();
        RefusedException first = new RefusedException("there is no replica");
        boolean refused = false;
        for (RoutingTable.Replica replica : facts.table().replicas()) {
            try {
                checkTarget(facts, primary, replica.node().address());
                fit.add(replica.node().address());
            } catch (RefusedException e) {
                first = refused ? first : e;
                refused = true;
            }
        }
        if (fit.isEmpty()) {
            throw first;
        }
        fit.sort(Comparator.comparingLong((NodeAddress address) ->
                        SwitchoverPlan.said(facts, address).number("slave_priority"))
                .thenComparingLong(
                        address -> -SwitchoverPlan.said(facts, address).number("slave_repl_offset"))
                .thenComparing(NodeAddress::toString));
        return fit.get(0);
    }

    /** Returns how the primary knows it. */
    private static NodeAddress checkTarget(SwitchoverFacts facts, NodeAddress primary, NodeAddress target)
            throws RefusedException {
        Node said = SwitchoverPlan.said(facts, target);
        if (said.number("slave_priority") == 0) {
            throw new RefusedException(target + " is never promoted: its replica-priority is 0");
        }
        SwitchoverPlan.checkReplica(facts, primary, target);
        NodeAddress there = there(SwitchoverPlan.said(facts, primary), target, said);
        if (there == null) {
            throw new RefusedException("the primary " + primary + " names no replica " + target
                    + (said.trial().reachedAt() == null
                            ? ""
                            : " or " + said.trial().reachedAt())
                    + " that is online (INFO replication)");
        }
        return there;
    }

    /** As which of its replicas the primary knows that node: by the name that we have for it, or the address it has itself. */
    private static @Nullable NodeAddress there(Node primary, NodeAddress address, Node said) {
        for (Map<String, String> replica : InfoReply.replicas(primary.fields())) {
            NodeAddress named = InfoReply.address(replica.get("ip"), replica.get("port"));
            boolean same = address.equals(named)
                    || (named != null && named.equals(said.trial().reachedAt()));
            if (same && "online".equals(replica.get("state"))) {
                return named;
            }
        }
        return null;
    }
}
