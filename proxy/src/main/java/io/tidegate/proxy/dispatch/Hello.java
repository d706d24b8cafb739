package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.Protocol;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.upstream.ConnectionKey;
import io.tidegate.proxy.upstream.Identity;
import io.tidegate.proxy.upstream.Product;
import io.tidegate.routing.Causality;
import org.jspecify.annotations.Nullable;

/**
 * HELLO and AUTH: who the client is and which protocol it speaks. Who it is, the primary decides: the proxy opens a
 * connection as that user, and answers what the server answered. See <a
 * href="https://redis.io/docs/latest/commands/hello/">HELLO</a>.
 */
final class Hello {
    private static final String NOAUTH =
            "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass>"
                    + " option can be used to authenticate the client and select the RESP protocol version at the same time";
    private static final String NO_PASSWORD_SET =
            "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is"
                    + " correct?";
    private static final String WRONGPASS = "WRONGPASS invalid username-password pair or user is disabled.";

    private final DataLoop loop;
    private final LocalCommands local;
    private final Inquiries inquiries;
    private final Pins pins;

    Hello(DataLoop loop, LocalCommands local, Inquiries inquiries) {
        this.loop = loop;
        this.local = local;
        this.inquiries = inquiries;
        this.pins = new Pins(loop);
    }

    boolean auth(Session session, long end) {
        RequestArgs args = session.args;
        if (args.count() > 3) {
            session.answerError("ERR syntax error", end);
            return true;
        }
        boolean named = args.count() == 3;
        Identity identity = named ? Identity.of(args.text(1), args.text(2)) : Identity.of(null, args.text(1));
        if (!loop.settings().passthroughAuth()) {
            authWithoutPasswords(session, named, identity, end);
            return true;
        }
        if (session.redirect != null) {
            session.answerError(ErrorReply.WHILE_REDIRECTING, end);
            return true;
        }
        if (LocalCommands.busy(session) || !local.proven(session, session.key.withIdentity(identity), end)) {
            return session.answeredByWait;
        }
        becomes(session, identity);
        LocalCommands.ok(session, end);
        return true;
    }

    /** The client is who it says it is; its reads see the writes of its user where the listener says so. */
    private static void becomes(Session session, Identity identity) {
        session.authenticated = true;
        session.scanner.authenticationRequired(false);
        session.key = session.key.withIdentity(identity);
        session.client.user = identity.user();
        session.checked.forgetBatch();
        Pins.outgrown(session);
        session.causality = new Causality(session.client.profile.scopeOf().apply(identity.user()));
    }

    /** Everybody is the default user and needs no password, as on a Redis server without one. */
    private static void authWithoutPasswords(Session session, boolean named, Identity identity, long end) {
        if (!named) {
            session.answerError(NO_PASSWORD_SET, end);
        } else if (identity.user().equals("default")) {
            LocalCommands.ok(session, end);
        } else {
            session.answerError(WRONGPASS, end);
        }
    }

    boolean answer(Session session, long end) {
        RequestArgs args = session.args;
        Protocol protocol = session.key.protocol();
        if (args.count() > 1) {
            String version = args.text(1);
            if (!version.matches("-?\\d{1,18}")) {
                session.answerError("ERR Protocol version is not an integer or out of range", end);
                return true;
            }
            if (!version.equals("2") && !version.equals("3")) {
                session.answerError("NOPROTO unsupported protocol version", end);
                return true;
            }
            protocol = version.equals("3") ? Protocol.RESP3 : Protocol.RESP2;
        }
        Identity identity = null;
        String name = null;
        for (int i = 2; i < args.count(); i++) {
            if (args.is(i, "AUTH") && i + 2 < args.count()) {
                identity = Identity.of(args.text(i + 1), args.text(i + 2));
                i += 2;
            } else if (args.is(i, "SETNAME") && i + 1 < args.count()) {
                name = args.text(i + 1);
                if (!ClientCommand.validName(name)) {
                    // Before whatever is wrong with what follows.
                    session.answerError(ClientCommand.INVALID_NAME, end);
                    return true;
                }
                i++;
            } else {
                session.answerError("ERR Syntax error in HELLO option '" + args.shown(i) + "'", end);
                return true;
            }
        }
        return greet(session, protocol, identity, name, end);
    }

    private boolean greet(
            Session session, Protocol protocol, @Nullable Identity identity, @Nullable String name, long end) {
        if (!session.authenticated && identity == null) {
            session.answerError(NOAUTH, end);
            return true;
        }
        if (identity != null
                && !loop.settings().passthroughAuth()
                && !identity.user().equals("default")) {
            session.answerError(WRONGPASS, end);
            return true;
        }
        Identity becomes = loop.settings().passthroughAuth() ? identity : null;
        if (becomes != null && session.redirect != null) {
            session.answerError(ErrorReply.WHILE_REDIRECTING, end);
            return true;
        }
        ConnectionKey wanted = session.key.withProtocol(protocol);
        if (becomes != null) {
            wanted = wanted.withIdentity(becomes);
        }
        // A connection to the primary proves the identity, and tells the version that the answer has to name.
        boolean ask = becomes != null
                || !wanted.equals(session.key)
                || !loop.upstreams().product().known();
        if (LocalCommands.busy(session)) {
            return false;
        }
        boolean granted =
                becomes == null ? !ask || local.established(session, wanted, end) : local.proven(session, wanted, end);
        if (!granted || (session.redirect != null && !ownConnectionSpeaks(session, wanted, end))) {
            return session.answeredByWait;
        }
        if (becomes != null) {
            becomes(session, becomes);
        }
        session.key = session.key.withProtocol(protocol);
        Pins.outgrown(session);
        if (name != null) {
            session.client.name = name;
        }
        describe(session, protocol, end);
        return true;
    }

    /** The connection that a session has for itself, since the server tracks what it reads there, goes along. */
    private boolean ownConnectionSpeaks(Session session, ConnectionKey wanted, long end) {
        Pin pin = session.pin;
        if (pin == null || pin.key.equals(wanted)) {
            return true;
        }
        String version = wanted.protocol() == Protocol.RESP3 ? "3" : "2";
        return inquiries.ownBecomes(session, pins, wanted, end, "HELLO", version);
    }

    private void describe(Session session, Protocol protocol, long end) {
        Product product = loop.upstreams().product();
        ByteBuf reply = session.answerBuffer();
        RespWriter.mapHeader(reply, 7, protocol);
        RespWriter.bulk(reply, "server");
        RespWriter.bulk(reply, product.name());
        RespWriter.bulk(reply, "version");
        RespWriter.bulk(reply, product.version());
        RespWriter.bulk(reply, "proto");
        RespWriter.integer(reply, protocol == Protocol.RESP3 ? 3 : 2);
        RespWriter.bulk(reply, "id");
        RespWriter.integer(reply, session.client.id);
        RespWriter.bulk(reply, "mode");
        RespWriter.bulk(reply, "standalone");
        RespWriter.bulk(reply, "role");
        RespWriter.bulk(reply, "master");
        RespWriter.bulk(reply, "modules");
        RespWriter.arrayHeader(reply, 0);
        session.answered(reply, end);
    }
}
