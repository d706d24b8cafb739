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
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Mistakes that one could make, made on purpose around the real engine: the simulation is worth something if it finds
 * each of them.
 */
enum PlantedFault {
    NONE {
        @Override
        Engine around(Engine engine) {
            return engine;
        }
    },

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
            return reported(event, PlantedFault::withoutVote);
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

    /** The gate is said to be open as long as there is a primary. */
    GATE_STAYS_OPEN(Invariant.I3_NO_WRITE_ACROSS_FENCE) {
        @Override
        RoutingTable published(RoutingTable table, long nowNanos) {
            return table.primary() == null
                    ? table
                    : with(table, RoutingTable.WriteGate.OPEN, table.evidenceNanos(), table.replicas());
        }
    },

    /** Whatever a replaced primary replied is said to be the successor's, too. */
    ALL_IS_KEPT(Invariant.I4_NO_ACK_AFTER_SUPERSESSION) {
        @Override
        RoutingTable published(RoutingTable table, long nowNanos) {
            RoutingTable.Fork fork = table.fork();
            return new RoutingTable(
                    table.generation(),
                    table.epoch(),
                    table.primary(),
                    table.writes(),
                    table.evidenceNanos(),
                    table.replicas(),
                    table.primaryLost(),
                    new RoutingTable.Fork(fork.epoch(), fork.runId(), Instants.FOREVER, fork.goneSinceNanos()),
                    table.successor());
        }
    },

    /** Sentinels are asked, but nobody listens to what they say by themselves. */
    SUBSCRIPTION_UNHEARD(Invariant.I3_NO_WRITE_ACROSS_FENCE, Invariant.I11_EVIDENCE_ROUNDED_AGAINST_US) {
        @Override
        @Nullable Event heard(Event event) {
            return event instanceof Event.SentinelMessage ? null : event;
        }
    },

    /** A sentinel's word on the primary is taken to be as young as its answer. */
    PING_AGE_IGNORED(
            Invariant.I11_EVIDENCE_ROUNDED_AGAINST_US,
            Invariant.I4_NO_ACK_AFTER_SUPERSESSION,
            Invariant.I7_STALENESS_BOUND) {
        @Override
        Event heard(Event event) {
            return reported(event, s -> with(s, s.quorum(), s.downAfterNanos(), 0));
        }
    },

    /** A sentinel is taken to be twice as patient as it is. */
    DOWN_AFTER_OVERSTATED(
            Invariant.I11_EVIDENCE_ROUNDED_AGAINST_US,
            Invariant.I4_NO_ACK_AFTER_SUPERSESSION,
            Invariant.I7_STALENESS_BOUND) {
        @Override
        Event heard(Event event) {
            return reported(event, s -> with(s, s.quorum(), 2 * s.downAfterNanos(), s.lastOkPingReplyNanos()));
        }
    },

    /** It is taken to need the word of all others. */
    QUORUM_OVERSTATED(
            Invariant.I11_EVIDENCE_ROUNDED_AGAINST_US,
            Invariant.I4_NO_ACK_AFTER_SUPERSESSION,
            Invariant.I7_STALENESS_BOUND) {
        @Override
        Event heard(Event event) {
            return reported(event, s -> with(s, s.otherSentinels() + 1, s.downAfterNanos(), s.lastOkPingReplyNanos()));
        }
    },

