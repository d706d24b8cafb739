package io.tidegate.routing.engine;

import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable.WriteGate;

/** What happened to a shard, in the order in which it happened. Each has one log line and one place in a timeline. */
public sealed interface Notice {

    /**
     * One method per kind of notice, so that none can be forgotten.
     *
     * @param <R> what is made of each
     */
    interface Handler<R> {
        R on(ClaimAdopted notice);

        R on(WritesSentAhead notice);

        R on(GateChanged notice);

        R on(SentinelSaid notice);

        R on(SentinelLinkChanged notice);

        R on(NodeLinkChanged notice);

        R on(ReplicaHealthChanged notice);

        R on(SecondPrimary notice);

        R on(PrimaryRestarted notice);

        R on(FenceReleased notice);

        R on(ReplacedFenced notice);

        R on(Warning notice);

        R on(WarningEnded notice);

        R on(StreamAtRisk notice);
    }

    /** Calls the handler's method for this kind of notice. */
    <R> R dispatch(Handler<R> handler);

    /** A claim was adopted: writes go to this node now. */
    record ClaimAdopted(NodeAddress primary, long epoch, String runId) implements Notice {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** Writes are sent to this node, which was promoted; none is acknowledged until its claim is adopted. */
    record WritesSentAhead(NodeAddress successor, long epoch) implements Notice {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** The gate for writes changed, with the first evidence that made it so. */
    record GateChanged(WriteGate from, WriteGate to, String evidence) implements Notice {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** A sentinel's message about this shard that belongs in a failover's timeline (+sdown, +odown, +try-failover, …). */
    record SentinelSaid(NodeAddress sentinel, String channel, String payload) implements Notice {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    record SentinelLinkChanged(NodeAddress sentinel, boolean up, String reason) implements Notice {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    record NodeLinkChanged(NodeAddress node, boolean up, String reason) implements Notice {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** A replica may serve reads again, or no longer. */
    record ReplicaHealthChanged(NodeAddress node, RouteReason from, RouteReason to) implements Notice {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /**
     * A node other than the claim's says that it is primary; it is not used. Told at once, or after 20 s where a failover
     * may be why.
     */
    record SecondPrimary(NodeAddress node, NodeAddress claimed, long epoch) implements Notice {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /**
     * The primary's process was replaced under the same address.
     *
     * @param lastSeenOffset of the old process's history; -1 if none was seen
     * @param sharedOffset up to where the new process has that history; -1 if it does not say, and then no offset tells
     *     what it lost: it may have all of it (append-only file), or nothing
     * @param fenced whether writes stop until an operator releases them
     */
    record PrimaryRestarted(
            NodeAddress primary,
            String oldRunId,
            String newRunId,
            long lastSeenOffset,
            long sharedOffset,
            boolean fenced)
            implements Notice {
        /** Whether the two histories can be compared. */
        public boolean lossKnown() {
            return lastSeenOffset >= 0 && sharedOffset >= 0;
        }

        /** Bytes of replication stream known lost, 0 if that is not known; what was written after the last sample is not in it. */
        public long bytesKnownLost() {
            return lossKnown() ? Math.max(0, lastSeenOffset - sharedOffset) : 0;
        }

        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** An operator said that this node is primary, and the fence was released for it. */
    record FenceReleased(NodeAddress primary, long epoch, String fencedBy) implements Notice {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** A replaced primary that says primary is paused, or demoted if {@code demoted}, by the active fence. */
    record ReplacedFenced(NodeAddress node, NodeAddress primary, long epoch, boolean demoted) implements Notice {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /**
     * Something is odd about the shard, or something odd happened to it. What stands is told once, until it has ended.
     *
     * @param text one clause for a log
     */
    record Warning(WarningKind kind, String text) implements Notice {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /** What a {@link Warning} of this kind and text said is so no more. */
    record WarningEnded(WarningKind kind, String text) implements Notice {
        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }

    /**
     * A failover ended, and the new primary's history leaves the old one behind {@code branchOffset}: what the old primary
     * executed beyond that is lost.
     *
     * @param oldEpoch the epoch of the old primary's claim
     * @param branchOffset the last offset that both have
     * @param lastSeenOffset the highest that the old history was seen to have, by its primary or any replica
     * @param survivedNanos all that the old primary executed before this instant is in the new history, too; {@link
     *     Instants#UNKNOWN} if no sample shows that
     * @param passedNanos what was sent to it after this instant is not; {@link Instants#FOREVER} if no sample shows that
     */
    record StreamAtRisk(
            NodeAddress oldPrimary,
            NodeAddress newPrimary,
            long oldEpoch,
            long branchOffset,
            long lastSeenOffset,
            long survivedNanos,
            long passedNanos)
            implements Notice {
        /** Bytes of replication stream known lost; what was written after the last sample is not in it. */
        public long bytesKnownLost() {
            return Math.max(0, lastSeenOffset - branchOffset);
        }

        @Override
        public <R> R dispatch(Handler<R> handler) {
            return handler.on(this);
        }
    }
}
