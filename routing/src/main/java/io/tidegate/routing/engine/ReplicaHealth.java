package io.tidegate.routing.engine;

import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RouteReason;
import org.jspecify.annotations.Nullable;

/**
 * Whether one replica may serve reads, with hysteresis: after trouble it must have been well for a while. What is not
 * known counts as trouble for the verdict, but only real trouble costs the probation.
 */
final class ReplicaHealth {
    private RouteReason published = RouteReason.NO_LINK;
    private boolean served;
    private boolean onProbation;
    private long wellSinceNanos = Instants.UNKNOWN;

    /** What the facts alone say, without hysteresis. */
    static RouteReason verdict(
            NodeView node,
            @Nullable NodeAddress primary,
            @Nullable History history,
            long silenceNanosMax,
            long nowNanos) {
        if (!node.answers(silenceNanosMax, nowNanos)) {
            return RouteReason.NO_LINK;
        }
        ReplicationInfo info = node.info();
        if (info == null) {
            return RouteReason.UNKNOWN_LAG;
        }
        if (info.loading()) {
            return RouteReason.LOADING;
        }
        if (node.saysPrimary()) {
            return RouteReason.NOT_A_REPLICA;
        }
        if (info.syncing()) {
            return RouteReason.SYNCING;
        }
        if (!node.replicationUp()) {
            return RouteReason.LINK_DOWN;
        }
        if (history == null) {
            return RouteReason.UNKNOWN_LAG;
        }
        if (node.changedSinceInfo()) {
            return RouteReason.OTHER_PRIMARY;
        }
        if (node.joinedSinceInfo()) {
            return RouteReason.UNKNOWN_LAG; // of which history it is now
        }
        if (!node.isOf(history)) {
            boolean followsClaim = primary != null && primary.equals(info.follows());
            return followsClaim ? RouteReason.FOREIGN_HISTORY : RouteReason.OTHER_PRIMARY;
        }
        return node.asOf().nanos() == Instants.UNKNOWN ? RouteReason.UNKNOWN_LAG : RouteReason.ELIGIBLE;
    }

    /** The verdict after hysteresis. */
    RouteReason judge(RouteReason verdict, long probationNanos, long nowNanos) {
        if (verdict != RouteReason.ELIGIBLE) {
            wellSinceNanos = Instants.UNKNOWN;
            onProbation |= served && verdict != RouteReason.UNKNOWN_LAG;
            return verdict;
        }
        if (wellSinceNanos == Instants.UNKNOWN) {
            wellSinceNanos = nowNanos;
        }
        if (onProbation && nowNanos - wellSinceNanos < probationNanos) {
            return RouteReason.PROBATION;
        }
        onProbation = false;
        served = true;
        return RouteReason.ELIGIBLE;
    }

    RouteReason published() {
        return published;
    }

    /**
     * Sets what the routing table says.
     *
     * @return what it said before
     */
    RouteReason publish(RouteReason reason) {
        RouteReason before = published;
        published = reason;
        return before;
    }
}
