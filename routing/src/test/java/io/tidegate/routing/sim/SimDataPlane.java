package io.tidegate.routing.sim;

import static io.tidegate.routing.sim.EventQueue.MILLIS;
import static io.tidegate.routing.sim.EventQueue.SECONDS;

import io.tidegate.routing.Durability;
import io.tidegate.routing.Durability.Missing;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.NodeLoad;
import io.tidegate.routing.RandomSource;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.Router;
import io.tidegate.routing.RouterSettings;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.engine.Event;
import io.tidegate.routing.sim.Request.Outcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The data plane as a small model around the real router: it holds what may not be sent, sends, parks a primary's reply
 * until its evidence, and calls uncertain what was sent and proves nothing.
 */
final class SimDataPlane implements NodeLoad {
    static final long LAG_NANOS_MAX = 2 * SECONDS;
    static final long SETTLE_NANOS = 2 * MILLIS;
    static final long HOLD_NANOS_MAX = 6 * SECONDS;
    static final long REPLY_NANOS_MAX = 4 * SECONDS;
    static final long PARK_NANOS_MAX = 4 * SECONDS;
    private static final long REOPEN_NANOS = 50 * MILLIS;

    private final SimProxy proxy;
    private final Slip slip;
    private final Router router;
    private final Map<Integer, Upstream> upstreams = new TreeMap<>();
    private final List<Request> held = new ArrayList<>();
    private final Deque<Parked> parked = new ArrayDeque<>();

    /** Writes that were sent and proven nothing, while the next claim may prove that they are gone. */
    private final Deque<Parked> lost = new ArrayDeque<>();

    /** A reply that waits for evidence up to the instant at which it was read. */
    private record Parked(Request request, Upstream upstream) {}

    SimDataPlane(SimProxy proxy, Slip slip, boolean strongByReplica, RandomSource random) {
        this.proxy = proxy;
        this.slip = slip;
        router = new Router(
                this,
                new RouterSettings(LAG_NANOS_MAX, SETTLE_NANOS, 16, 1_000, strongByReplica),
                new RandomSource(random.next()));
    }

    @Override
    public int outstanding(int nodeId) {
        Upstream upstream = upstreams.get(nodeId);
        return upstream == null ? 0 : upstream.inFlight.size();
    }

    @Override
    public int spilled() {
        return 0;
    }

    @Override
    public long latencyNanos(int nodeId) {
        return 0;
    }

    int waiting() {
        return held.size() + parked.size() + lost.size();
    }

    private long now() {
        return proxy.queue.nowNanos();
    }

    void submit(Request request) {
        int target = request.isWrite() ? routeWrite(request) : route(request);
        Upstream upstream = target < 0 ? null : upstreams.get(target);
        if (upstream != null && upstream.ready) {
            send(upstream, request);
        } else {
            held.add(request);
        }
    }

    private int routeWrite(Request request) {
        Node primary = proxy.table().primary();
        // The successor may be of the branch that was left, and hold it.
        if (request.gone()
                && !(proxy.table().epoch() == request.goneEpoch
                        && proxy.table().writes().open())) {
            return Router.HOLD;
        }
        return slip == Slip.IGNORES_THE_GATE && primary != null ? primary.id() : router.write(proxy.table());
    }

    private int route(Request request) {
        boolean settleOver = request.settleUntilNanos != 0 && now() >= request.settleUntilNanos;
        int target = router.read(
                proxy.table(), request.level, request.client.causality, settleOver, countsFromNanos(request), now());
        if (target == Router.SETTLE && request.settleUntilNanos == 0) {
            request.settleUntilNanos = now() + SETTLE_NANOS;
            proxy.later(SETTLE_NANOS, this::retryHeld);
            proxy.probe();
        } else if (settleOver && target != Router.SETTLE) {
            request.client.causality.settleFailed(now() + 10 * SETTLE_NANOS);
        }
        return target;
    }

    private long countsFromNanos(Request request) {
        boolean early = slip == Slip.INDEX_BEFORE_THE_ARRIVAL && isStrong(request);
        return request.arrivalNanos - (early ? SimProxy.TICK_NANOS : 0);
    }

