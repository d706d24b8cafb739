package io.tidegate.routing.engine;

import io.tidegate.routing.Instants;
import io.tidegate.routing.RoutingTable.Successor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who decides which claim is used: the sentinels' votes, or, where nobody votes, the nodes' own histories. An arbiter
 * looks at the facts after every event, adopts claims and raises {@link Sign}s on the {@link Shard}.
 */
interface Arbiter {
    void start(long nowNanos);

    default void hear(Event.SentinelReport event, long nowNanos) {
        throw new IllegalStateException(
                "a report of sentinel " + event.sentinel() + " (expected: none, as none is watched)");
    }

    default void hear(Event.SentinelMessage event, long nowNanos) {
        throw new IllegalStateException(
                "a message of sentinel " + event.sentinel() + " (expected: none, as none is watched)");
    }

    default void hear(Event.SentinelLost event, long nowNanos) {
        throw new IllegalStateException(
                "the loss of sentinel " + event.sentinel() + " (expected: none, as none is watched)");
    }

    /** Time has passed: ask those whose answers are waited for. */
    void tick(long nowNanos);

    /** This process may have been stopped: whatever was known in advance is void until asked again. */
    void paused(long nowNanos);

    /**
     * Another process than the claim's says primary at the claim's address: what was proven is about the old one.
     *
     * @return whether writes stop until an operator releases them
     */
    boolean primaryRestarted(Claim used, ReplicationInfo primary, long nowNanos);

    /**
     * The claim's process has a history that branched off none of the claim's, or off one before what it had shown of it: it
     * was a replica of others' data since it was last asked.
     *
     * @return whether it has another claim for that; if not, all its offsets are void and no more
     */
    default boolean primaryLeft(Claim used, ReplicationInfo primary) {
        return false;
    }

    /** Evidence was wanted and is not there: ask for it. */
    void askForEvidence(long nowNanos);

    /** Weighs all facts: adopts a claim, raises signs. */
    void judge(long nowNanos);

    /** Who will most likely be adopted next, while a cut-over is under way; null if that is not known. */
    default @Nullable Successor successor() {
        return null;
    }

    /** What is odd, now that all facts are weighed, about those who decide. */
    default List<Finding> findings() {
        return List.of();
    }

    /**
     * The evidence for the claim in use, in advance of nothing later than {@code horizonNanos}.
     *
     * @return the instant up to which the primary is proven not to have been replaced
     */
    long evidenceNanos(long horizonNanos, long nowNanos);

    /**
     * Up to where a node's own word for the claim in use can be believed, whatever it says itself: others may have been
     * heard to contradict it.
     */
    default long uncontestedNanos() {
        return Instants.FOREVER;
    }

    /** Why an operator's word for this node is not taken now, in one clause; null if it is. */
    @Nullable String whyNotReleased(NodeView node);

    /** Takes an operator's word for {@code node}, which says primary itself: it alone is primary from here on. */
    void release(NodeView node, ReplicationInfo word, long askedNanos, long nowNanos);
}
