package io.tidegate.routing.engine;

import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable.Successor;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that may follow the primary in use: those that sentinels name under a higher epoch, and those that say of
 * themselves that they were promoted out of its history, which is the earliest evidence of a failover that no sentinel
 * told of.
 */
final class Successors {
    private final Shard shard;
    private final Map<Claim, Long> firstNamedNanos = new LinkedHashMap<>();
    private final Map<NodeAddress, Long> promotedNanos = new LinkedHashMap<>();
    private @Nullable Successor expected;
    private long expectedNanos = Instants.UNKNOWN;

    Successors(Shard shard) {
        this.shard = shard;
    }

    /** A sentinel names this claim: its node must say, asked after this, that it is primary. */
    void named(Claim claim, long readNanos) {
        firstNamedNanos
                .keySet()
                .removeIf(known -> known.epoch() <= shard.claims().epoch());
        if (claim.epoch() > shard.claims().epoch() && firstNamedNanos.putIfAbsent(claim, readNanos) == null) {
            shard.outbox().ask(claim.primary());
            if (firstNamedNanos.size() > Limits.REMEMBERED_MAX) { // a lower epoch is the sooner settled by a higher
                firstNamedNanos
                        .keySet()
                        .remove(Collections.min(firstNamedNanos.keySet(), Comparator.comparingLong(Claim::epoch)));
            }
        }
    }

    /** Asks the nodes of all claims above the one in use. */
    void ask() {
        firstNamedNanos.keySet().stream()
                .filter(claim -> claim.epoch() > shard.claims().epoch())
                .forEach(claim -> shard.outbox().ask(claim.primary()));
    }

    /** What the claim's node says of itself as primary, asked after the claim was first named; null if it did not yet. */
    @Nullable ReplicationInfo word(Claim claim) {
        NodeView node = shard.nodes().get(claim.primary());
        Long firstNamed = firstNamedNanos.get(claim);
        if (node == null || firstNamed == null || node.saidPrimaryNanos() < firstNamed) {
            return null;
        }
        return node.infoAsPrimary();
    }

    /**
     * Whom a sentinel names under a later epoch than the one in use will most likely be adopted. If it says primary and
     * branched off the history in use, writes are sent to it already: what it says of itself need not be younger than what
     * the sentinel said, since nobody leaves this history for an earlier claim.
     *
     * <p>It stays until the cut-over ends one way or the other, says that it is a replica after all, or a later epoch is
     * named. What it was sent is uncertain then, so a moment's silence is no reason to let go of it. Nothing more is sent
     * to it once the limit {@code ahead} is over.
     *
     * @param undisputed whether nobody is known to fail over in a still later epoch; else it is sent nothing more
     */
    void expect(@Nullable Claim highest, LongPredicate undisputed, long nowNanos) {
        Successor before = expected;
        if (before != null) {
            boolean open = nowNanos - expectedNanos < Limits.AHEAD_NANOS && undisputed.test(before.epoch());
            expected = stands(before) ? opened(before, open) : null;
        }
        if (highest == null || shard.state() != ShardState.CUTTING_OVER) {
            return;
        }
        NodeView node = shard.nodes().get(highest.primary());
        ReplicationInfo word = node == null ? null : node.infoAsPrimary();
        long known = expected == null ? shard.claims().epoch() : expected.epoch();
        if (node != null
                && word != null
                && highest.epoch() > known
                && shard.claims().isLeftBy(word)
                && undisputed.test(highest.epoch())) {
            expected = new Successor(node.asNode(word.runId()), highest.epoch(), true);
            expectedNanos = nowNanos;
            shard.outbox().tell(new Notice.WritesSentAhead(highest.primary(), highest.epoch()));
        }
    }

    private static Successor opened(Successor before, boolean open) {
        return open == before.open() ? before : new Successor(before.node(), before.epoch(), open);
    }

    /**
     * Whether it is still the process that was promoted. To know it by its run id is enough. Another process at its address is
     * expected anew, if at all, and what the old one replied proves nothing of it. The same process may have been made a replica
     * and promoted again unheard, and have lost what it replied in between; but sentinels promote a node at most once in an
     * epoch: a leader sends {@code SLAVEOF NO ONE} in one state of its failover, which it does not come back to, and an epoch
     * has one leader. So it is expected under the later epoch then, and what was sent to it under the first is uncertain.
     *
     * <p>But for a failover that is forced, which may share its epoch with another one. Then the node must have been made a
     * replica between the two promotions: by a sentinel that has heard of no promotion, which waits until it has known the node
     * as a primary for 8 s ({@code sentinel_publish_period * 4}), and nothing is sent ahead for so long; or at once, by the
     * leader of a third failover in that epoch, which makes all other nodes follow whom it promoted, or by a sentinel that knew
     * the node as a primary from before and was not told, within the 10 s between two of its questions, that it had been a
     * replica since. Both take people who force failovers on several sentinels that do not hear each other.
     */
    private boolean stands(Successor before) {
        NodeView node = shard.nodes().get(before.node().address());
        ReplicationInfo word = node == null ? null : node.info();
        boolean another = word != null && !word.runId().equals(before.node().runId());
        return shard.state() == ShardState.CUTTING_OVER && node != null && !node.saysReplica() && !another;
    }

    /** Who is sent writes already; null if nobody is. */
    @Nullable Successor expected() {
        return shard.state() == ShardState.CUTTING_OVER ? expected : null;
    }

    /**
     * Looks for replicas of the claim's history that say primary.
     *
     * @return one that said so for the first time now, or null
     */
    @Nullable NodeView promoted(long nowNanos) {
        NodeView news = null;
        for (NodeView node : shard.nodes().all()) {
            if (!descends(node)) {
                promotedNanos.remove(node.address());
            } else if (promotedNanos.putIfAbsent(node.address(), nowNanos) == null) {
                news = node;
            }
        }
        promotedNanos.keySet().removeIf(address -> shard.nodes().get(address) == null);
        return news;
    }

    /** True if the node branched off the claim's history as a primary, or is about to tell so: INFO is older than ROLE. */
    private boolean descends(NodeView node) {
        ReplicationInfo info = node.info();
        if (info == null
                || !node.saysPrimary()
                || node.address().equals(shard.claims().primary())) {
            return false;
        }
        return info.primary()
                ? shard.claims().isAncestorOf(info)
                : shard.claims().isOwnHistory(info);
    }

    /** True if no promotion was seen, or so long ago that the sentinels would know if it were theirs. */
    boolean settled(long nowNanos) {
        return promotedNanos.values().stream().allMatch(seen -> nowNanos - seen >= Limits.PROMOTION_SETTLE_NANOS);
    }

    /** Evidence cannot reach further than the last time that a node just promoted still said replica. */
    long cappedNanos(long nowNanos) {
        long capped = Instants.FOREVER;
        for (Map.Entry<NodeAddress, Long> promotion : promotedNanos.entrySet()) {
            NodeView node = shard.nodes().get(promotion.getKey());
            if (node != null && nowNanos - promotion.getValue() < Limits.PROMOTION_SETTLE_NANOS) {
                capped = Math.min(capped, node.saidReplicaNanos());
            }
        }
        return capped;
    }
}