    private static boolean isStrong(Request request) {
        return !request.isWrite() && request.level.kind() == ReadLevel.Kind.STRONG;
    }

    private void send(Upstream upstream, Request request) {
        SimConnection over = upstream.connection;
        if (over == null) {
            held.add(request);
            return;
        }
        request.routed = proxy.table();
        request.under = proxy.invariants.claim(proxy);
        request.sentNanos = now();
        request.sentTo.add(upstream.node.runId());
        request.sentToBelieved = proxy.believes(upstream.node.address());
        upstream.inFlight.add(request);
        SimNode node = (SimNode) over.server();
        if (request.isWrite()) {
            if (request.gone()) {
                proxy.invariants.sentAgain(request);
            }
            proxy.invariants.writeSent(proxy, upstream, request);
            over.toServer(() -> {
                SimNode.Refusal refusal = node.write(request.write);
                over.toClient(() -> writeAnswered(upstream, request, refusal));
            });
        } else {
            over.toServer(() -> {
                Log.Snapshot seen = node.read();
                request.servedAsPrimary = node.primary();
                request.servedDataSet = node.dataSet();
                over.toClient(() -> readAnswered(upstream, request, seen));
            });
        }
    }

    private void writeAnswered(Upstream upstream, Request request, SimNode.@Nullable Refusal refusal) {
        upstream.inFlight.remove(request);
        if (refusal != null) {
            held.add(request);
            proxy.feed(new Event.DataPlaneSuspicion(upstream.node.address(), upstream.epoch, refusal.name()));
            end(upstream);
            return;
        }
        stamp(request);
        parkOrRelease(new Parked(request, upstream));
    }

    private void stamp(Request request) {
        request.readNanos = slip == Slip.STAMPS_BEFORE_THE_READ ? request.sentNanos : now();
        proxy.invariants.replied(request);
    }

    private void readAnswered(Upstream upstream, Request request, Log.@Nullable Snapshot seen) {
        upstream.inFlight.remove(request);
        if (seen == null) {
            held.add(request);
            return;
        }
        request.seen = seen;
        stamp(request);
        ReadLevel.Kind level = request.level.kind();
        boolean needsProof = level == ReadLevel.Kind.STRONG || level == ReadLevel.Kind.BOUNDED;
        boolean trusted = slip == Slip.TRUSTS_THE_DOUBTED || proxy.table().vouchesFor(upstream.epoch, upstream.node);
        if (upstream.primary && (needsProof || !trusted)) {
            parkOrRelease(new Parked(request, upstream));
        } else {
            release(request, upstream);
        }
    }

    private void parkOrRelease(Parked reply) {
        if (!settled(reply)) {
            parked.add(reply);
            proxy.feed(new Event.EvidenceWanted(reply.request().readNanos));
            if (missing(reply, proxy.table()) == Missing.REPLICAS) {
                proxy.probe();
            }
            awaitSuccessor(reply);
        }
    }

    private void awaitSuccessor(Parked reply) {
        RoutingTable table = proxy.table();
        if (!table.writes().open() && reply.upstream().epoch == table.epoch()) {
            proxy.askSince(reply.request().readNanos);
        }
    }

    /** Whether the evidence has decided about this reply, one way or the other. */
    private boolean settled(Parked reply) {
        RoutingTable table = proxy.table();
        boolean ours = slip == Slip.RELEASES_UNPROVEN
                || underAnyClaim(reply.request())
                || reply.upstream().isPrimaryOf(table);
        boolean kept = reply.upstream().keptBy(table, reply.request());
        if ((ours || kept) && missing(reply, table) == Missing.NOTHING) {
            release(reply.request(), reply.upstream());
            return true;
        }
        if ((reply.upstream().supersededIn(table) && !kept) || now() - reply.request().readNanos > PARK_NANOS_MAX) {
            unproven(reply.request(), reply.upstream());
            return true;
        }
        return false;
    }

    /** What the real rule says that this reply waits for. */
    private Missing missing(Parked reply, RoutingTable table) {
        Request request = reply.request();
        Upstream from = reply.upstream();
        Missing claim = missingOfTheClaim(request, from, table);
        boolean more = claim == Missing.NOTHING && request.isWrite() && request.client.durability.asksReplicas();
        long sinceNanos = slip == Slip.REPLICAS_ASKED_BEFORE_THE_REPLY ? request.sentNanos : request.readNanos;
        return more
                ? rule(request.client.durability, table.promotable()).missing(table, from.epoch, from.node, sinceNanos)
                : claim;
    }

