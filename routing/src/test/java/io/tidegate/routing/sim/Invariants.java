package io.tidegate.routing.sim;

import static io.tidegate.routing.sim.EventQueue.SECONDS;

import io.tidegate.routing.Durability;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.engine.Event;
import io.tidegate.routing.sim.Request.Outcome;
import io.tidegate.routing.sim.Violation.Invariant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The promises, checked against {@link Truth} whenever something happens that could break one: a table is published, a
 * write is sent or executed, a reply is released, a replica is promoted.
 */
final class Invariants {
    /** Held, sent and parked once, and the pauses of the process itself. */
    private static final long ANSWER_NANOS_MAX =
            SimDataPlane.HOLD_NANOS_MAX + SimDataPlane.REPLY_NANOS_MAX + SimDataPlane.PARK_NANOS_MAX + 4 * SECONDS;

    private final EventQueue queue;
    private final Truth truth;
    private final Map<SimProxy, View> views = new HashMap<>();
    private final Map<Long, NodeAddress> claimed = new HashMap<>();
    private final Map<Claim, Use> uses = new HashMap<>();
    private final Executions executions = new Executions();
    private final StrongReads strong = new StrongReads();
    private final Map<Outcome, Integer> outcomes = new HashMap<>();
    private final Survivors survivors;
    private int writes;
    private int replicaReads;
    private int kept;

    /** A primary's process in an epoch: what guarantees are relative to. */
    record Claim(long epoch, String runId) {
        static final Claim NONE = new Claim(RoutingTable.NO_EPOCH, "");
    }

    /** How far a claim was trusted. */
    private static final class Use {
        private final NodeAddress node;
        private long evidenceNanos = Instants.UNKNOWN;
        private long acknowledgedNanos = Instants.UNKNOWN;
        private long keptNanos = Instants.UNKNOWN;
        private Claim heir = Claim.NONE;

        Use(NodeAddress node) {
            this.node = node;
        }
    }

    /** What a proxy believes and has heard. */
    private static final class View {
        private RoutingTable table = RoutingTable.EMPTY;
        private Claim claim = Claim.NONE;
        private final Heard heard;
        private final Deque<Request> pending = new ArrayDeque<>();

        /** Only where nobody votes. */
        private @Nullable PromisesByHand byHand;

        View(Heard heard) {
            this.heard = heard;
        }
    }

    Invariants(EventQueue queue, Truth truth) {
        this.queue = queue;
        this.truth = truth;
        this.survivors = new Survivors(truth);
    }

    private View view(SimProxy proxy) {
        View view = views.get(proxy);
        if (view == null) {
            view = new View(new Heard(queue, truth));
            views.put(proxy, view);
        }
        return view;
    }

    Claim claim(SimProxy proxy) {
        return view(proxy).claim;
    }

    int nextWrite() {
        return writes++;
    }

    StrongReads strong() {
        return strong;
    }

    int outcomes(Outcome outcome) {
        return outcomes.getOrDefault(outcome, 0);
    }

    /** Replies of a replaced primary that were passed on, since its successor has what they are about. */
    int kept() {
        return kept;
    }

    int replicaReads() {
        return replicaReads;
    }

    private void check(boolean holds, Invariant invariant, Supplier<String> what) {
        if (!holds) {
            throw new Violation(invariant, what.get() + " at " + queue.nowNanos() / 1000 + " us");
        }
    }

    /** Nobody votes about whom this proxy takes for primary, and its epochs are its own. */
    void decidesAlone(SimProxy proxy) {
        view(proxy).byHand = new PromisesByHand(queue);
    }

    /** What it is held to then; null where sentinels vote. */
    @Nullable PromisesByHand byHand(SimProxy proxy) {
        return view(proxy).byHand;
    }

    // Tables.

    void published(SimProxy proxy, RoutingTable table) {
        View view = view(proxy);
        RoutingTable last = view.table;
        view.table = table;
        check(
                table.epoch() >= last.epoch(),
                Invariant.I1_EPOCH_MONOTONIC,
                () -> "epoch " + last.epoch() + " to " + table);
        check(table.generation() > last.generation(), Invariant.I1_EPOCH_MONOTONIC, () -> "generation of " + table);
        Node primary = table.primary();
        if (primary != null) {
            view.claim = new Claim(table.epoch(), primary.runId());
            NodeAddress before = claimed.putIfAbsent(table.epoch(), primary.address());
            check(
                    before == null || before.equals(primary.address()) || truth.stateLost(),
                    Invariant.I2_ONE_CLAIM_USED_PER_EPOCH,
                    () -> "epoch " + table.epoch() + " of " + before + " and " + primary);
            checkEvidence(view, primary, table.evidenceNanos());
        } else if (view.claim.epoch() != table.epoch()) {
            view.claim = Claim.NONE;
        }
        table.replicas().forEach(replica -> checkAsOf(proxy, view, replica));
        if (view.byHand != null) {
            view.byHand.published(table);
        }
    }

