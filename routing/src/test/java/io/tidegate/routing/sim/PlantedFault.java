package io.tidegate.routing.sim;

import io.tidegate.routing.Instants;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.engine.Action;
import io.tidegate.routing.engine.Event;
import io.tidegate.routing.engine.ReplicationInfo;
import io.tidegate.routing.engine.SentinelState;
import io.tidegate.routing.sim.Violation.Invariant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Mistakes that one could make, made on purpose around the real engine: the simulation is worth something if it finds
 * each of them.
 */
enum PlantedFault {
    NONE,

    /** Queries are stamped when their reply is read. */
    STAMP_AFTER_QUERY(Invariant.I7_STALENESS_BOUND, Invariant.I11_EVIDENCE_ROUNDED_AGAINST_US) {
        @Override
        Event heard(Event event) {
            if (event instanceof Event.NodeInfo e) {
                return new Event.NodeInfo(e.node(), e.link(), e.readNanos(), e.readNanos(), e.info());
            }
            if (event instanceof Event.NodeRole e) {
                return new Event.NodeRole(e.node(), e.link(), e.readNanos(), e.readNanos(), e.role());
            }
            return event;
        }
    },

    /** A sentinel's word counts from when it was heard, not from when it was asked. */
    CONFIRMED_FROM_THE_REPLY(Invariant.I4_NO_ACK_AFTER_SUPERSESSION, Invariant.I11_EVIDENCE_ROUNDED_AGAINST_US) {
        @Override
        Event heard(Event event) {
            if (event instanceof Event.SentinelReport e) {
                return new Event.SentinelReport(e.sentinel(), e.link(), e.readNanos(), e.readNanos(), e.state());
            }
            return event;
        }
    },

    /** Votes are neither read from reports nor heard. */
    VOTE_IGNORED(
            Invariant.I3_NO_WRITE_ACROSS_FENCE,
            Invariant.I4_NO_ACK_AFTER_SUPERSESSION,
            Invariant.I11_EVIDENCE_ROUNDED_AGAINST_US) {
        @Override
        @Nullable Event heard(Event event) {
            if (event instanceof Event.SentinelMessage e && ELECTION.contains(e.channel())) {
                return null;
            }
            if (event instanceof Event.SentinelReport e) {
                return new Event.SentinelReport(
                        e.sentinel(), e.link(), e.writtenNanos(), e.readNanos(), withoutVote(e.state()));
            }
            return event;
        }
    },

    /** Every reply of a claimed primary counts as proven. */
    NO_CONFIRMATION(Invariant.I4_NO_ACK_AFTER_SUPERSESSION, Invariant.I11_EVIDENCE_ROUNDED_AGAINST_US) {
        @Override
        RoutingTable published(RoutingTable table, long nowNanos) {
            return with(table, nowNanos + EventQueue.SECONDS, table.replicas());
        }
    },

    /** A replica of which nothing is proven is taken for fresh. */
    UNKNOWN_IS_FRESH(Invariant.I7_STALENESS_BOUND, Invariant.I11_EVIDENCE_ROUNDED_AGAINST_US) {
        @Override
        RoutingTable published(RoutingTable table, long nowNanos) {
            List<Replica> replicas = table.replicas().stream()
                    .map(replica -> replica.asOfNanos() == Instants.UNKNOWN
                            ? new Replica(replica.node(), nowNanos, RouteReason.ELIGIBLE)
                            : replica)
                    .toList();
            return with(table, table.evidenceNanos(), replicas);
        }
    },

    /** Offsets are compared without asking of which history they are. */
    HISTORY_IGNORED(Invariant.I7_STALENESS_BOUND, Invariant.I11_EVIDENCE_ROUNDED_AGAINST_US) {
        @Override
        Event heard(Event event) {
            if (event instanceof Event.NodeInfo e) {
                return new Event.NodeInfo(
                        e.node(), e.link(), e.writtenNanos(), e.readNanos(), withHistory(e.info(), "the same"));
            }
            return event;
        }
    },