    private Missing missingOfTheClaim(Request request, Upstream from, RoutingTable table) {
        Node claimed = table.primary();
        if (slip == Slip.RELEASES_UNPROVEN) {
            return Missing.NOTHING;
        }
        return underAnyClaim(request) && claimed != null
                ? Durability.ACKNOWLEDGED.missing(table, table.epoch(), claimed, request.readNanos)
                : Durability.ACKNOWLEDGED.missing(table, from.epoch, from.node, request.readNanos);
    }

    private boolean underAnyClaim(Request request) {
        return slip == Slip.RELEASES_UNDER_ANY_CLAIM || (slip == Slip.READS_UNDER_ANY_CLAIM && isStrong(request));
    }

    private Durability rule(Durability rule, int promotable) {
        boolean shortOfOne = slip == Slip.ALL_BUT_ONE && rule.replicas() == Durability.ALL && promotable > 1;
        return shortOfOne ? new Durability(promotable - 1, rule.lossNanosMax()) : rule;
    }

    private void release(Request request, Upstream upstream) {
        if (request.isWrite()) {
            if (slip != Slip.FORGETS_WRITES) {
                request.client.causality.acknowledged(request.readNanos);
            }
            proxy.invariants.acknowledged(proxy, upstream, request);
        } else {
            if (slip != Slip.FORGETS_READS) {
                request.client.causality.read(upstream.node, request.readNanos);
            }
            proxy.invariants.read(proxy, upstream, request);
        }
        answer(request, Outcome.DONE);
    }

    /** Sent, and nothing is proven: a read may go again, a write may have run. */
    private void unproven(Request request, Upstream upstream) {
        if (!request.isWrite()) {
            held.add(request);
            return;
        }
        switch (slip) {
            case REPLAYS_UNCERTAIN -> held.add(request);
            case REFUSES_UNCERTAIN -> answer(request, Outcome.NOT_EXECUTED);
            case ACKNOWLEDGES_UNCERTAIN -> release(request, upstream);
            case FORGETS_UNCERTAIN -> {}
            default -> {
                request.goneEpoch = RoutingTable.NO_EPOCH;
                lost.add(new Parked(request, upstream));
                settleLost();
            }
        }
    }

    /** The claim after the one that they were sent under says whether they are gone. */
    private void settleLost() {
        for (int i = lost.size(); i > 0; i--) {
            Parked write = lost.remove();
            settleLost(write, write.request(), proxy.table());
        }
    }

    private void settleLost(Parked write, Request request, RoutingTable table) {
        boolean decided =
                table.epoch() != write.upstream().epoch && !write.upstream().isSuccessorIn(table);
        if (decided && slip == Slip.CALLS_UNCERTAIN_GONE) {
            request.goneEpoch = table.epoch();
            held.add(request);
        } else if (decided && request.provenGone(table, write.upstream())) {
            held.add(request);
        } else if (decided || now() - request.sentNanos > PARK_NANOS_MAX) {
            answer(request, Outcome.UNCERTAIN);
        } else {
            lost.add(write);
        }
    }

    private void answer(Request request, Outcome outcome) {
        proxy.invariants.answered(request, outcome);
        request.client.answered();
    }

    // What changes.

    void tableChanged() {
        RoutingTable table = proxy.table();
        for (Upstream upstream : List.copyOf(upstreams.values())) {
            if (!upstream.meantBy(table)) {
                // A primary in doubt keeps its connection: its claim may yet be confirmed.
                if (!upstream.primary || upstream.supersededIn(table)) {
                    end(upstream);
                }
            } else if (upstream.owesReads() && table.silent(upstream.node.id()) && slip != Slip.HEARS_THE_SILENT) {
                end(upstream);
            }
        }
        Node primary = table.primary();
        if (primary != null) {
            openIfMissing(primary, true, table.epoch());
        }
        RoutingTable.Successor next = table.successor();
        if (next != null) {
            openIfMissing(next.node(), true, next.epoch());
        }
        for (RoutingTable.Replica replica : table.replicas()) {
            if (replica.health() != RouteReason.NOT_A_REPLICA) {
                openIfMissing(replica.node(), false, table.epoch());
            }
        }
        releaseParked();
        settleLost();
        retryHeld();
    }

