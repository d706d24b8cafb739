package io.tidegate.proxy.answers;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.Protocol;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.dispatch.Asker;
import io.tidegate.proxy.dispatch.DataLoop;
import io.tidegate.proxy.dispatch.ErrorReply;
import io.tidegate.proxy.request.RedisNumbers;
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
        if (!named && !loop.settings().passthroughAuth()) {
            return asker.error(NO_PASSWORD_SET);
        }
        Identity identity = named ? Identity.of(args.text(1), args.text(2)) : Identity.of(null, args.text(1));
        Step step = becomes(asker, identity, asker.key().withIdentity(identity));
        return step == Step.DONE ? asker.ok() : step == Step.ANSWERED;
    }

    /** What has become of a part of the command. */
    private enum Step {
        DONE,
        /** The client has an answer, which is that of the whole command. */
        ANSWERED,
        /** It is begun anew when more is known. */
        WAITS
    }

    /** The client says that it is {@code identity}. {@code wanted} is the connection that is to prove it. */
    private Step becomes(Asker asker, Identity identity, ConnectionKey wanted) {
        if (!loop.settings().passthroughAuth()) {
            // Everybody is the default user and needs no password, as on a Redis server without one.
            boolean known = identity.user().equals("default");
            return known ? Step.DONE : told(asker.error(ErrorReply.NOT_ADMITTED));
        }
        if (!asker.admitted(identity)) {
            return told(asker.error(ErrorReply.NOT_ADMITTED));
        }
        if (asker.redirects()) {
            return told(asker.error(ErrorReply.WHILE_REDIRECTING));
        }
        if (asker.busy() || !asker.proven(wanted)) {
            return told(asker.answeredByWait());
        }
        asker.becomes(identity);
        return Step.DONE;
    }

    private static Step told(boolean answered) {
        return answered ? Step.ANSWERED : Step.WAITS;
    }

    /**
     * As a server does, which takes the options one after the other: what one has done stays, whatever is wrong with those behind
     * it.
     */
    boolean answer(Asker asker) {
        RequestArgs args = asker.args();
        Protocol protocol = asker.protocol();
        if (args.count() > 1) {
            long version;
            try {
                version = RedisNumbers.parse(args.text(1));
            } catch (NumberFormatException e) {
                return asker.error("ERR Protocol version is not an integer or out of range");
            }
            if (version != 2 && version != 3) {
                return asker.error("NOPROTO unsupported protocol version");
            }
            protocol = version == 3 ? Protocol.RESP3 : Protocol.RESP2;
        }
        ConnectionKey proven = null;
        for (int i = Math.max(2, asker.wordsDone()); i < args.count(); i = asker.wordsDone()) {
            Step step;
            if (args.is(i, "AUTH") && i + 2 < args.count()) {
                Identity identity = Identity.of(args.text(i + 1), args.text(i + 2));
                proven = asker.key().withProtocol(protocol).withIdentity(identity);
                step = becomes(asker, identity, proven);
                asker.wordsDone(step == Step.DONE ? i + 3 : i);
            } else if (args.is(i, "SETNAME") && i + 1 < args.count()) {
                step = named(asker, args, i + 1);
                asker.wordsDone(i + 2);
            } else {
                return asker.error("ERR Syntax error in HELLO option '" + args.shown(i) + "'");
            }
            if (step != Step.DONE) {
                return step == Step.ANSWERED;
            }
        }
        return greet(asker, protocol, proven);
    }

    private static Step named(Asker asker, RequestArgs args, int arg) {
        if (ClientCommand.tooLong(args, arg)) {
            return told(asker.error(ErrorReply.NAME_TOO_LONG));
        }
        String name = args.text(arg);
        if (!ClientCommand.validName(name)) {
            return told(asker.error(ClientCommand.INVALID_NAME));
        }
        asker.client().name(name);
        return Step.DONE;
    }

    /** @param proven what the primary has accepted just now; null if nothing was asked of it */
    private boolean greet(Asker asker, Protocol protocol, @Nullable ConnectionKey proven) {
        boolean stranger = !asker.authenticated();
        ConnectionKey spoken = asker.key().withProtocol(protocol);
        ConnectionKey wanted = stranger ? spoken.withIdentity(Identity.ANONYMOUS) : spoken;
        // What was published before has come, or comes, as it was spoken then.
        if (asker.busy() || (protocol != asker.protocol() && !asker.heardAll())) {
            return false;
        }
        // A connection to the primary tells the version that the answer has to name.
        boolean known = loop.upstreams().product().known() && (wanted.equals(proven) || wanted.equals(asker.key()));
        boolean granted = stranger ? asker.takesStranger(wanted, NOAUTH) : known || asker.established(wanted);
        if (!granted || !asker.ownSpeaks(wanted)) {
            return asker.answeredByWait();
        }
        if (stranger) {
            asker.becomes(Identity.ANONYMOUS);
        }
        asker.speaks(protocol);
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
