package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * {@code active-fence}: keeps others than this proxy's clients from writing to a replaced primary that says primary again.
 *
 * <p>Whom it touches: a node that it was decided against and that has not been a replica since, while the claim in use
 * stands undisputed, its primary answers, and evidence reaches the present. Such a node is no successor of the claim, or
 * the claim would be disputed. It is touched when it has just said so, over the connection on which it did.
 *
 * <p>What it does, so that several proxies may do it at once, and one that is wrong does no lasting harm: it pauses
 * writes, which ends by itself. It demotes, which throws away what the node alone has, only after a time, and only a node
 * whose history and the claim's are known to have begun as one: whoever took that node for primary sees the claim's
 * primary as its successor, or its sibling, and has stopped writing to it.
 */
final class ActiveFence {
    private final Shard shard;
    private final Map<NodeAddress, Long> sinceNanos = new HashMap<>();
    private final Map<NodeAddress, Long> triedNanos = new HashMap<>();
    private final Map<NodeAddress, Long> heardNanos = new HashMap<>();

    ActiveFence(Shard shard) {
        this.shard = shard;
    }

    /** At most one entry per node that is watched is kept. */
    void judge(long evidenceNanos, long nowNanos) {
        if (!shard.settings().activeFence()) {
            return;
        }
        boolean undisputed =
                shard.state() == ShardState.SERVING && shard.primaryAnswers(nowNanos) && evidenceNanos >= nowNanos;
        for (NodeView node : shard.nodes().all()) {
            ReplicationInfo word = node.infoAsPrimary();
            Long heardBefore = heardNanos.put(node.address(), node.heardNanos());
            boolean justHeard = heardBefore == null || heardBefore < node.heardNanos();
            if (!undisputed || word == null || !shard.claims().isReplaced(node.address())) {
                sinceNanos.remove(node.address());
            } else if (justHeard) {
                long since = sinceNanos.computeIfAbsent(node.address(), unseen -> nowNanos);
                fence(node, word, nowNanos - since, nowNanos);
            }
        }
        sinceNanos.keySet().removeIf(address -> shard.nodes().get(address) == null);
        triedNanos.keySet().removeIf(address -> shard.nodes().get(address) == null);
        heardNanos.keySet().removeIf(address -> shard.nodes().get(address) == null);
    }

    private void fence(NodeView node, ReplicationInfo word, long forNanos, long nowNanos) {
        Claim used = shard.claims().used();
        Long tried = triedNanos.get(node.address());
        if (used == null || (tried != null && nowNanos - tried < Limits.PAUSE_AGAIN_NANOS)) {
            return;
        }
        triedNanos.put(node.address(), nowNanos);
        boolean demote = forNanos >= Limits.DEMOTE_AFTER_NANOS && shard.claims().isRelatedTo(word);
        shard.outbox()
                .add(
                        demote
                                ? new Action.Demote(node.address(), node.link(), used.primary())
                                : new Action.PauseWrites(node.address(), node.link(), Limits.PAUSE_NANOS));
        if (demote || forNanos == 0) {
            shard.outbox().tell(new Notice.ReplacedFenced(node.address(), used.primary(), used.epoch(), demote));
        }
    }
}