    private void checkEvidence(View view, Node primary, long evidenceNanos) {
        Use use = uses.computeIfAbsent(view.claim, ignored -> new Use(primary.address()));
        use.evidenceNanos = Math.max(use.evidenceNanos, evidenceNanos);
        check(
                !truth.isMistaken(view.claim.runId(), evidenceNanos),
                Invariant.I11_EVIDENCE_ROUNDED_AGAINST_US,
                () -> view.claim + " of " + primary + " was proven to " + evidenceNanos
                        + ", and is of another process than sentinels speak of");
        for (Truth.Promotion promotion : truth.effective()) {
            checkUse(view.claim, use, promotion);
        }
    }

    private void checkUse(Claim claim, Use use, Truth.Promotion promotion) {
        if (promotion.epoch() <= claim.epoch() || promotion.node().address.equals(use.node) || truth.stateLost()) {
            return;
        }
        if (promotion.provable()) {
            check(
                    use.evidenceNanos <= promotion.electedNanos(),
                    Invariant.I11_EVIDENCE_ROUNDED_AGAINST_US,
                    () -> claim + " of " + use.node + " was proven to " + use.evidenceNanos + " but " + promotion);
        }
        long until = promotion.forced() ? promotion.promotedNanos() : promotion.electedNanos();
        check(
                !promotion.covered() || use.acknowledgedNanos <= until,
                Invariant.I4_NO_ACK_AFTER_SUPERSESSION,
                () -> claim + " of " + use.node + " acknowledged at " + use.acknowledgedNanos + " but " + promotion);
        check(
                use.keptNanos <= promotion.promotedNanos()
                        || promotion.unheard()
                        || ties(promotion, use.heir)
                        || truth.isUndone(promotion, use.keptNanos), // by a leader that was overruled, and went on
                Invariant.I4_NO_ACK_AFTER_SUPERSESSION,
                () -> claim + " of " + use.node + " replied what was kept at " + use.keptNanos + " but " + promotion);
    }

    /**
     * A reply of a claim that is over, passed on because its successor took it over: it was given before that one was
     * promoted (as before whoever else was, see {@link #checkUse}), and what it is about, everything at {@code index} of the
     * log and before, is there.
     */
    private void checkKept(View view, Use use, Request request, Log.@Nullable Entry entry, int index) {
        kept++;
        use.keptNanos = Math.max(use.keptNanos, request.repliedNanos);
        Claim heir = view.claim;
        use.heir = heir;
        for (Truth.Promotion promotion : truth.effective()) {
            check(
                    !promotion.runId().equals(heir.runId())
                            || promotion.epoch() != heir.epoch()
                            || request.repliedNanos <= promotion.promotedNanos(),
                    Invariant.I4_NO_ACK_AFTER_SUPERSESSION,
                    () -> request + " was kept for " + heir + ", and replied after " + promotion);
        }
        Truth.Reign reign = truth.standing(heir.runId());
        check(
                reign == null || entry == null || reign.log().snapshot().holds(entry, index),
                Invariant.I4_NO_ACK_AFTER_SUPERSESSION,
                () -> request + " was kept for " + heir + ", which does not have it");
    }

    /** A forced failover and an election may take one epoch. Neither undoes the other, and what was kept is kept for one. */
    private static boolean ties(Truth.Promotion promotion, Claim heir) {
        return promotion.epoch() == heir.epoch() && !promotion.runId().equals(heir.runId());
    }

    private void checkAsOf(SimProxy proxy, View view, Replica replica) {
        long asOf = replica.asOfNanos();
        if (asOf == Instants.UNKNOWN || replica.health() != RouteReason.ELIGIBLE) {
            return;
        }
        check(
                asOf <= queue.nowNanos(),
                Invariant.I11_EVIDENCE_ROUNDED_AGAINST_US,
                () -> "as-of in the future: " + replica);
        SimNode node = truth.process(replica.node().runId());
        if (node == null
                || !node.alive()
                || !node.runId().equals(replica.node().runId())
                || proxy.isToHearTheEndOf(node)
                || (view.byHand != null && proxy.isToHearOf(node.address, node.dataSet()))) {
            return;
        }
        Log.Snapshot held = node.log().snapshot();
        Truth.Reign reign = truth.standing(view.claim.runId());
        check(
                reign == null || held.holdsAllOf(reign.log().before(asOf)),
                Invariant.I11_EVIDENCE_ROUNDED_AGAINST_US,
                () -> replica + " lacks what " + view.claim + " had executed");
        Truth.Promotion rightful = truth.rightful();
        if (rightful == null
                || !rightful.covered()
                || truth.stateLost()
                || rightful.epoch() <= view.claim.epoch()
                || asOf <= rightful.promotedNanos()) {
            return;
        }
        Truth.Reign succeeding = truth.reign(rightful.runId());
        check(
                succeeding == null || held.holdsAllOf(succeeding.log().before(asOf)),
                Invariant.I11_EVIDENCE_ROUNDED_AGAINST_US,
                () -> replica + " lacks what " + rightful + " had executed");
    }

