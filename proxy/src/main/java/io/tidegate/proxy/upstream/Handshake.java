package io.tidegate.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.protocol.Protocol;
import io.tidegate.protocol.ReplyScanner;
import io.tidegate.protocol.RespValue;
import io.tidegate.protocol.RespValues;
import io.tidegate.protocol.RespWriter;
import io.tidegate.routing.NodeAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Opens a connection properly before a client's command goes over it: authenticates as the proxy, asks ROLE and the run
 * id (so that the connection is known to belong to one process in one role), then becomes the client's identity and
 * database. One pipelined write, one round trip. Replaces itself by the {@link UpstreamConnection} when done.
 *
 * <p>For {@link Identity#ANONYMOUS} it takes off with RESET what it was authenticated as, after which the server treats the
 * connection as one that has just been made, and asks HELLO, which is allowed to every user and refused to whoever is none.
 */
final class Handshake extends ChannelInboundHandlerAdapter {
    private enum Step {
        AUTHENTICATE,
        HELLO,
        NAME,
        ID,
        ROLE,
        INFO,
        /** Selects the database as the proxy. */
        ENTER,
        IMPERSONATE,
        RESET,
        GREET,
        /** Selects it as the client, whom it need not be allowed if it is there. */
        SELECT
    }

    /** To whoever has not authenticated and must, in Redis' words, whatever a server without RESET or HELLO says. */
    private static final String NOAUTH = "NOAUTH Authentication required.";

    private static final String NAME = "tidegate";

    private final Upstreams owner;
    private final UpstreamConnection connection;
    private final Deque<Step> awaited = new ArrayDeque<>();
    private final ReplyScanner scanner;

    private @Nullable ByteBuf input;
    private int scanned;
    private boolean primary;
    private @Nullable NodeAddress follows;
    private String runId = "";
    private Product product = Product.UNKNOWN;
    private long clientId;
    private boolean entered;
    private @Nullable String ownAddress;
    private long askedNanos;
    private @Nullable ScheduledFuture<?> timeout;

    Handshake(Upstreams owner, UpstreamConnection connection) {
        this.owner = owner;
        this.connection = connection;
        this.scanner = new ReplyScanner(owner.settings().limits());
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ByteBuf out = ctx.alloc().buffer(256);
        askedNanos = owner.nowNanos();
        speakFrom(ctx.channel());
        ConnectionKey key = connection.key();
        Identity service = owner.settings().service();
        authenticate(out, Step.AUTHENTICATE, service);
        boolean anonymous = key.identity().equals(Identity.ANONYMOUS);
        if (key.protocol() == Protocol.RESP3 && !anonymous) {
            ask(out, Step.HELLO, "HELLO", "3");
        }
        ask(out, Step.NAME, "CLIENT", "SETNAME", NAME);
        ask(out, Step.ID, "CLIENT", "ID");
        ask(out, Step.ROLE, "ROLE");
        ask(out, Step.INFO, "INFO", "server");
        String database = Integer.toString(key.database());
        if (key.carried()) {
            ask(out, Step.ENTER, "SELECT", database);
        }
        if (anonymous) {
            ask(out, Step.RESET, "RESET");
            ask(out, Step.GREET, "HELLO", key.protocol() == Protocol.RESP3 ? "3" : "2", "SETNAME", NAME);
        } else {
            authenticate(out, Step.IMPERSONATE, key.identity());
        }
        if (key.database() != 0) {
            ask(out, Step.SELECT, "SELECT", database);
        }
        ctx.writeAndFlush(out, ctx.voidPromise());
        timeout = ctx.executor()
                .schedule(
                        () -> fail(ctx, "no greeting within the connect timeout", null),
                        owner.settings().connectNanosMax(),
                        TimeUnit.NANOSECONDS);
    }

    private void speakFrom(Channel channel) {
        if (channel.localAddress() instanceof InetSocketAddress local) {
            String address = NetUtil.toSocketAddressString(local);
            ownAddress = address;
            channel.closeFuture().addListener(closed -> owner.ownCommands().forget(connection.nodeId(), address));
        }
    }

    private void authenticate(ByteBuf out, Step step, Identity identity) {
        String username = identity.username();
        String password = identity.password();
        if (password == null) {
            return;
        }
        if (username == null) {
            ask(out, step, "AUTH", password);
        } else {
            ask(out, step, "AUTH", username, password);
        }
    }

    private void ask(ByteBuf out, Step step, String... words) {
        owner.ownCommands().says(connection.nodeId(), ownAddress, askedNanos, words);
        RespWriter.command(out, words);
        awaited.add(step);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf chunk = (ByteBuf) message;
        ByteBuf whole = input;
        try {
            if (whole == null) {
                whole = ctx.alloc().buffer(chunk.readableBytes());
                input = whole;
            }
            whole.writeBytes(chunk);
        } finally {
            chunk.release();
        }
        while (scanned < whole.writerIndex()) {
            scanned = scanner.next(whole, scanned, whole.writerIndex());
            if (scanner.error() != null) {
                fail(ctx, "malformed reply: " + scanner.error(), null);
                return;
            }
            if (!scanner.complete()) {
                return;
            }
            if (!scanner.push() && !accept(ctx, whole)) {
                return;
            }
            whole.readerIndex(scanned);
        }
    }

    /** The frame [readerIndex, scanned) answers the oldest step. False if it was the last or a refusal. */
    private boolean accept(ChannelHandlerContext ctx, ByteBuf whole) {
        int from = whole.readerIndex();
        RespValue reply = RespValues.read(whole, from, scanned);
        Step step = awaited.poll();
        if (step == null) {
            fail(ctx, "a reply that nothing asked for", null);
            return false;
        }
        if (reply instanceof RespValue.Failure error && !mayFail(step)) {
            fail(ctx, step + ": " + error.text(), toldClient(step, error.text()));
            return false;
        }
        if (step == Step.ENTER) {
            entered = !(reply instanceof RespValue.Failure);
        } else if (step == Step.ID && reply instanceof RespValue.Int id) {
            clientId = id.integer();
        } else if (step == Step.ROLE) {
            primary = RoleReply.isPrimary(reply);
            follows = RoleReply.follows(reply);
        } else if (step == Step.INFO) {
            String text = reply.text();
            runId = RoleReply.field(text, "run_id");
            product = Product.of(text);
        }
        if (awaited.isEmpty()) {
            succeed(ctx);
            return false;
        }
        return true;
    }

    private boolean mayFail(Step step) {
        return step == Step.NAME || step == Step.ID || step == Step.ENTER || (step == Step.SELECT && entered);
    }

    /** What a client is told of this error; null if it is none of its business. */
    private static @Nullable String toldClient(Step step, String error) {
        return switch (step) {
            case HELLO, IMPERSONATE, SELECT -> error;
            case RESET, GREET -> NOAUTH;
            case AUTHENTICATE, NAME, ID, ROLE, INFO, ENTER -> null;
        };
    }

    private void succeed(ChannelHandlerContext ctx) {
        cancelTimeout();
        ctx.pipeline().replace(this, "replies", connection);
        connection.opened(
                ctx.channel(), new Greeting(runId, primary, follows, product, clientId, ownAddress, askedNanos));
    }

    private void fail(ChannelHandlerContext ctx, String cause, @Nullable String refusal) {
        cancelTimeout();
        ctx.pipeline().remove(this);
        connection.refused(cause, refusal);
        ctx.close();
    }

    private void cancelTimeout() {
        if (timeout != null) {
            timeout.cancel(false);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (input != null) {
            input.release();
            input = null;
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(ctx, "the server closed the connection during the greeting", null);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(ctx, String.valueOf(cause.getMessage()), null);
    }
}
