package io.tidegate.routing.engine;

import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.EngineSettings.Restart;
import io.tidegate.routing.engine.EngineSettings.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The arbiter where nobody votes: a list of nodes, and what they say of themselves. A claim's epoch is a number local to
 * this proxy, one more at every move and with every process.
 *
 * <ul>
 *   <li>The first claim needs every listed node to have been tried, exactly one to say primary, and none to follow
 *       another listed node of which nothing is known.
 *   <li>A node whose history branched off the claimed one is its successor: the claimed primary is fenced at once, but
 *       writes move only when it is gone for as long as makes a node silent, or says replica; a clone made for backup
 *       looks the same.
 *   <li>A primary that says replica names its successor by following it.
 *   <li>Any other primary is a rival: of another data set, or a sibling, which branched off an earlier history or off the
 *       same one as another successor. No writes until it says replica, or an operator decides.
 *   <li>What a node once said it has said until it says otherwise ({@link Contenders}).
 *   <li>Another process at the claimed address ends the claim, and so does the same one with a history that branched off
 *       another's: it was a replica of other data in between. {@link Restart} says whether the next claim is its own.
 * </ul>
 */
final class StaticArbiter implements Arbiter {
    private final Shard shard;
    private final Topology.Static topology;
    private final Contenders contenders = new Contenders();

    /**
     * What a contender said as a replica last before it contended. That it steps back lifts nothing: others may have made the
     * claimed primary its replica meanwhile. So it stands until that one denies it, by INFO, which alone tells of its history.
     */
    private long uncontestedNanos = Instants.FOREVER;

    /** The claim in use is about a process that an operator must release first. */
    private boolean restartHeld;

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
    public boolean primaryRestarted(Claim used, ReplicationInfo primary, long nowNanos) {
        restartHeld |= topology.restart() == Restart.FENCE;
        shard.renew(used, primary);
        return restartHeld;
    }

