package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.upstream.ConnectionKey;
import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.proxy.upstream.Upstreams;
import io.tidegate.routing.Causality;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.command.CommandSpec;

/**
 * Commands that speak of the client's own connection, answered here in Redis's words: this class, {@link Hello}, {@link
 * ClientCommand}, {@link ProxyCommand} and {@link AskedOfProxy} are the whole list of what Tidegate answers by itself, beside
 * {@link ErrorReply} and {@link BrokenTransaction}.
 */
final class LocalCommands {
    private final DataLoop loop;
    private final Hello hello;
    private final ClientCommand client;
    private final SelectCommand select;
    private final ProxyCommand proxy;

    LocalCommands(DataLoop loop) {
        this.loop = loop;
        Inquiries inquiries = new Inquiries(loop);
        this.hello = new Hello(loop, this, inquiries);
        this.client = new ClientCommand(loop, inquiries);
        this.select = new SelectCommand(loop, this, inquiries);
        this.proxy = new ProxyCommand(loop, inquiries);
    }

    /** Whether a client that must authenticate may send it before. */
    boolean beforeAuthentication(CommandSpec spec) {
        return switch (spec.name()) {
            case "auth", "hello", "quit", "reset" -> true;
            default -> false;
        };
    }

    /** Whether it ends whatever state the connection has, a transaction included. */
    boolean endsConnectionState(CommandSpec spec) {
        return spec.name().equals("quit") || spec.name().equals("reset");
    }

    /** Answers the command at the session's position. False if the session has to wait with it. */
    boolean answer(Session session, CommandSpec spec, long end) {
        RequestArgs args = session.args;
        if (!spec.arityFits(args.count())) {
            session.answerError("ERR wrong number of arguments for '" + spec.name() + "' command", end);
            return true;
        }
        loop.stats().answeredLocally(session.level.kind());
        String name = spec.name();
        if (name.startsWith("client")) {
            return client.answer(session, name, end);
        }
        return switch (name) {
            case "ping" -> ping(session, end);
            case "echo" -> bulk(session, 1, end);
            case "quit" -> quit(session, end);
            case "reset" -> reset(session, end);
            case "hello" -> hello.answer(session, end);
            case "auth" -> hello.auth(session, end);
            case "select" -> select.answer(session, end);
            case "proxy" -> proxy.answer(session, end);
            case "asking", "readonly", "readwrite" -> {
                if (loop.settings().cluster()) {
                    ok(session, end);
                } else {
                    session.answerError("ERR This instance has cluster support disabled", end);
                }
                yield true;
            }
            default -> throw new IllegalStateException(name + " is local in the command table and has no answer");
        };
    }

    private static boolean ping(Session session, long end) {
        if (session.args.count() > 2) {
            session.answerError("ERR wrong number of arguments for 'ping' command", end);
            return true;
        }
        if (Listening.only(session)) {
            ByteBuf pong = session.answerBuffer();
            RespWriter.arrayHeader(pong, 2);
            RespWriter.bulk(pong, "pong");
            RespWriter.bulk(pong, session.args.count() == 2 ? session.args.bytes(1) : new byte[0]);
            session.answered(pong, end);
            return true;
        }
        if (session.args.count() == 2) {
            return bulk(session, 1, end);
        }
        ByteBuf reply = session.answerBuffer();
        RespWriter.simpleString(reply, "PONG");
        session.answered(reply, end);
        return true;
    }

    private static boolean bulk(Session session, int arg, long end) {
        byte[] bytes = session.args.bytes(arg);
        ByteBuf reply = session.answerBuffer();
        RespWriter.bulk(reply, bytes);
        session.answered(reply, end);
        return true;
    }

    private static boolean quit(Session session, long end) {
        ok(session, end);
        session.closeWhenAnswered();
        return true;
    }

    /** The client's connection is as if it had just connected. */
    private boolean reset(Session session, long end) {
        if (busy(session)) {
            return false;
        }
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
        session.authenticated = !loop.settings().passthroughAuth();
        session.scanner.authenticationRequired(!session.authenticated);
        ByteBuf reply = session.answerBuffer();
        RespWriter.simpleString(reply, "RESET");
        session.answered(reply, end);
        return true;
    }

    static void ok(Session session, long end) {
        ByteBuf reply = session.answerBuffer();
        RespWriter.simpleString(reply, "OK");
        session.answered(reply, end);
    }

    /** What changes the session's connection must not overtake what is on the way on the old one. */
    static boolean busy(Session session) {
        session.answeredByWait = false;
        if (session.order.isEmpty()) {
            return false;
        }
        session.wait = Wait.DRAIN;
        return true;
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
                session.answerError(refusal, end);
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
            session.answerError(refusal, end);
            session.answeredByWait = true;
        } else {
            boolean none = primary != null && connection == null;
            loop.dispatcher().hold(session, end, none ? upstreams.reason() : RouteReason.NO_LINK);
        }
        return false;
    }
}