    void tick() {
        releaseParked();
        for (Upstream upstream : List.copyOf(upstreams.values())) {
            Request oldest = upstream.inFlight.peek();
            if (oldest != null && now() - oldest.sentNanos > REPLY_NANOS_MAX) {
                end(upstream);
            }
        }
        tableChanged();
    }

    private void releaseParked() {
        for (int i = parked.size(); i > 0; i--) {
            Parked reply = parked.remove();
            if (!settled(reply)) {
                parked.add(reply);
                awaitSuccessor(reply);
            }
        }
    }

    private void retryHeld() {
        if (held.isEmpty()) {
            return;
        }
        List<Request> again = List.copyOf(held);
        held.clear();
        for (Request request : again) {
            if (request.gone() && !request.stillGone(proxy.table())) {
                answer(request, Outcome.UNCERTAIN);
            } else if (now() - request.arrivalNanos > HOLD_NANOS_MAX) {
                answer(request, request.gone() ? Outcome.UNCERTAIN : Outcome.NOT_EXECUTED);
            } else {
                submit(request);
                if (slip == Slip.SENDS_HELD_AGAIN && !held.contains(request)) {
                    held.add(request);
                }
            }
        }
    }

    // Connections.

    /** All, or those that only reads go over. */
    List<SimConnection> connections(boolean all) {
        List<SimConnection> connections = new ArrayList<>();
        for (Upstream upstream : upstreams.values()) {
            if ((all || !upstream.primary) && upstream.connection != null) {
                connections.add(upstream.connection);
            }
        }
        return connections;
    }

    private void openIfMissing(Node node, boolean primary, long epoch) {
        if (upstreams.containsKey(node.id())) {
            return;
        }
        Upstream upstream = new Upstream(node, primary, epoch);
        upstreams.put(node.id(), upstream);
        proxy.network.connect(proxy, node.address(), connection -> {
            if (connection == null || upstream.closed) {
                if (connection != null) {
                    connection.close(proxy);
                }
                end(upstream);
                return;
            }
            upstream.connection = connection;
            connection.onClosedAtClient(() -> ended(upstream));
            SimNode server = (SimNode) connection.server();
            connection.toServer(() -> {
                server.accepted(connection);
                boolean isPrimary = server.primary();
                String runId = server.runId();
                NodeAddress follows = server.follows();
                connection.toClient(() -> {
                    upstream.ready =
                            runId.equals(node.runId()) && primary == isPrimary && (isPrimary || known(node, follows));
                    if (upstream.ready) {
                        retryHeld();
                    } else {
                        end(upstream);
                    }
                });
            });
        });
    }

    /** Whether the replica follows whom it is known to follow. */
    private boolean known(Node node, @Nullable NodeAddress follows) {
        NodeAddress known = proxy.table().follows(node.id());
        return known == null || known.equals(follows);
    }

    /** The connection ended by itself: evidence, if that was the primary's. */
    private void ended(Upstream upstream) {
        if (upstream.primary && !upstream.closed) {
            proxy.feed(new Event.DataPlaneSuspicion(upstream.node.address(), upstream.epoch, "connection ended"));
        }
        end(upstream);
    }

    private void end(Upstream upstream) {
        if (upstream.closed) {
            return;
        }
        upstream.closed = true;
        upstream.ready = false;
        if (upstream.connection != null && upstream.owesWrites() && slip != Slip.ENDS_WITHOUT_RESET) {
            upstream.connection.abort(proxy);
        } else if (upstream.connection != null) {
            upstream.connection.close(proxy);
        }
        List<Request> lost = List.copyOf(upstream.inFlight);
        upstream.inFlight.clear();
        lost.forEach(request -> unproven(request, upstream));
        proxy.later(REOPEN_NANOS, () -> {
            upstreams.remove(upstream.node.id(), upstream);
            tableChanged();
        });
    }
}
