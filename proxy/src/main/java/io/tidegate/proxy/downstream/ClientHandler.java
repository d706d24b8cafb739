package io.tidegate.proxy.downstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.tidegate.proxy.dispatch.DataLoop;
import io.tidegate.proxy.dispatch.Profile;
import io.tidegate.proxy.dispatch.Session;
import io.tidegate.proxy.loop.Origin;
import io.tidegate.proxy.loop.ReceiveBuffers;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands what happens on a client's socket to its session. */
final class ClientHandler extends ChannelInboundHandlerAdapter implements ReceiveBuffers.Target {
    private static final Logger log = LoggerFactory.getLogger(ClientHandler.class);

    private final DataLoop loop;
    private final Profile profile;
    private @Nullable Session session;

    ClientHandler(DataLoop loop, Profile profile) {
        this.loop = loop;
        this.profile = profile;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        session = new Session(loop, ctx.channel(), profile);
        loop.stats().clientOpened();
    }

    @Override
    public @Nullable ByteBuf inPlace() {
        return session == null ? null : session.inPlace();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf chunk = (ByteBuf) message;
        Session current = session;
        if (current == null) {
            chunk.release();
            return;
        }
        current.onBytes(chunk);
        loop.flushes().passOn();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (session != null && ctx.channel().isWritable()) {
            session.onWritable();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent && session != null) {
            session.onInputClosed();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (session != null) {
            session.onClosed();
            loop.stats().clientClosed();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            log.debug("client {}: {}", Origin.of(ctx.channel()), cause.getMessage());
        } else if (session != null) {
            loop.plane().failed(session.client(), cause);
        } else {
            log.error("a client is disconnected by a failure of this proxy before it could begin", cause);
        }
        ctx.close();
    }
}
