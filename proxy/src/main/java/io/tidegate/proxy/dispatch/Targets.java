package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.upstream.ConnectionKey;
import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.Router;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import org.jspecify.annotations.Nullable;

/** Finds the connection that a command goes over, where the router says, or has its session wait for it. */
final class Targets {
    /** After waiting for a home in vain a session reads from the primary for so long before it waits again. */
    private static final long SETTLE_AGAIN_NANOS = 100_000_000;

    private final DataLoop loop;

    Targets(DataLoop loop) {
        this.loop = loop;
    }

    /** Where a command for the primary goes; null if the session waits, or was answered. */
    @Nullable UpstreamConnection primary(Session session, long end) {
        return primary(session, session.key, end);
    }

    /** The same over a connection with {@code key}; if that is not the session's own, nothing of it is in flight. */
    @Nullable UpstreamConnection primary(Session session, ConnectionKey key, long end) {
        RoutingTable table = loop.table();
        UpstreamConnection busy = key.equals(session.key) ? session.target : null;
        if (busy != null
                && session.checked.allows(table, busy)
                && busy.greeting().primary()
                && table.isWritable(busy.nodeId())) {
            if (session.open == null) {
                session.reason = Dispatcher.whyWritten(table);
            }
            return busy;
        }
        if (busy != null) {
            return waitForDrain(session);
        }
        int id = loop.router().write(table);
        session.reason = loop.router().reason();
        return id == Router.HOLD
                ? loop.dispatcher().hold(session, end, loop.router().reason())
                : connect(session, table, table.node(id), key, null, end);
    }

    /** Whether the connection to the primary that the session shares is there, with nothing on its way. */
    boolean primaryIdle(Session session) {
        RoutingTable table = loop.table();
        int id = loop.router().write(table);
        Node node = id == Router.HOLD ? null : table.node(id);
        UpstreamConnection shared = node == null ? null : loop.upstreams().shared(table, node, session.key);
        return shared != null && shared.idle();
    }

    /**
     * Where a read goes that any node may serve; null if the session waits, or was answered.
     *
     * @param begunAt the replica that has begun it and alone can go on with it; null if it begins here
     */
    @Nullable UpstreamConnection read(Session session, @Nullable Node begunAt, long end) {
        RoutingTable table = loop.table();
        UpstreamConnection busy = session.target;
        Router router = loop.router();
        if (busy != null && begunAt == null && session.checked.allows(table, busy)) {
            if (session.checked.sameBatch(busy, session.arrivalNanos)) {
                return busy;
            }
            if (busy.greeting().primary() && !router.spillFull()) {
                if (session.open == null) {
                    session.reason = whyItStays(session);
                }
                return busy;
            }
        }
        long nowNanos = session.waitDeadlineNanos == 0 && !session.settleOver ? session.arrivalNanos : loop.nowNanos();
        int id = route(session, table, begunAt, nowNanos);
        boolean byReplica = id >= 0 && !table.isPrimary(id);
        loop.demand().note(session.level, byReplica, session.arrivalNanos);
        if (busy != null) {
            if (id != busy.nodeId() || !session.checked.allows(table, busy)) {
                return waitForDrain(session);
            }
            session.checked.routed(table, busy, session.arrivalNanos);
            if (session.open == null) {
                session.reason = router.reason();
            }
            return busy;
        }
        if (id == Router.SETTLE) {
            if (session.level.kind() == ReadLevel.Kind.STRONG) {
                loop.signals().replicationWanted(session.arrivalNanos);
            } else {
                loop.signals().freshnessWanted(session.arrivalNanos);
            }
            loop.waiting().settle(session);
            session.answeredByWait = false;
            return null;
        }
        boolean none = router.reason() == RouteReason.NO_FRESH_REPLICA
                || router.reason() == RouteReason.HELD_SPILL
                || router.reason() == RouteReason.LEVEL_STRONG;
        if (session.settleOver && none) {
            session.causality.settleFailed(nowNanos + SETTLE_AGAIN_NANOS);
        }
        session.settleOver = false;
        session.settleDeadlineNanos = 0;
        session.reason = router.reason();
        Node node = id < 0 ? null : table.node(id);
        if (node == null) {
            return router.reason() == RouteReason.HELD_SPILL
                    ? holdSpill(session, end)
                    : loop.dispatcher().hold(session, end, router.reason());
        }
        return connect(session, table, node, session.key, begunAt, end);
    }

    private int route(Session session, RoutingTable table, @Nullable Node begunAt, long nowNanos) {
        // What is to show nothing that could be lost can be proven of a reply of the primary alone.
        boolean primaryOnly = Dispatcher.tellsOfHeldData(session, false);
        boolean settleOver = session.settleOver || primaryOnly;
        long arrivalNanos = primaryOnly ? Instants.FOREVER : session.arrivalNanos;
        Router router = loop.router();
        return begunAt == null
                ? router.read(table, session.level, session.causality, settleOver, arrivalNanos, nowNanos)
                : router.readOn(table, begunAt, session.level, session.causality, settleOver, arrivalNanos, nowNanos);
    }

    /** Why a read goes to the primary although nobody asked the router. */
    private static RouteReason whyItStays(Session session) {
        if (session.level.kind() == ReadLevel.Kind.STRONG) {
            return RouteReason.LEVEL_STRONG;
        }
        boolean spilled = session.reason == RouteReason.NO_FRESH_REPLICA;
        return spilled ? RouteReason.NO_FRESH_REPLICA : RouteReason.PIPELINE_ORDER;
    }

    /** Keeps a read back from a primary that has enough of those which a replica should serve. */
    private @Nullable UpstreamConnection holdSpill(Session session, long end) {
        if (session.heldSinceNanos == 0) {
            loop.stats().spillHeld();
        }
        loop.signals().freshnessWanted(session.arrivalNanos);
        loop.upstreams().awaitSpill();
        return loop.dispatcher().hold(session, end, RouteReason.HELD_SPILL);
    }

    /** The shared connection to {@code node}; a replica that cannot be connected to is left aside for another node. */
    private @Nullable UpstreamConnection connect(
            Session session,
            RoutingTable table,
            @Nullable Node node,
            ConnectionKey key,
            @Nullable Node begunAt,
            long end) {
        if (node == null) {
            return loop.dispatcher().hold(session, end, RouteReason.HELD_NO_PRIMARY);
        }
        UpstreamConnection connection = session.bigReplies.likelyInTurn()
                ? loop.upstreams().forBigReplies(table, node, key)
                : loop.upstreams().shared(table, node, key);
        if (connection != null && !connection.connecting() && !connection.closed() && !connection.congested()) {
            session.checked.routed(table, connection, session.arrivalNanos);
            return connection;
        }
        boolean unreachable = connection == null || connection.closed();
        if (unreachable && !table.servesAsPrimary(node.id())) {
            // The router never chooses a replica that failed, so this ends after as many rounds as there are replicas.
            session.causality.failed(node.id());
            return read(session, begunAt, end);
        }
        return loop.dispatcher()
                .hold(session, end, connection == null ? loop.upstreams().reason() : RouteReason.NO_LINK);
    }

    private static @Nullable UpstreamConnection waitForDrain(Session session) {
        session.wait = Wait.DRAIN;
        session.answeredByWait = false;
        return null;
    }
}
