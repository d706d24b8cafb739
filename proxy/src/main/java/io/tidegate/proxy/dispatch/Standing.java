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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who a session is, which protocol it speaks and in which database it is (AUTH, HELLO, SELECT, RESET). That the primary
 * decides: it is asked by a connection as that user, and what it says is the client's answer. A connection that the session
 * has for itself goes along where the server tracks or watches keys for it, and is given up otherwise.
 *
 * <p><b>Strangers.</b> With {@code auth: passthrough} a client that has said nothing of who it is may be somebody all the same:
 * a server serves whoever connects as its default user, while that is on and needs no password. What the server makes of it
 * is asked when it matters, with the first command that not everybody may give, by a connection that is opened for the
 * question ({@link Identity#ANONYMOUS}): one that is open is served although the user has got a password since. Until it is
 * known, nothing of the client goes to a server. From then on it is that user, as with a server, which does not ask again
 * either: its commands go over connections that were all opened so, and a server that opens no more of them ends it ({@link
 * Dispatcher#hold}). Where others than this machine's clients may be, and nothing has let them in ({@link Profile#takesStrangers}), nobody
 * is asked: a server that needs no password may be one that only this machine can reach.
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
        return tried(session, key, end, refusal -> session.answers.error(refusal, end));
    }

    /**
     * Whether the client, which has not said who it is, may go on with its command, which not everybody may give. If not, it
     * waits, or was told so.
     *
     * @param spec of the command; null if nobody knows it
     */
    boolean admits(Session session, @Nullable CommandSpec spec, long end) {
        return admits(session, end, () -> {
            boolean allKnown = loop.commands().namesKept();
            session.answers.error(Refused.unauthenticated(spec, session.args, allKnown), end);
        });
    }

    /** The same; if not, the client is {@code told}. */
    boolean admits(Session session, long end, Runnable told) {
        boolean admitted = takesStranger(session, session.key, end, told);
        if (admitted) {
            becomes(session, Identity.ANONYMOUS);
        }
        return admitted;
    }

    /** Whether the primary takes a connection of somebody who has not said who he is, as above; else the client is {@code told}. */
    boolean takesStranger(Session session, ConnectionKey key, long end, Runnable told) {
        // All that came at once stands and falls together, as with a server.
        if (!session.client.profile.takesStrangers() || session.strangerSinceNanos == session.arrivalNanos) {
            told.run();
            session.answeredByWait = true;
            return false;
        }
        return tried(session, key, end, refusal -> {
            session.strangerSinceNanos = session.arrivalNanos;
            told.run();
        });
    }

    /**
     * Whether a client that has said nothing for long may go on so: where it would be served anyway, nobody waits for it. This
     * is asked now and then, and so until it is known.
     */
    boolean maySayNothing(Session session) {
        if (!session.client.profile.takesStrangers()) {
            return false;
        }
        UpstreamConnection attempt = session.attempt;
        if (attempt == null) {
            begin(session, session.key);
            return true;
        }
        if (attempt.connecting()) {
            return true;
        }
        session.attempt = null;
        if (attempt.closed()) {
            return attempt.refusal() == null;
        }
        loop.upstreams().giveBack(attempt);
        becomes(session, Identity.ANONYMOUS);
        return true;
    }

    private boolean tried(Session session, ConnectionKey key, long end, Consumer<String> refused) {
        session.answeredByWait = false;
        UpstreamConnection attempt = session.attempt;
        if (attempt != null && !attempt.key().equals(key)) {
            // What it was to find out, nobody wants to know any more.
            session.attempt = null;
            attempt.close("its client says who it is");
            attempt = null;
        }
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
                refused.accept(refusal);
                session.answeredByWait = true;
                return false;
            }
        }
        boolean full = !begin(session, key);
        return waitForAttempt(session, full ? loop.upstreams().reason() : RouteReason.NO_LINK, end);
    }

    /** False if there is a primary, and no connection to it can be had now. */
    private boolean begin(Session session, ConnectionKey key) {
        RoutingTable table = loop.table();
        Node primary = table.primary();
        session.attempt = primary == null ? null : loop.upstreams().attempt(session, table, primary, key);
        return primary == null || session.attempt != null;
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

    /**
     * Whether the servers let its user SELECT that database, which is asked on a connection that is there already. Otherwise as
     * above.
     */
    boolean maySelect(Session session, int database, long end) {
        ConnectionKey key = session.key;
        boolean goes = key.database() != database;
        if (goes && goesAlong(session)) {
            // Its own connection has to be told, and tells.
            return true;
        }
        ConnectionKey there = goes ? key.withDatabase(database) : key;
        String verdict = inquiries.ofPrimary(session, there, end, "SELECT", Integer.toString(database));
        return session.answers.accepted(verdict, "-NOPERM", end);
    }

    /** Whether it has a connection of its own, which is where it is. */
    private static boolean goesAlong(Session session) {
        return Pin.neededBy(session) && session.pin != null;
    }

    /** Whether the session is in that database now. Otherwise as above. */
    boolean enters(Session session, int database, long end) {
        ConnectionKey wanted = session.key.withDatabase(database);
        if (!wanted.equals(session.key)) {
            boolean granted = goesAlong(session)
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
        session.key = session.settings.initialKey();
        session.level = session.client.profile.level();
        session.durability = session.client.profile.durability();
        session.client.name = "";
        session.client.user = "default";
        session.client.spared = false;
        session.client.database = session.key.database();
        session.checked.forgetBatch();
        session.causality = new Causality(session.client.profile.scopeOf().apply(session.client.user));
        session.authenticated = !session.settings.passthroughAuth();
        session.scanner.authenticationRequired(!session.authenticated);
    }
}