    void stepped(SimProxy proxy, Event event) {
        View view = view(proxy);
        if (view.byHand != null) {
            view.byHand.heard();
        }
        view.heard.takeIn(event);
        view.heard.checkEvidence(view.table.evidenceNanos());
        while (!view.pending.isEmpty() && view.pending.element().answered) {
            view.pending.remove();
        }
        Request oldest = view.pending.peek();
        check(
                oldest == null || queue.nowNanos() - oldest.arrivalNanos <= ANSWER_NANOS_MAX,
                Invariant.I8_HOLD_AND_PARK_BOUNDED,
                () -> "unanswered: " + oldest);
    }

    /** A proxy was stopped for longer than a lease is used ahead, and goes on. */
    void woke(SimProxy proxy) {
        View view = view(proxy);
        if (view.byHand == null) {
            view.heard.woke();
            view.heard.checkEvidence(view.table.evidenceNanos());
        }
    }

    // Writes.

    void writeSent(SimProxy proxy, Upstream upstream, Request request) {
        View view = view(proxy);
        check(
                upstream.ready && upstream.meantBy(view.table) && view.table.isWritable(upstream.node.id()),
                Invariant.I3_NO_WRITE_ACROSS_FENCE,
                () -> request + " to " + upstream.node + " under " + view.table);
        view.heard.checkSending(request, upstream);
    }

    void executed(int write, Log.Entry entry, Log log) {
        executions.ran(write, entry, log);
    }

    void sentAgain(Request request) {
        executions.sentAgain(request);
    }

    int sentAgain() {
        return executions.countSentAgain();
    }

    void acknowledged(SimProxy proxy, Upstream upstream, Request request) {
        Claim claim = new Claim(upstream.epoch, upstream.node.runId());
        Use use = uses.computeIfAbsent(claim, ignored -> new Use(upstream.node.address()));
        Executions.Place place = executions.acknowledged(request, upstream.node.runId());
        View view = view(proxy);
        if (place != null && upstream.keptBy(view.table, request)) {
            checkKept(view, use, request, place.entry(), place.index());
            // So whoever reads there from now on sees it.
            strong.shown(view.claim, place.entry(), place.index());
            request.client.scope.writes.add(view.claim, place.entry(), place.index());
        } else {
            if (view.byHand != null) {
                view.byHand.acknowledged(upstream.epoch, request);
            }
            use.acknowledgedNanos = Math.max(use.acknowledgedNanos, request.repliedNanos);
        }
        truth.effective().forEach(promotion -> checkUse(claim, use, promotion));
        if (place != null) {
            strong.shown(claim, place.entry(), place.index());
            request.client.scope.writes.add(claim, place.entry(), place.index());
            if (request.client.durability.replicas() == Durability.ALL) {
                survivors.acknowledged(view.table, place.entry(), place.index());
            }
        }
    }

    /** A replica is primary from here on, with what it holds. */
    void promoted(SimNode node) {
        survivors.promoted(node);
    }

    /** A replica has acknowledged that it is primary, so its election counts. */
    void effective(Truth.Promotion promotion) {
        uses.forEach((claim, use) -> checkUse(claim, use, promotion));
    }

    /** Whether every proxy had taken in the announcement of a failover. */
    boolean heardByAll(Truth.Attempt attempt) {
        return views.values().stream().allMatch(view -> view.heard.of(attempt));
    }

    /** Whether what every proxy lets through had been weighed with this by then. */
    boolean knownByAll(Truth.Reconfiguration change, long byNanos) {
        long weighedNanos = byNanos - 2 * SimProxy.TICK_NANOS; // so long may evidence given before be used
        return views.values().stream().allMatch(view -> view.heard.of(change, weighedNanos));
    }

    // Reads.

