package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.engine.EngineSettings.Topology;
import java.util.ArrayList;
import java.util.List;

/**
 * Which nodes may serve reads, and how fresh they are proven to be.
 *
 * <p>The <em>floor</em>: when the primary is lost every replica's link is down sooner or later, and judged one by one
 * none would serve. So while no primary answers and no replica is well, they are compared with one another, and those
 * that hold the most of the claim's history serve on; their as-of stands where it was.
 */
final class Replicas {
    private final Shard shard;

    Replicas(Shard shard) {
        this.shard = shard;
    }

    /** Advances as-of, judges every node but the primary, and tells what changed. */
    List<RoutingTable.Replica> judge(boolean primaryLost, long nowNanos) {
        EngineSettings settings = shard.settings();
        History history = shard.claims().history();
        NodeAddress primary = shard.claims().primary();
        List<NodeView> nodes = new ArrayList<>();
        List<RouteReason> reasons = new ArrayList<>();
        boolean anyServes = false;
        for (NodeView node : shard.nodes().all()) {
            if (node.address().equals(primary)) {
                continue;
            }
            node.asOf().keepWithin(history);
            long applied = applied(node);
            if (history != null && !primaryLost && node.isOf(history) && applied >= 0) {
                node.asOf().reached(history, applied);
            }
            RouteReason verdict = ReplicaHealth.verdict(node, primary, history, settings.silenceNanosMax(), nowNanos);
            RouteReason reason = node.health().judge(verdict, settings.probationNanos(), nowNanos);
            anyServes |= reason == RouteReason.ELIGIBLE;
            if (verdict == RouteReason.ELIGIBLE) {
                shard.claims().rejoined(node.address());
            }
            nodes.add(node);
            reasons.add(reason);
        }
        if (primaryLost && !anyServes && history != null) {
            keepFreshest(nodes, reasons, history);
        }
        return publish(nodes, reasons);
    }

    /** How far the node has come in the history that INFO told. */
    private long applied(NodeView node) {
        ReplicationInfo info = node.info();
        return info != null && followsReplica(node) ? info.offset() : node.offset();
    }

    /**
     * True if the node is a replica's replica. Its history becomes another one when that is promoted, or follows somebody else:
     * between two questions, and though it follows whom it followed. So ROLE says nothing of where it is, and INFO does.
     */
    boolean followsReplica(NodeView node) {
        NodeAddress followed = node.follows();
        return followed != null
                && !followed.equals(shard.claims().primary())
                && shard.nodes().get(followed) != null;
    }

    private void keepFreshest(List<NodeView> nodes, List<RouteReason> reasons, History history) {
        long most = -1;
        for (int i = 0; i < nodes.size(); i++) {
            if (mayBeFloor(nodes.get(i), reasons.get(i), history)) {
                most = Math.max(most, nodes.get(i).offset());
            }
        }
        for (int i = 0; i < nodes.size(); i++) {
            if (mayBeFloor(nodes.get(i), reasons.get(i), history)
                    && nodes.get(i).offset() == most) {
                reasons.set(i, RouteReason.ELIGIBLE);
            }
        }
    }

    /**
     * True if the node's data is of the claim's history, or of the part that it shares with the one before, by an INFO that
     * knows of its link: since one that does not it may have followed another primary, and come back.
     */
    private boolean mayBeFloor(NodeView node, RouteReason reason, History history) {
        ReplicationInfo info = node.info();
        boolean onlyLinkDown = reason == RouteReason.LINK_DOWN || reason == RouteReason.PROBATION;
        return onlyLinkDown
                && info != null
                && !node.contradictsInfo()
                && node.offset() >= 0
                && (info.history().equals(history.id()) || shard.claims().sharesFormer(info.history(), node.offset()));
    }

    private List<RoutingTable.Replica> publish(List<NodeView> nodes, List<RouteReason> reasons) {
        List<RoutingTable.Replica> published = new ArrayList<>(nodes.size());
        for (int i = 0; i < nodes.size(); i++) {
            NodeView node = nodes.get(i);
            RouteReason before = node.health().publish(reasons.get(i));
            if (before != reasons.get(i)) {
                shard.outbox().tell(new Notice.ReplicaHealthChanged(node.address(), before, reasons.get(i)));
            }
            published.add(new RoutingTable.Replica(
                    node.asNode(),
                    node.asOf().nanos(),
                    reasons.get(i),
                    node.promotable(),
                    unverified(node, reasons.get(i)),
                    node.follows(),
                    node.asOf().dataSet()));
        }
        return published;
    }

    /**
     * True if nothing says that what the node answers now is of the claim's history. A replica that synchronises, or whose link
     * is down, is of it, or was of the one before: then a read that was sent to it under that claim may be answered out of data
     * that it takes over under this one.
     */
    private boolean unverified(NodeView node, RouteReason reason) {
        History history = shard.claims().history();
        boolean serves = reason == RouteReason.ELIGIBLE || reason == RouteReason.PROBATION;
        return !serves && history != null && !node.isOf(history);
    }

    /** A primary lists its replicas; a fixed list of nodes is not added to. */
    void nameListed(ReplicationInfo primary, long nowNanos) {
        if (shard.settings().topology() instanceof Topology.Sentinel) {
            primary.replicas().forEach(address -> shard.nodes().name(address, nowNanos));
        }
    }

    /** Asks all nodes for INFO: what they are replicas of may have changed. */
    void askAll() {
        shard.nodes().all().forEach(this::ask);
    }

    /** Asks the nodes whose last INFO is not all there is to say. */
    void askOutdated() {
        for (NodeView node : shard.nodes().all()) {
            if (node.up() && node.infoOutdated()) {
                ask(node);
            }
        }
    }

    private void ask(NodeView node) {
        shard.outbox().ask(node.address());
    }
}
