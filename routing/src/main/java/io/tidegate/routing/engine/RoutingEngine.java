package io.tidegate.routing.engine;

import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.engine.EngineSettings.Fence;
import io.tidegate.routing.engine.EngineSettings.Topology;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The control plane of one shard as a step function: an event and the time go in, actions come out. It has no clock, no
 * thread, no connection and no randomness; whoever drives it calls it from one thread and does what the actions say.
 *
 * <p>Every step has the same order: take the event into the views of nodes and sentinels; let the {@link Arbiter} weigh
 * all views, which may adopt a claim or move the {@link ShardState}; compute the evidence; prove primary samples by it;
 * judge the replicas; publish the table if it differs from the last one. Where a lease stands and nothing but time has
 * come, evidence reaches further and that is all: {@link #extend}.
 */
public final class RoutingEngine {
    private final EngineSettings settings;
    private final Shard shard;
    private final Arbiter arbiter;
    private final Replicas replicas;
    private final FenceRequests requests;
    private final ActiveFence activeFence;
    private final Event.Handler facts = new Facts();
    private final SecondPrimaries secondPrimaries;

    private RoutingTable table = RoutingTable.EMPTY;
    private long anchorNanos = Instants.UNKNOWN;
    private int ticksSinceSettled;
    private long wantedNanos = Instants.UNKNOWN;

    public RoutingEngine(EngineSettings settings) {
        this.settings = settings;
        this.shard = new Shard(settings);
        this.replicas = new Replicas(shard);
        if (settings.topology() instanceof Topology.Sentinel sentinel) {
            this.arbiter = new SentinelArbiter(shard, sentinel);
        } else {
            this.arbiter = new StaticArbiter(shard, (Topology.Static) settings.topology());
        }
        this.requests = new FenceRequests(shard, arbiter);
        this.activeFence = new ActiveFence(shard);
        this.secondPrimaries = new SecondPrimaries(shard);
    }

    /** The first actions: whom to connect to. To be called once, before any step. */
    public List<Action> start(long nowNanos) {
        anchorNanos = nowNanos;
        arbiter.start(nowNanos);
        return settle(nowNanos);
    }

    /**
     * Takes one event.
     *
     * @param nowNanos the time on the same clock as the event's instants, not before any of them
     * @return what to do, in this order; at most one {@link Action.Publish}, and that first
     */
    public List<Action> step(Event event, long nowNanos) {
        if (nowNanos - anchorNanos > leaseAheadNanos()) {
            arbiter.paused(nowNanos);
            anchorNanos = nowNanos;
        }
        event.dispatch(facts, nowNanos);
        return event instanceof Event.Tick && quiet() ? extend(nowNanos) : settle(nowNanos);
    }

    /** Whether a tick can have changed nothing but how far a lease is used, or something that may wait a few ticks more. */
    private boolean quiet() {
        return shard.fence() == Fence.LEASE
                && shard.state() == ShardState.SERVING
                && ++ticksSinceSettled < Limits.TICKS_UNSETTLED_MAX
                && shard.outbox().isEmpty()
                && !samplesWait();
    }

    /** What is proven was weighed when it was heard; the table reaches as far into it as the last tick allows. */
    private List<Action> extend(long nowNanos) {
        publish(table.primary(), evidenceNanos(nowNanos), table.replicas(), table.primaryLost());
        return shard.outbox().drain();
    }

    /** The table published last. */
    public RoutingTable table() {
        return table;
    }

    private List<Action> settle(long nowNanos) {
        ticksSinceSettled = 0;
        requests.judge(nowNanos);
        arbiter.judge(nowNanos);
        nameReplicasOfANewPrimary(nowNanos);
        long evidenceNanos = evidenceNanos(nowNanos);
        activeFence.judge(evidenceNanos, nowNanos);
        History history = shard.claims().history();
        if (history != null) {
            history.prove(evidenceNanos);
        }
        secondPrimaries.judge(nowNanos);
        requests.tell();
        publish(evidenceNanos, nowNanos);
        return shard.outbox().drain();
    }

    /** From the first table of a claim on: what all replicas hold is not known before all are. */
    private void nameReplicasOfANewPrimary(long nowNanos) {
        NodeView primary = shard.primary();
        ReplicationInfo word = primary == null ? null : primary.infoAsPrimary();
        if (word != null && shard.claims().epoch() != table.epoch()) {
            replicas.nameListed(word, nowNanos);
        }
    }

    /** Without a lease, as-of moves no further than the sentinels are asked. */
    private boolean samplesWait() {
        History history = shard.claims().history();
        return history != null && history.waits();
    }

    private long evidenceNanos(long nowNanos) {
        if (shard.claims().used() == null) {
            return Instants.UNKNOWN;
        }
        return switch (shard.fence()) {
            case OFF -> Instants.FOREVER;
            case ROLE -> Math.min(shard.ownWordNanos(nowNanos), arbiter.uncontestedNanos());
            // A horizon that no lease reaches: what is proven in advance counts for nothing.
            case CONFIRM -> arbiter.evidenceNanos(Instants.UNKNOWN, nowNanos);
            case LEASE -> arbiter.evidenceNanos(anchorNanos + leaseAheadNanos(), nowNanos);
        };
    }

    private long leaseAheadNanos() {
        return Limits.LEASE_TICKS_AHEAD * settings.tickNanos();
    }

    /** With every tick: often enough for people, and not for each of the many events between two ticks. */
    private void lookForOddities(long nowNanos) {
        List<Finding> findings = new ArrayList<>(shard.nodes().findings());
        findings.addAll(arbiter.findings());
        shard.warnings().look(findings, nowNanos);
    }

    private void publish(long evidenceNanos, long nowNanos) {
        boolean primaryLost = !shard.primaryAnswers(nowNanos);
        publish(primaryNode(), evidenceNanos, replicas.judge(primaryLost, nowNanos), primaryLost);
    }

    /** Publishes a table of this and of where the shard stands, if a reader could tell it from the last one. */
    private void publish(
            RoutingTable.@Nullable Node primary,
            long evidenceNanos,
            List<RoutingTable.Replica> judged,
            boolean primaryLost) {
        long epoch = shard.claims().epoch();
        RoutingTable.WriteGate gate = shard.state().gate();
        RoutingTable.Fork fork = shard.fork();
        RoutingTable.Successor next = arbiter.successor();
        long generation = table.generation();
        List<RoutingTable.Replica> lineup = judged.equals(table.replicas()) ? table.replicas() : judged;
        if (!new RoutingTable(generation, epoch, primary, gate, evidenceNanos, lineup, primaryLost, fork, next)
                .equals(table)) {
            table = new RoutingTable(
                    generation + 1, epoch, primary, gate, evidenceNanos, lineup, primaryLost, fork, next);
            shard.outbox().publish(table);
        }
    }

    private RoutingTable.@Nullable Node primaryNode() {
        NodeView primary = shard.primary();
        return primary == null ? null : primary.asNode(shard.claims().runId());
    }

    /** Takes events into the views; what they mean is for the arbiter to say. */
    private final class Facts implements Event.Handler {
        @Override
        public void on(Event.NodeInfo event, long nowNanos) {
            NodeView node = shard.nodes().get(event.node());
            if (node == null || !received(node, node.hear(event))) {
                return;
            }
            if (node.address().equals(shard.claims().primary())) {
                if (event.info().primary()) {
                    hearPrimary(event, node, nowNanos);
                } else {
                    shard.askSentinels();
                }
            }
        }

        private void hearPrimary(Event.NodeInfo event, NodeView node, long nowNanos) {
            History history = shard.claims().history();
            ReplicationInfo info = event.info();
            if (history == null || !history.runId().equals(info.runId())) {
                restarted(history, node, info, nowNanos);
            } else if (!history.id().equals(info.history())) {
                changed(history, node, info);
                replicas.askAll();
            }
            replicas.nameListed(info, nowNanos);
            sample(event.writtenNanos(), event.readNanos(), info.offset(), node);
        }

        private void changed(History old, NodeView node, ReplicationInfo info) {
            Claim used = shard.claims().used();
            String former = info.formerHistory();
            boolean left = former != null && !former.equals(old.id());
            boolean endsBelow = former != null && !left && info.formerHistoryEnd() - 1 < old.lastOffset();
            boolean another = (left || endsBelow) && used != null && arbiter.primaryLeft(used, info);
            if (!another) {
                shard.claims().begin(info);
            }
            shard.warnings()
                    .happened(
                            WarningKind.HISTORY_CHANGED,
                            "primary " + node.address() + " changed its history from " + old.id() + " to "
                                    + info.history() + ": all offsets so far are void"
                                    + (another
                                            ? "; it was a replica of " + former + " in between, and may lack what it"
                                                    + " had acknowledged"
                                            : ""));
        }

        private void restarted(@Nullable History old, NodeView node, ReplicationInfo info, long nowNanos) {
            Claim used = shard.claims().used();
            if (used == null || old == null) {
                return; // it is the claim's node, so there is one
            }
            boolean fenced = arbiter.primaryRestarted(used, info, nowNanos);
            shard.outbox()
                    .tell(new Notice.PrimaryRestarted(
                            node.address(), old.runId(), info.runId(), old.lastOffset(), shared(old, info), fenced));
            replicas.askAll();
        }

        /** Up to where a restarted process has the old one's history; -1 if it does not say. */
        private static long shared(History old, ReplicationInfo info) {
            if (old.id().equals(info.history())) {
                return info.offset();
            }
            return old.id().equals(info.formerHistory()) ? info.formerHistoryEnd() - 1 : -1;
        }

        @Override
        public void on(Event.NodeRole event, long nowNanos) {
            NodeView node = shard.nodes().get(event.node());
            if (node == null || !received(node, node.hear(event))) {
                return;
            }
            if (node.contradictsInfo() || replicas.followsReplica(node)) {
                shard.outbox().ask(node.address());
            }
            ReplicationInfo info = node.infoAsPrimary();
            if (info != null
                    && event.role() instanceof Role.Primary role
                    && node.address().equals(shard.claims().primary())
                    && info.runId().equals(shard.claims().runId())) {
                sample(event.writtenNanos(), event.readNanos(), role.offset(), node);
            }
        }

        private void sample(long writtenNanos, long readNanos, long offset, NodeView node) {
            History history = shard.claims().history();
            ReplicationInfo info = node.info();
            if (history != null && info != null && !history.sample(writtenNanos, readNanos, offset)) {
                Claim used = shard.claims().used();
                boolean another = used != null && arbiter.primaryLeft(used, info.at(offset));
                if (!another) {
                    shard.claims().begin(info);
                }
                shard.warnings()
                        .happened(
                                WarningKind.OFFSET_WENT_BACK,
                                "offset of primary " + node.address() + " went back from " + history.lastOffset()
                                        + " to " + offset + ": all offsets so far are void"
                                        + (another ? "; it may lack what it had acknowledged" : ""));
                shard.outbox().ask(node.address());
            }
        }

        /** As primary it is the one still, whatever it is busy with; as a replica it is of no use meanwhile. */
        @Override
        public void on(Event.NodeBusy event, long nowNanos) {
            NodeView node = shard.nodes().get(event.node());
            if (node != null && event.node().equals(shard.claims().primary())) {
                node.hearBusy(event);
            }
        }

        @Override
        public void on(Event.NodeLost event, long nowNanos) {
            NodeView node = shard.nodes().get(event.node());
            if (node != null && node.lose(event, nowNanos)) {
                shard.outbox().tell(new Notice.NodeLinkChanged(node.address(), false, event.reason()));
                if (node.address().equals(shard.claims().primary())) {
                    shard.askSentinels();
                    replicas.askAll();
                }
            }
        }

        @Override
        public void on(Event.SentinelReport event, long nowNanos) {
            arbiter.hear(event, nowNanos);
            if (wantedNanos > table.evidenceNanos() && event.writtenNanos() < wantedNanos) {
                arbiter.askForEvidence(nowNanos);
            }
        }

        @Override
        public void on(Event.SentinelMessage event, long nowNanos) {
            arbiter.hear(event, nowNanos);
        }

        @Override
        public void on(Event.SentinelLost event, long nowNanos) {
            arbiter.hear(event, nowNanos);
        }

        @Override
        public void on(Event.DataPlaneSuspicion event, long nowNanos) {
            if (event.epoch() != shard.claims().epoch()
                    || !event.node().equals(shard.claims().primary())) {
                return; // about a claim that is no longer in use
            }
            shard.doubt().ofNode(nowNanos);
            if (shard.voted()) {
                shard.doubt().ofSentinels(nowNanos);
            }
            shard.raise(Sign.DOUBT, event.evidence());
            shard.outbox().ask(event.node());
            shard.askSentinels();
        }

        @Override
        public void on(Event.EvidenceWanted event, long nowNanos) {
            wantedNanos = Math.max(wantedNanos, event.readNanos());
            if (wantedNanos > table.evidenceNanos()) {
                arbiter.askForEvidence(nowNanos);
            }
        }

        @Override
        public void on(Event.FenceAsked event, long nowNanos) {
            requests.hear(event, nowNanos);
        }

        @Override
        public void on(Event.PatienceChanged event, long nowNanos) {
            shard.patience(event.silenceNanosMax(), event.probationNanos());
        }

        @Override
        public void on(Event.Tick event, long nowNanos) {
            anchorNanos = nowNanos;
            arbiter.tick(nowNanos);
            lookForOddities(nowNanos);
            replicas.askOutdated();
            if (wantedNanos > table.evidenceNanos() || samplesWait()) {
                arbiter.askForEvidence(nowNanos);
            }
            NodeAddress primary = shard.claims().primary();
            if (primary != null && shard.state() != ShardState.SERVING) {
                shard.outbox().ask(primary);
            }
        }

        private boolean received(NodeView node, NodeView.Reception reception) {
            if (reception == NodeView.Reception.NEW_LINK) {
                shard.outbox().tell(new Notice.NodeLinkChanged(node.address(), true, "answers"));
            }
            return reception != NodeView.Reception.LATE;
        }
    }
}