    @Override
    public boolean primaryLeft(Claim used, ReplicationInfo primary) {
        restartHeld |= topology.restart() == Restart.FENCE;
        shard.renew(used, primary);
        return true;
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
            seek(nowNanos);
        } else {
            judgeClaimed(used, nowNanos);
        }
    }

    private void seek(long nowNanos) {
        List<NodeView> primaries = shard.nodes().all().stream()
                .filter(node -> node.infoAsPrimary() != null)
                .toList();
        if (primaries.size() > 1 || !contenders.words().isEmpty()) {
            contenders.look(shard.nodes().all(), null);
        }
        List<NodeAddress> standing = contenders.nodes();
        if (standing.size() > 1) {
            NodeView heir = primaries.size() == 1 && isHeirOfAll(primaries.get(0), nowNanos) ? primaries.get(0) : null;
            if (heir == null) {
                shard.raise(Sign.CONFLICT, "both " + standing.get(0) + " and " + standing.get(1) + " say primary");
            } else {
                adopt(heir, "it descends from all others that said primary, and they are gone");
            }
            return;
        }
        shard.raise(Sign.WITHDRAWN, "at most one node says primary");
        if (primaries.size() == 1
                && allTried()
                && !anotherIsFollowed(primaries.get(0).address())) {
            adopt(primaries.get(0), "it alone says primary");
        }
    }

    private boolean isHeirOfAll(NodeView heir, long nowNanos) {
        ReplicationInfo word = heir.infoAsPrimary();
        return word != null
                && contenders.words().entrySet().stream()
                        .allMatch(other -> other.getKey().equals(heir.address())
                                || (isGone(other.getKey(), nowNanos)
                                        && other.getValue().history().equals(word.formerHistory())));
    }

    private boolean isGone(NodeAddress address, long nowNanos) {
        NodeView node = shard.nodes().get(address);
        return node == null || node.gone(shard.settings().silenceNanosMax(), nowNanos);
    }

    private boolean allTried() {
        return shard.nodes().all().stream().allMatch(NodeView::tried);
    }

    /** True if a replica is connected to a listed node that may be primary, though it cannot be heard to say so. */
    private boolean anotherIsFollowed(NodeAddress primary) {
        return shard.nodes().all().stream()
                .filter(node -> node.saysReplica() && node.replicationUp())
                .map(NodeView::follows)
                .anyMatch(followed -> followed != null && !followed.equals(primary) && mayBePrimary(followed));
    }

    private boolean mayBePrimary(NodeAddress followed) {
        NodeView node = shard.nodes().get(followed);
        return node != null && !node.saysReplica(); // a chain of replicas has its primary at the other end
    }

    private void judgeClaimed(Claim used, long nowNanos) {
        NodeView claimed = shard.primary();
        boolean demoted = claimed != null && claimed.saysReplica();
        List<NodeAddress> successors = new ArrayList<>();
        List<NodeAddress> rivals = new ArrayList<>();
        sort(claimed, successors, rivals);
        successors.forEach(this::contest);
        rivals.forEach(this::contest);
        if (demoted) {
            shard.doubt().ofNode(nowNanos);
            shard.raise(Sign.DOUBT, used.primary() + " says replica");
        }
        if (successors.size() > 1) {
            rivals.add(successors.get(1));
        }
        if (!rivals.isEmpty()) {
            shard.doubt().ofNode(nowNanos);
            shard.raise(
                    Sign.CONFLICT,
                    rivals.get(0) + " says primary too; it is no successor of " + used + ", or not the only one");
        } else if (!successors.isEmpty()) {
            boolean move = demoted || claimed == null || isGone(claimed.address(), nowNanos);
            follow(shard.nodes().get(successors.get(0)), move, nowNanos);
        } else if (restartHeld) {
            shard.raise(Sign.DOUBT, used.primary() + " was restarted, and waits for PROXY FENCE RELEASE");
        } else if (claimed != null && !demoted && shard.state() != ShardState.SERVING) {
            reassure(claimed, nowNanos);
        }
    }

    /** Who contends with the claim, and by which right. One that it was decided against does not, unless that is overtaken. */
    private void sort(@Nullable NodeView claimed, List<NodeAddress> successors, List<NodeAddress> rivals) {
        Claims claims = shard.claims();
        contenders.look(shard.nodes().all(), claims.primary());
        for (Map.Entry<NodeAddress, ReplicationInfo> contender :
                contenders.words().entrySet()) {
            NodeAddress node = contender.getKey();
            ReplicationInfo word = contender.getValue();
            boolean named = claimed != null && claimed.saysReplica() && isFollowedBy(claimed, node, word);
            boolean leftSince = claims.isLeftBy(word) && !claims.isReplaced(node, word);
            if (leftSince) {
                claims.overtaken(node);
            }
            if (named || leftSince) {
                successors.add(node);
            } else if (!claims.isReplaced(node)) {
                rivals.add(node);
            }
        }
    }

    /**
     * By its address or, where that has several names, by the history that it shares with its replica: by the one that it has
     * now, as far as INFO has told since it follows whom it follows and its link came up.
     */
    private static boolean isFollowedBy(NodeView replica, NodeAddress primary, ReplicationInfo word) {
        ReplicationInfo info = replica.info();
        boolean inSync = info != null
                && !info.primary()
                && replica.replicationUp()
                && !replica.changedSinceInfo()
                && !replica.joinedSinceInfo()
                && info.history().equals(word.history());
        return primary.equals(replica.follows()) || inSync;
    }

    /** The claimed primary's word reaches no further than the last time that its contender still said replica. */
    private void contest(NodeAddress contender) {
        NodeView node = shard.nodes().get(contender);
        uncontestedNanos = Math.min(uncontestedNanos, node == null ? Instants.UNKNOWN : node.saidReplicaNanos());
    }

    private void follow(@Nullable NodeView successor, boolean move, long nowNanos) {
        if (successor == null) {
            return;
        }
        if (move && successor.infoAsPrimary() != null) {
            adopt(successor, "it descends from the claimed primary, which is gone or a replica");
        } else {
            shard.doubt().ofNode(nowNanos);
            shard.raise(Sign.SUCCESSOR, successor.address() + " says primary, and its history is the claimed one's");
        }
    }

    private void reassure(NodeView claimed, long nowNanos) {
        boolean contested = uncontestedNanos != Instants.FOREVER;
        long saidNanos = contested ? claimed.toldAsPrimaryNanos() : claimed.saidPrimaryNanos();
        if (shard.primaryAnswers(nowNanos) && shard.doubt().deniedByNode(saidNanos)) {
            uncontestedNanos = Instants.FOREVER;
            shard.raise(Sign.REASSURED, claimed.address() + " says primary, and nobody else does");
        }
    }

    private void adopt(NodeView node, String why) {
        ReplicationInfo word = node.infoAsPrimary();
        if (word != null) {
            long epoch = Math.max(0, shard.claims().epoch()) + 1;
            settled();
            shard.adopt(new Claim(node.address(), epoch), word, node.address() + ": " + why);
        }
    }

    private void settled() {
        contenders.clear();
        uncontestedNanos = Instants.FOREVER;
        restartHeld = false;
    }

    @Override
    public @Nullable String whyNotReleased(NodeView node) {
        return shard.state() == ShardState.SERVING
                ? "nothing is fenced: writes go to " + shard.claims().primary()
                : null;
    }

    @Override
    public void release(NodeView node, ReplicationInfo word, long askedNanos, long nowNanos) {
        Claims claims = shard.claims();
        contenders.look(shard.nodes().all(), claims.primary());
        contenders.words().forEach((other, said) -> {
            if (!other.equals(node.address())) {
                claims.supersede(other, said.history());
            }
        });
        boolean inUse = node.address().equals(claims.primary()) && word.runId().equals(claims.runId());
        if (inUse) {
            settled();
            shard.raise(Sign.REASSURED, "an operator says that " + node.address() + " is primary");
        } else {
            adopt(node, "an operator says that it is primary");
        }
    }

    @Override
    public long uncontestedNanos() {
        return uncontestedNanos;
    }

    @Override
    public long evidenceNanos(long horizonNanos, long nowNanos) {
        return Math.min(shard.ownWordNanos(nowNanos), uncontestedNanos);
    }
}
