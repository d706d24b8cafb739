package io.tidegate.routing.engine;

import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable.Fork;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.engine.EngineSettings.Fence;
import io.tidegate.routing.engine.EngineSettings.Topology;
import org.jspecify.annotations.Nullable;

/** What is known and decided about the shard, shared by the engine and its arbiter; one thread uses it. */
final class Shard {
    private EngineSettings settings;
    private final Outbox outbox = new Outbox();
    private final Warnings warnings = new Warnings(outbox);
    private final Nodes nodes;
    private final Claims claims = new Claims();
    private final Doubt doubt = new Doubt();
    private ShardState state = ShardState.SEEKING;
    private Fork fork = Fork.NONE;
    /** The history in which what {@link #fork} keeps is inherited: another one may lack it. */
    private @Nullable History heir;

    private String gateEvidence = "nobody was heard yet";

    Shard(EngineSettings settings) {
        this.settings = settings;
        this.nodes = new Nodes(settings, outbox, warnings);
    }

    EngineSettings settings() {
        return settings;
    }

    void patience(long silenceNanosMax, long probationNanos) {
        settings = settings.patience(silenceNanosMax, probationNanos);
    }

    /** The fence that can be had: where nobody votes there is no lease, and a node's own word is all there is. */
    Fence fence() {
        boolean votes = settings.topology() instanceof Topology.Sentinel;
        return voted(settings.fence()) && !votes ? Fence.ROLE : settings.fence();
    }

    /** Whether evidence comes from those who vote. */
    boolean voted() {
        return voted(fence());
    }

    private static boolean voted(Fence fence) {
        return fence == Fence.LEASE || fence == Fence.CONFIRM;
    }

    /** Asks those who decide, where somebody does. */
    void askSentinels() {
        if (settings.topology() instanceof Topology.Sentinel) {
            outbox.askSentinels();
        }
    }

    Outbox outbox() {
        return outbox;
    }

    Warnings warnings() {
        return warnings;
    }

    Nodes nodes() {
        return nodes;
    }

    Claims claims() {
        return claims;
    }

    Doubt doubt() {
        return doubt;
    }

    ShardState state() {
        return state;
    }

    /** The node of the claim in use; null before the first claim. */
    @Nullable NodeView primary() {
        NodeAddress address = claims.primary();
        return address == null ? null : nodes.get(address);
    }

    /** True while the process that the claim in use is about answers as primary. */
    boolean primaryAnswers(long nowNanos) {
        NodeView node = primary();
        if (node == null || !node.answers(settings.silenceNanosMax(), nowNanos)) {
            return false;
        }
        ReplicationInfo info = node.infoAsPrimary();
        return info != null && info.runId().equals(claims.runId());
    }

    /** Moves the state machine, and tells if that moved the gate. */
    void raise(Sign sign, String evidence) {
        WriteGate before = state.gate();
        state = state.on(sign);
        if (sign == Sign.ADOPTED || sign == Sign.REASSURED) {
            doubt.clear();
        }
        if (state.gate() != before) {
            gateEvidence = evidence;
            outbox.tell(new Notice.GateChanged(before, state.gate(), evidence));
        }
    }

    /** Why the gate stands where it does: the first evidence that made it so. */
    String gateEvidence() {
        return gateEvidence;
    }

    /**
     * The claim goes on in its next epoch with another process at the same address: connections and replies of the old one
     * count for nothing under it. Whether writes may be sent to it, the state still says.
     */
    void renew(Claim used, ReplicationInfo primary) {
        fork = Fork.NONE;
        claims.use(new Claim(used.primary(), used.epoch() + 1), primary);
        nodes.all().forEach(node -> outbox.ask(node.address()));
        outbox.tell(new Notice.ClaimAdopted(used.primary(), used.epoch() + 1, primary.runId()));
    }

    /** Uses a proven claim from now on; {@code primary} is the INFO by which its node said that it is primary. */
    void adopt(Claim claim, ReplicationInfo primary, String evidence) {
        History forked = forkedBy(claim, primary);
        if (forked == null) {
            fork = Fork.NONE;
        } else {
            leaveBehind(forked, claim, primary);
        }
        claims.use(claim, primary);
        heir = claims.history();
        nodes.all().forEach(node -> outbox.ask(node.address()));
        raise(Sign.ADOPTED, evidence);
        outbox.tell(new Notice.ClaimAdopted(claim.primary(), claim.epoch(), primary.runId()));
    }

    /** The history in use, if {@code primary}, the word of another node, says that it branched off that very history. */
    private @Nullable History forkedBy(Claim successor, ReplicationInfo primary) {
        Claim replaced = claims.used();
        History old = claims.history();
        boolean forked = replaced != null
                && old != null
                && old.lastOffset() >= 0
                && old.id().equals(primary.formerHistory())
                && !replaced.primary().equals(successor.primary());
        return forked ? old : null;
    }

    /** What of {@code old} lives on, and what stays behind. */
    private void leaveBehind(History old, Claim successor, ReplicationInfo primary) {
        Claim replaced = claims.used();
        if (replaced == null) {
            return;
        }
        // second_repl_offset is the first offset that is not shared
        long shared = primary.formerHistoryEnd() - 1;
        long survivedNanos = old.sharedUntil(shared);
        long keptNanos = claims.hadOneHistory()
                ? Math.min(survivedNanos, unpromotedNanos(replaced, successor))
                : Instants.UNKNOWN;
        fork = new Fork(replaced.epoch(), old.runId(), keptNanos, old.reached(shared));
        outbox.tell(new Notice.StreamAtRisk(
                replaced.primary(),
                successor.primary(),
                replaced.epoch(),
                shared,
                highestOffset(old),
                survivedNanos,
                fork.goneSinceNanos()));
    }

    /**
     * An instant at which nobody had been promoted in place of the replaced primary: each node that may have been still
     * said replica when it was asked after that. Where sentinels vote, an epoch has one leader, so between two neighbouring
     * epochs there is no third that anybody could have been promoted in; else it may have been any.
     */
    private long unpromotedNanos(Claim replaced, Claim successor) {
        boolean next = settings.topology() instanceof Topology.Sentinel && successor.epoch() == replaced.epoch() + 1;
        NodeView promoted = nodes.get(successor.primary());
        long nanos = promoted == null ? Instants.UNKNOWN : promoted.saidReplicaNanos();
        for (NodeView node : nodes.all()) {
            if (!next && !node.address().equals(replaced.primary())) {
                nanos = Math.min(nanos, node.saidReplicaNanos());
            }
        }
        return nanos;
    }

    /** A replica may have told of more than its primary was asked for. */
    private long highestOffset(History history) {
        long highest = history.lastOffset();
        for (NodeView node : nodes.all()) {
            if (node.isOf(history)) {
                highest = Math.max(highest, node.offset());
            }
        }
        return highest;
    }

    /** Where the claim in use parted from the one before, as far as that still says anything. */
    Fork fork() {
        if (heir != claims.history()) {
            fork = fork.keepingNothing();
        }
        return fork;
    }

    /** Evidence by the node's own word: it is believed while it answers as primary, and no longer than that. */
    long ownWordNanos(long nowNanos) {
        if (claims.used() == null) {
            return Instants.UNKNOWN;
        }
        if (primaryAnswers(nowNanos)) {
            return Instants.FOREVER;
        }
        NodeView node = primary();
        return node == null ? Instants.UNKNOWN : node.saidPrimaryNanos();
    }
}
