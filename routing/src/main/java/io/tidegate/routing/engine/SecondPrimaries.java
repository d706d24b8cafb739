package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.EngineSettings.Topology;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Nodes that say primary while another one is in use: split brain. They are never used, and each is told once for each
 * claim and connection.
 *
 * <p>At once, but for what belongs to every failover. A successor says primary before it is adopted; and the one replaced,
 * if it lives, until the sentinels make it a replica, since {@code SENTINEL FAILOVER} tells it nothing: they let it say so
 * for 8 s, and see it with their next INFO. So while writes are kept back, and of a primary heard without a break since it
 * was the one in use, it is told once that has lasted for {@link Limits#DEMOTED_NANOS}. One that was out of reach meanwhile
 * comes back as a second primary.
 */
final class SecondPrimaries {
    private static final long NO_LINK = -1;

    private final Shard shard;

    // At most one entry of each per node that is watched.
    private final Map<NodeAddress, Seen> seen = new HashMap<>();
    private final Map<NodeAddress, Long> replacedLinks = new HashMap<>();
    private @Nullable Claim used;

    /** One that says primary. */
    private static final class Seen {
        private final long sinceNanos;
        private boolean told;

        Seen(long sinceNanos) {
            this.sinceNanos = sinceNanos;
        }
    }

    SecondPrimaries(Shard shard) {
        this.shard = shard;
    }

    void judge(long nowNanos) {
        Claim claim = shard.claims().used();
        if (claim == null) {
            return;
        }
        if (!claim.equals(used)) {
            succeed(claim);
        }
        for (NodeView node : shard.nodes().all()) {
            NodeAddress address = node.address();
            if (node.saysReplica()) {
                replacedLinks.remove(address);
            }
            if (node.infoAsPrimary() == null || address.equals(claim.primary())) {
                seen.remove(address);
                continue;
            }
            Seen second = seen.computeIfAbsent(address, unseen -> new Seen(nowNanos));
            boolean lasts = nowNanos - second.sinceNanos >= Limits.DEMOTED_NANOS;
            if (!second.told && (lasts || !isOfAFailover(node))) {
                second.told = true;
                shard.outbox().tell(new Notice.SecondPrimary(address, claim.primary(), claim.epoch()));
            }
        }
        seen.keySet().removeIf(address -> shard.nodes().get(address) == null);
        replacedLinks.keySet().removeIf(address -> shard.nodes().get(address) == null);
    }

    private void succeed(Claim claim) {
        Claim before = used;
        used = claim;
        seen.values().forEach(second -> second.told = false);
        replacedLinks.remove(claim.primary());
        if (before != null && !before.primary().equals(claim.primary())) {
            NodeView node = shard.nodes().get(before.primary());
            replacedLinks.put(before.primary(), node != null && node.up() ? node.link() : NO_LINK);
        }
    }

    private boolean isOfAFailover(NodeView node) {
        if (shard.state() == ShardState.CUTTING_OVER || shard.state() == ShardState.FENCED) {
            return true;
        }
        Long link = replacedLinks.get(node.address());
        return shard.settings().topology() instanceof Topology.Sentinel && link != null && link == node.link();
    }
}
