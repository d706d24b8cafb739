package io.tidegate.proxy.answers;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.Protocol;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.dispatch.Asker;
import io.tidegate.proxy.dispatch.DataLoop;
import io.tidegate.proxy.dispatch.ErrorReply;
import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.proxy.upstream.ConnectionKey;
import io.tidegate.proxy.upstream.Identity;
import io.tidegate.proxy.upstream.Product;
import org.jspecify.annotations.Nullable;

/**
 * HELLO and AUTH: who the client is and which protocol it speaks. Who it is, the primary decides: the proxy opens a
 * connection as that user, and answers what the server answered. See <a
 * href="https://redis.io/docs/latest/commands/hello/">HELLO</a>.
 */
final class Hello {
    private static final String NOAUTH =
            "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass>"
                    + " option can be used to authenticate the client and select the RESP protocol version at the same time";
    private static final String NO_PASSWORD_SET =
            "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is"
                    + " correct?";

    private final DataLoop loop;
    private final ClusterFacade cluster;

    Hello(DataLoop loop) {
        this.loop = loop;
        this.cluster = new ClusterFacade(loop);
    }

    boolean auth(Asker asker) {
        RequestArgs args = asker.args();
        if (args.count() > 3) {
            return asker.error("ERR syntax error");
        }
        boolean named = args.count() == 3;
        Identity identity = named ? Identity.of(args.text(1), args.text(2)) : Identity.of(null, args.text(1));
        if (!loop.settings().passthroughAuth()) {
            return authWithoutPasswords(asker, named, identity);
        }
        if (!asker.admitted(identity)) {
            return asker.error(ErrorReply.NOT_ADMITTED);
        }
        if (asker.redirects()) {
            return asker.error(ErrorReply.WHILE_REDIRECTING);
        }
        if (asker.busy() || !asker.proven(asker.key().withIdentity(identity))) {
            return asker.answeredByWait();
        }
        asker.becomes(identity);
        return asker.ok();
    }

    /** Everybody is the default user and needs no password, as on a Redis server without one. */
    private static boolean authWithoutPasswords(Asker asker, boolean named, Identity identity) {
        if (!named) {
            return asker.error(NO_PASSWORD_SET);
        }
        return identity.user().equals("default") ? asker.ok() : asker.error(ErrorReply.NOT_ADMITTED);
    }

    boolean answer(Asker asker) {
        RequestArgs args = asker.args();
        Protocol protocol = asker.protocol();
        if (args.count() > 1) {
            String version = args.text(1);
            if (!version.matches("-?\\d{1,18}")) {
                return asker.error("ERR Protocol version is not an integer or out of range");
            }
            if (!version.equals("2") && !version.equals("3")) {
                return asker.error("NOPROTO unsupported protocol version");
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
                    return asker.error(ClientCommand.INVALID_NAME);
                }
                i++;
            } else {
                return asker.error("ERR Syntax error in HELLO option '" + args.shown(i) + "'");
            }
        }
        return greet(asker, protocol, identity, name);
    }

    private boolean greet(Asker asker, Protocol protocol, @Nullable Identity identity, @Nullable String name) {
        if (identity != null
                && !loop.settings().passthroughAuth()
                && !identity.user().equals("default")) {
            return asker.error(ErrorReply.NOT_ADMITTED);
        }
        boolean stranger = !asker.authenticated() && identity == null;
        Identity becomes = stranger ? Identity.ANONYMOUS : loop.settings().passthroughAuth() ? identity : null;
        if (becomes != null && !stranger && !asker.admitted(becomes)) {
            return asker.error(ErrorReply.NOT_ADMITTED);
        }
        if (becomes != null && asker.redirects()) {
            return asker.error(ErrorReply.WHILE_REDIRECTING);
        }
        ConnectionKey wanted = asker.key().withProtocol(protocol);
        if (becomes != null) {
            wanted = wanted.withIdentity(becomes);
        }
        // A connection to the primary proves the identity, and tells the version that the answer has to name.
        boolean ask = becomes != null
                || !wanted.equals(asker.key())
                || !loop.upstreams().product().known();
        if (asker.busy()) {
            return false;
        }
        boolean granted = stranger
                ? asker.takesStranger(wanted, NOAUTH)
                : becomes == null ? !ask || asker.established(wanted) : asker.proven(wanted);
        if (!granted || !asker.ownSpeaks(wanted)) {
            return asker.answeredByWait();
        }
        if (becomes != null) {
            asker.becomes(becomes);
        }
        asker.speaks(protocol);
        if (name != null) {
            asker.client().name(name);
        }
        return describe(asker, protocol);
    }

    private boolean describe(Asker asker, Protocol protocol) {
        Product product = loop.upstreams().product();
        ByteBuf reply = asker.reply();
        RespWriter.mapHeader(reply, 7, protocol);
        RespWriter.bulk(reply, "server");
        RespWriter.bulk(reply, product.name());
        RespWriter.bulk(reply, "version");
        RespWriter.bulk(reply, product.version());
        RespWriter.bulk(reply, "proto");
        RespWriter.integer(reply, protocol == Protocol.RESP3 ? 3 : 2);
        RespWriter.bulk(reply, "id");
        RespWriter.integer(reply, asker.client().id());
        RespWriter.bulk(reply, "mode");
        RespWriter.bulk(reply, cluster.concerned(asker) ? "cluster" : "standalone");
        RespWriter.bulk(reply, "role");
        RespWriter.bulk(reply, "master");
        RespWriter.bulk(reply, "modules");
        RespWriter.arrayHeader(reply, 0);
        return asker.told(reply);
    }
}
