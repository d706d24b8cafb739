package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.EngineSettings.Topology;
import java.util.ArrayList;
import java.util.List;

/**
 * The arbiter where nobody votes: a list of nodes, and what they say of themselves. A claim's epoch is a number local to
 * this proxy, one more at every move.
 *
 * <ul>
 *   <li>The first claim needs every listed node to have been tried, exactly one to say primary, and none to follow
 *       another listed node.
 *   <li>A node whose history branched off the claimed one is its successor: the claimed primary is fenced at once, but
 *       writes move only when it is gone for as long as makes a node silent, or says replica; a clone made for backup
 *       looks the same.
 *   <li>A primary that says replica names its successor by following it.
 *   <li>Two primaries of which neither is the other's successor: no writes.
 * </ul>
 */
final class StaticArbiter implements Arbiter {
    private final Shard shard;
    private final Topology.Static topology;

    StaticArbiter(Shard shard, Topology.Static topology) {
        this.shard = shard;
        this.topology = topology;
    }

    @Override
    public void start(long nowNanos) {
        topology.nodes().forEach(address -> shard.nodes().name(address, nowNanos));
    }

    @Override
    public void tick(long nowNanos) {
        if (shard.state() != ShardState.SERVING) {
            topology.nodes().forEach(shard.outbox()::ask);
        }
    }

    @Override
    public void paused(long nowNanos) {
        topology.nodes().forEach(shard.outbox()::ask);
    }

    @Override
    public void primaryRestarted() {
        // A node's own word is about its current process by itself.
    }

    @Override
    public void askForEvidence(long nowNanos) {
        NodeAddress primary = shard.claims().primary();
        if (primary != null) {
            shard.outbox().ask(primary);
        }
    }

    @Override
    public void judge(long nowNanos) {
        Claim used = shard.claims().used();
        if (used == null) {
            seek();
        } else {
            judgeClaimed(used, nowNanos);
        }
    }

    private void seek() {
        List<NodeView> primaries = primaries();
        if (primaries.size() > 1) {
            shard.raise(
                    Sign.CONFLICT,
                    "both " + primaries.get(0).address() + " and "
                            + primaries.get(1).address() + " say primary");
            return;
        }
        shard.raise(Sign.WITHDRAWN, "at most one node says primary");
        if (primaries.size() == 1
                && allTried()
                && !anotherIsFollowed(primaries.get(0).address())) {
            adopt(primaries.get(0), "it alone says primary");
        }
    }

    private boolean allTried() {
        return shard.nodes().all().stream().allMatch(NodeView::tried);
    }

    private boolean anotherIsFollowed(NodeAddress primary) {
        return shard.nodes().all().stream()
                .filter(node -> node.saysReplica() && node.replicationUp())
                .map(NodeView::follows)
                .anyMatch(followed -> followed != null
                        && !followed.equals(primary)
                        && topology.nodes().contains(followed));
    }

    private void judgeClaimed(Claim used, long nowNanos) {
        NodeView claimed = shard.primary();
        boolean demoted = claimed != null && claimed.saysReplica();
        boolean gone = claimed == null || claimed.gone(shard.settings().silenceNanosMax(), nowNanos);
        List<NodeView> successors = new ArrayList<>();
        NodeView rival = null;
        for (NodeView node : primaries()) {
            ReplicationInfo info = node.infoAsPrimary();
            if (info == null || node == claimed) {
                continue;
            }
            boolean followedByClaimed =
                    demoted && claimed != null && node.address().equals(claimed.follows());
            if (shard.claims().isAncestorOf(info) || followedByClaimed) {
                successors.add(node);
            } else if (!shard.claims().isReplaced(node.address())) {
                rival = node;
            }
        }
        if (demoted) {
            shard.doubt().ofNode(nowNanos);
            shard.raise(Sign.DOUBT, used.primary() + " says replica");
        }
        if (successors.size() > 1) {
            rival = successors.get(1);
        }
        if (rival != null) {
            shard.raise(Sign.CONFLICT, rival.address() + " says primary too, and does not descend from " + used);
        } else if (!successors.isEmpty()) {
            follow(successors.get(0), demoted || gone, nowNanos);
        } else if (claimed != null && !demoted && shard.state() != ShardState.SERVING) {
            reassure(claimed, nowNanos);
        }
    }

    private void follow(NodeView successor, boolean move, long nowNanos) {
        if (move) {
            adopt(successor, "it descends from the claimed primary, which is gone or a replica");
        } else {
            shard.doubt().ofNode(nowNanos);
            shard.raise(Sign.SUCCESSOR, successor.address() + " says primary, and its history is the claimed one's");
        }
    }

    private void reassure(NodeView claimed, long nowNanos) {
        if (shard.primaryAnswers(nowNanos) && shard.doubt().deniedByNode(claimed.saidPrimaryNanos())) {
            shard.raise(Sign.REASSURED, claimed.address() + " says primary, and nobody else does");
        }
    }

    private void adopt(NodeView node, String why) {
        ReplicationInfo word = node.infoAsPrimary();
        if (word != null) {
            long epoch = Math.max(0, shard.claims().epoch()) + 1;
            shard.adopt(new Claim(node.address(), epoch), word, node.address() + ": " + why);
        }
    }

    /** The nodes that say primary by INFO and by all that they said since. */
    private List<NodeView> primaries() {
        return shard.nodes().all().stream()
                .filter(node -> node.infoAsPrimary() != null)
                .toList();
    }

    @Override
    public long evidenceNanos(long horizonNanos, long nowNanos) {
        return shard.ownWordNanos(nowNanos);
    }
}