    void read(SimProxy proxy, Upstream upstream, Request request) {
        Log.Snapshot seen = request.seen;
        if (seen == null) {
            throw new IllegalStateException("released without a reply: " + request);
        }
        if (!upstream.primary) {
            replicaReads++;
        }
        // Where nobody votes REPLICAOF comes by hand, and ends no connection.
        boolean unawares = view(proxy).byHand != null && request.answeredUnawares(proxy, upstream);
        if (unawares || truth.standing(request.under.runId()) == null) {
            return;
        }
        switch (request.level.kind()) {
            case EVENTUAL -> {
                if (!request.routed.primaryLost()) {
                    checkHolds(request, seen, request.sentNanos - SimDataPlane.LAG_NANOS_MAX);
                }
            }
            case BOUNDED -> {
                checkHolds(request, seen, request.arrivalNanos - request.level.boundNanos());
                checkNotSuperseded(proxy, upstream, request);
            }
            case SESSION -> checkSession(request, seen);
            case STRONG -> {
                // By hand a primary is made a replica and primary again between two probes, and loses what it had.
                Log.Snapshot kept = view(proxy).byHand == null ? null : primaryHolds(request);
                strong.released(request, seen, !upstream.primary, kept);
                checkNotSuperseded(proxy, upstream, request);
            }
        }
    }

    private void checkSession(Request request, Log.Snapshot seen) {
        SimClient client = request.client;
        Acknowledgements.Latest written = request.scopeBefore.last(request.under);
        Log.Snapshot own = primaryHolds(request);
        if (written != null && own.holds(written.entry(), written.index())) {
            checkHolds(request, seen, written, "its scope wrote before it");
        }
        if (client.seenUnder.equals(request.under) && own.holdsAllOf(client.seen)) {
            check(seen.holdsAllOf(client.seen), Invariant.I7_STALENESS_BOUND, () -> request + " went back in time");
        }
        client.seen = seen;
        client.seenUnder = request.under;
    }

    /**
     * What the primary of its claim holds. The process may have been a replica meanwhile, and be primary again, out of the
     * proxy's hearing: what it lost then is lost, and of another epoch than that the session was promised anything in.
     */
    private Log.Snapshot primaryHolds(Request request) {
        Truth.Reign reign = truth.standing(request.under.runId());
        return reign == null ? new Log(0).snapshot() : reign.log().snapshot();
    }

    private void checkHolds(Request request, Log.Snapshot seen, long beforeNanos) {
        Truth.Reign reign = truth.standing(request.under.runId());
        check(
                reign == null || seen.holdsAllOf(reign.log().before(beforeNanos)),
                Invariant.I7_STALENESS_BOUND,
                () -> request + " misses what " + request.under + " executed before " + beforeNanos);
    }

    private void checkHolds(Request request, Log.Snapshot seen, Acknowledgements.@Nullable Latest latest, String what) {
        check(
                latest == null || seen.holds(latest.entry(), latest.index()),
                Invariant.I7_STALENESS_BOUND,
                () -> request + " misses what was " + what);
    }

    /** What claims to be fresh must come from a primary, or be what a primary would have answered at the instant it is as of. */
    private void checkNotSuperseded(SimProxy proxy, Upstream upstream, Request request) {
        View view = view(proxy);
        if (upstream.keptBy(view.table, request)) {
            Claim claim = new Claim(upstream.epoch, upstream.node.runId());
            Use use = uses.computeIfAbsent(claim, ignored -> new Use(upstream.node.address()));
            Log.Snapshot all = request.seen;
            checkKept(view, use, request, all == null ? null : all.last(), all == null ? -1 : all.size() - 1);
            truth.effective().forEach(promotion -> checkUse(claim, use, promotion));
            return;
        }
        long epoch = upstream.primary ? upstream.epoch : request.under.epoch();
        long asOf = upstream.primary ? request.repliedNanos : request.arrivalNanos - request.level.boundNanos();
        for (Truth.Promotion promotion : truth.effective()) {
            boolean other =
                    promotion.epoch() > epoch && !promotion.node().address.equals(upstream.node.address());
            check(
                    !other || !promotion.provable() || truth.stateLost() || asOf <= promotion.electedNanos(),
                    Invariant.I7_STALENESS_BOUND,
                    () -> request + " was answered by " + upstream.node + " after " + promotion);
        }
    }

    /** Whether some request has not been answered. */
    boolean waiting() {
        return views.values().stream().anyMatch(view -> view.pending.stream().anyMatch(request -> !request.answered));
    }

    void submitted(SimProxy proxy, Request request) {
        view(proxy).pending.add(request);
    }

    void replied(Request request) {
        request.repliedNanos = queue.nowNanos();
    }

    void answered(Request request, Outcome outcome) {
        check(!request.answered, Invariant.I6_ONE_REPLY_IN_ORDER, () -> request + " was answered twice");
        request.answered = true;
        outcomes.merge(outcome, 1, Integer::sum);
        truth.mix(31L * request.write + outcome.name().hashCode());
        if (outcome == Outcome.NOT_EXECUTED && request.isWrite()) {
            executions.refused(request);
        }
    }

    // Peace.

    /** What is not yet as it should be once all faults are over; empty if all is well. */
    List<String> unstable(SimProxy proxy, NodeAddress agreed, List<SimNode> nodes) {
        return Peace.lacks(view(proxy).table, agreed, nodes, queue.nowNanos());
    }
}