    /** As {@link Slip} says, here and below. */
    RELEASES_UNPROVEN(Slip.RELEASES_UNPROVEN, Invariant.I4_NO_ACK_AFTER_SUPERSESSION, Invariant.I7_STALENESS_BOUND),
    RELEASES_UNDER_ANY_CLAIM(
            Slip.RELEASES_UNDER_ANY_CLAIM, Invariant.I4_NO_ACK_AFTER_SUPERSESSION, Invariant.I7_STALENESS_BOUND),
    READS_UNDER_ANY_CLAIM(Slip.READS_UNDER_ANY_CLAIM, Invariant.I7_STALENESS_BOUND),
    INDEX_BEFORE_THE_ARRIVAL(Slip.INDEX_BEFORE_THE_ARRIVAL, Invariant.I7_STALENESS_BOUND),
    STAMPS_BEFORE_THE_READ(
            Slip.STAMPS_BEFORE_THE_READ, Invariant.I4_NO_ACK_AFTER_SUPERSESSION, Invariant.I7_STALENESS_BOUND),
    REPLAYS_UNCERTAIN(Slip.REPLAYS_UNCERTAIN, Invariant.I5_AT_MOST_ONCE),
    CALLS_UNCERTAIN_GONE(Slip.CALLS_UNCERTAIN_GONE, Invariant.I5_AT_MOST_ONCE),
    ENDS_WITHOUT_RESET(Slip.ENDS_WITHOUT_RESET, Invariant.I5_AT_MOST_ONCE),
    REFUSES_UNCERTAIN(Slip.REFUSES_UNCERTAIN, Invariant.I5_AT_MOST_ONCE),
    ACKNOWLEDGES_UNCERTAIN(
            Slip.ACKNOWLEDGES_UNCERTAIN,
            Invariant.I4_NO_ACK_AFTER_SUPERSESSION,
            Invariant.I5_AT_MOST_ONCE,
            Invariant.I7_STALENESS_BOUND),
    FORGETS_UNCERTAIN(Slip.FORGETS_UNCERTAIN, Invariant.I8_HOLD_AND_PARK_BOUNDED),
    IGNORES_THE_GATE(Slip.IGNORES_THE_GATE, Invariant.I3_NO_WRITE_ACROSS_FENCE),
    SENDS_HELD_AGAIN(Slip.SENDS_HELD_AGAIN, Invariant.I5_AT_MOST_ONCE, Invariant.I6_ONE_REPLY_IN_ORDER),
    HEARS_THE_SILENT(Slip.HEARS_THE_SILENT, Invariant.I7_STALENESS_BOUND),
    TRUSTS_THE_DOUBTED(Slip.TRUSTS_THE_DOUBTED, Invariant.I7_STALENESS_BOUND),
    FORGETS_READS(Slip.FORGETS_READS, Invariant.I7_STALENESS_BOUND),
    FORGETS_WRITES(Slip.FORGETS_WRITES, Invariant.I7_STALENESS_BOUND),
    REPLICAS_ASKED_BEFORE_THE_REPLY(Slip.REPLICAS_ASKED_BEFORE_THE_REPLY, Invariant.I13_REPLICATED_WRITES_SURVIVE),
    ALL_BUT_ONE(Slip.ALL_BUT_ONE, Invariant.I13_REPLICATED_WRITES_SURVIVE);

    private static final Set<String> ELECTION =
            Set.of("+vote-for-leader", "+new-epoch", "+try-failover", "+odown", "+sdown", "+elected-leader");

    // Set.of cannot be changed; its type does not say so.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Set<Invariant> caughtBy;

    private final Slip slip;

    PlantedFault(Invariant... caughtBy) {
        this(Slip.NONE, caughtBy);
    }

    PlantedFault(Slip slip, Invariant... caughtBy) {
        this.slip = slip;
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

    /** What must go wrong for it to be seen, if chance alone would take too many worlds. */
    List<Strike.Fault> provokedBy() {
        return switch (this) {
            case FORGETS_READS -> List.of(Strike.Fault.SLOW_REPLICA);
            case REPLICAS_ASKED_BEFORE_THE_REPLY -> List.of(Strike.Fault.SLOW_WAY_TO_NODES, Strike.Fault.SLOW_REPLICA);
            case HEARS_THE_SILENT -> List.of(Strike.Fault.PROMOTE_PAST_READS);
            case TRUSTS_THE_DOUBTED, ENDS_WITHOUT_RESET ->
                List.of(Strike.Fault.PROMOTE_PAST_ALL, Strike.Fault.PROMOTE_PAST_ALL, Strike.Fault.SLOW_REPLICA);
            default -> List.of();
        };
    }

    /** Whether that goes wrong only where nobody votes. */
    boolean provokedByHand() {
        return switch (this) {
            case HEARS_THE_SILENT, TRUSTS_THE_DOUBTED, ENDS_WITHOUT_RESET -> true;
            default -> false;
        };
    }

    /** What the data plane does wrong. */
    Slip slip() {
        return slip;
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
        return with(table, table.writes(), evidenceNanos, replicas);
    }

    private static RoutingTable with(
            RoutingTable table, RoutingTable.WriteGate gate, long evidenceNanos, List<Replica> replicas) {
        return new RoutingTable(
                table.generation(),
                table.epoch(),
                table.primary(),
                gate,
                evidenceNanos,
                replicas,
                table.primaryLost(),
                table.fork(),
                table.successor());
    }

    private static Event reported(Event event, UnaryOperator<SentinelState> change) {
        return event instanceof Event.SentinelReport e
                ? new Event.SentinelReport(
                        e.sentinel(), e.link(), e.writtenNanos(), e.readNanos(), change.apply(e.state()))
                : event;
    }

    private static SentinelState with(SentinelState s, int quorum, long downAfterNanos, long lastOkPingReplyNanos) {
        return new SentinelState(
                s.primary(),
                s.configEpoch(),
                s.flags(),
                s.roleReported(),
                s.runId(),
                s.otherSentinels(),
                quorum,
                downAfterNanos,
                s.failoverTimeoutNanos(),
                lastOkPingReplyNanos,
                s.failoverState(),
                s.vote(),
                s.tilt(),
                s.sentinelRunId(),
                s.replicas(),
                s.sentinels());
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
                s.failoverTimeoutNanos(),
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