    /** Replies of the primary are passed on as they come. */
    NO_PARKING(Invariant.I4_NO_ACK_AFTER_SUPERSESSION, Invariant.I7_STALENESS_BOUND) {
        @Override
        DataPlaneRules dataPlane() {
            return new DataPlaneRules(false, false, false, false);
        }
    },

    /** A write whose connection ended is sent again. */
    UNCERTAIN_IS_REPLAYED(Invariant.I5_AT_MOST_ONCE) {
        @Override
        DataPlaneRules dataPlane() {
            return new DataPlaneRules(true, true, false, false);
        }
    },

    /** What replicas hold is compared with when a write was sent: it may run after that. */
    REPLICAS_ASKED_BEFORE_THE_REPLY(Invariant.I13_REPLICATED_WRITES_SURVIVE) {
        @Override
        DataPlaneRules dataPlane() {
            return new DataPlaneRules(true, false, true, false);
        }
    },

    /** All replicas but one are enough. */
    ALL_BUT_ONE(Invariant.I13_REPLICATED_WRITES_SURVIVE) {
        @Override
        DataPlaneRules dataPlane() {
            return new DataPlaneRules(true, false, false, true);
        }
    };

    private static final Set<String> ELECTION =
            Set.of("+vote-for-leader", "+new-epoch", "+try-failover", "+odown", "+sdown", "+elected-leader");

    // Set.of cannot be changed; its type does not say so.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Set<Invariant> caughtBy;

    PlantedFault(Invariant... caughtBy) {
        this.caughtBy = Set.of(caughtBy);
    }

    /** The invariants of which one must notice. */
    Set<Invariant> caughtBy() {
        return caughtBy;
    }

    /** What the engine hears instead; null for nothing. */
    @Nullable Event heard(Event event) {
        return event;
    }

    /** What the data plane gets instead. */
    RoutingTable published(RoutingTable table, long nowNanos) {
        return table;
    }

    DataPlaneRules dataPlane() {
        return DataPlaneRules.SOUND;
    }

    Engine around(Engine engine) {
        return new Engine() {
            @Override
            public List<Action> start(long nowNanos) {
                return changed(engine.start(nowNanos), nowNanos);
            }

            @Override
            public List<Action> step(Event event, long nowNanos) {
                Event heard = heard(event);
                return heard == null ? List.of() : changed(engine.step(heard, nowNanos), nowNanos);
            }
        };
    }

    private List<Action> changed(List<Action> actions, long nowNanos) {
        List<Action> changed = new ArrayList<>();
        for (Action action : actions) {
            changed.add(
                    action instanceof Action.Publish publish
                            ? new Action.Publish(published(publish.table(), nowNanos))
                            : action);
        }
        return changed;
    }

    private static RoutingTable with(RoutingTable table, long evidenceNanos, List<Replica> replicas) {
        return new RoutingTable(
                table.generation(),
                table.epoch(),
                table.primary(),
                table.writes(),
                evidenceNanos,
                replicas,
                table.primaryLost(),
                table.deadBranch());
    }

    private static SentinelState withoutVote(SentinelState s) {
        return new SentinelState(
                s.primary(),
                s.configEpoch(),
                s.flags(),
                s.roleReported(),
                s.runId(),
                s.otherSentinels(),
                s.quorum(),
                s.downAfterNanos(),
                s.lastOkPingReplyNanos(),
                s.failoverState(),
                null,
                s.tilt(),
                s.sentinelRunId(),
                s.replicas(),
                s.sentinels());
    }

    private static ReplicationInfo withHistory(ReplicationInfo i, String history) {
        return new ReplicationInfo(
                i.runId(),
                i.primary(),
                history,
                null,
                -1,
                i.offset(),
                i.follows(),
                i.linkUp(),
                i.syncing(),
                i.loading(),
                i.promotable(),
                i.replicas());
    }
}
