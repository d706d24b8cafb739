package io.tidegate.proxy.dispatch;

import io.tidegate.protocol.Protocol;
import io.tidegate.proxy.upstream.ConnectionKey;
import io.tidegate.proxy.upstream.Identity;
import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.proxy.upstream.Upstreams;
import io.tidegate.routing.Causality;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.command.CommandSpec;

/**
 * Who a session is, which protocol it speaks and in which database it is (AUTH, HELLO, SELECT, RESET). That the primary
 * decides: it is asked by a connection as that user, and what it says is the client's answer. A connection that the session
 * has for itself goes along where the server tracks or watches keys for it, and is given up otherwise.
 */
final class Standing {
    private final DataLoop loop;
    private final Inquiries inquiries;
    private final Pins pins;

    Standing(DataLoop loop, Inquiries inquiries) {
        this.loop = loop;
        this.inquiries = inquiries;
        this.pins = new Pins(loop);
    }

    /** Whether a client that must authenticate may send it before. */
    static boolean mayComeBefore(CommandSpec spec) {
        return switch (spec.name()) {
            case "auth", "hello", "quit", "reset" -> true;
            default -> false;
        };
    }

    /** Whether it ends whatever state the connection has, a transaction included. */
    static boolean endedBy(CommandSpec spec) {
        return spec.name().equals("quit") || spec.name().equals("reset");
    }

    /**
     * Whether the primary accepts these credentials now: a connection opened for this question alone, since one that is
     * open may have outlived its password. Otherwise as {@link #established}.
     */
    boolean proven(Session session, ConnectionKey key, long end) {
        session.answeredByWait = false;
        UpstreamConnection attempt = session.attempt;
        if (attempt != null) {
            if (attempt.connecting()) {
                return waitForAttempt(session, RouteReason.NO_LINK, end);
            }
            session.attempt = null;
            if (!attempt.closed()) {
                loop.upstreams().giveBack(attempt);
                return true;
            }
            String refusal = attempt.refusal();
            if (refusal != null) {
                session.answers.error(refusal, end);
                session.answeredByWait = true;
                return false;
            }
        }
        RoutingTable table = loop.table();
        Node primary = table.primary();
        session.attempt = primary == null ? null : loop.upstreams().attempt(session, table, primary, key);
        boolean refused = primary != null && session.attempt == null;
        return waitForAttempt(session, refused ? loop.upstreams().reason() : RouteReason.NO_LINK, end);
    }

    /** An attempt belongs to the command that made it, and ends with it. */
    private boolean waitForAttempt(Session session, RouteReason reason, long end) {
        loop.dispatcher().hold(session, end, reason);
        if (session.answeredByWait && session.attempt != null) {
            session.attempt.close("its client was told that it took too long");
            session.attempt = null;
        }
        return false;
    }

    /**
     * Whether the primary has accepted a connection with this key: who the client says it is, the database it wants. If
     * not, the session waits, or the server's own refusal was answered ({@link Session#answeredByWait}).
     */
    boolean established(Session session, ConnectionKey key, long end) {
        RoutingTable table = loop.table();
        Node primary = table.primary();
        Upstreams upstreams = loop.upstreams();
        session.answeredByWait = false;
        UpstreamConnection connection = primary == null ? null : upstreams.shared(table, primary, key);
        if (connection != null && !connection.connecting() && !connection.closed()) {
            return true;
        }
        String refusal = primary == null ? null : upstreams.refusal(primary, key);
        if (refusal != null && primary != null) {
            upstreams.forgetRefusal(primary, key);
            session.answers.error(refusal, end);
            session.answeredByWait = true;
        } else {
            boolean none = primary != null && connection == null;
            loop.dispatcher().hold(session, end, none ? upstreams.reason() : RouteReason.NO_LINK);
        }
        return false;
    }

    /** Whether a connection that the server tracks keys for speaks the protocol of {@code wanted}. Otherwise as above. */
    boolean ownSpeaks(Session session, ConnectionKey wanted, long end) {
        Pin pin = session.pin;
        if (session.redirect == null || pin == null || pin.key.equals(wanted)) {
            return true;
        }
        return inquiries.ownBecomes(session, pins, wanted, end, "HELLO", number(wanted.protocol()));
    }

    private static String number(Protocol protocol) {
        return protocol == Protocol.RESP3 ? "3" : "2";
    }

    /** Whether the session is in that database now. Otherwise as above. */
    boolean enters(Session session, int database, long end) {
        ConnectionKey wanted = session.key.withDatabase(database);
        if (!wanted.equals(session.key)) {
            boolean own = Pin.neededBy(session) && session.pin != null;
            boolean granted = own
                    ? inquiries.ownBecomes(session, pins, wanted, end, "SELECT", Integer.toString(database))
                    : established(session, wanted, end);
            if (!granted) {
                return false;
            }
        }
        session.key = wanted;
        session.client.database = database;
        return true;
    }

    /** The client is who it says it is; its reads see the writes of its user where the listener says so. */
    static void becomes(Session session, Identity identity) {
        session.authenticated = true;
        session.scanner.authenticationRequired(false);
        session.key = session.key.withIdentity(identity);
        session.client.user = identity.user();
        session.checked.forgetBatch();
        Pins.outgrown(session);
        session.causality = new Causality(session.client.profile.scopeOf().apply(identity.user()));
    }

    static void speaks(Session session, Protocol protocol) {
        session.key = session.key.withProtocol(protocol);
        Pins.outgrown(session);
    }

    /** The client's connection is as if it had just connected. */
    static void reset(Session session) {
        session.redirect = null;
        Pins.abandon(session);
        session.endSubscriptions();
        session.transaction.ended();
        session.replies.reset();
        session.key = ConnectionKey.INITIAL;
        session.level = session.client.profile.level();
        session.durability = session.client.profile.durability();
        session.client.name = "";
        session.client.user = "default";
        session.client.spared = false;
        session.client.database = session.key.database();
        session.checked.forgetBatch();
        session.causality = new Causality(session.client.profile.scopeOf().apply(session.client.user));
        session.authenticated = !session.loop.settings().passthroughAuth();
        session.scanner.authenticationRequired(!session.authenticated);
    }
}
