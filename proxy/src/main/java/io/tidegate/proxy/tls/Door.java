package io.tidegate.proxy.tls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.tidegate.proxy.loop.Origin;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How clients come in at one listener: with TLS, or without. */
public final class Door {
    private static final int HANDSHAKE_RECORD = 0x16;
    private static final int VERSION_MAJOR = 3;

    private final @Nullable Renewable contexts;
    private final long handshakeNanosMax;
    private final Handshakes handshakes;

    Door(@Nullable Renewable contexts, long handshakeNanosMax, Handshakes handshakes) {
        this.contexts = contexts;
        this.handshakeNanosMax = handshakeNanosMax;
        this.handshakes = handshakes;
    }

    /** Whether clients have to begin with a handshake. */
    public boolean speaksTls() {
        return contexts != null;
    }

    /**
     * Puts what is needed in front of all that is added to {@code client} later; on its event loop, before those hear that it
     * is active.
     */
    public void open(Channel client) {
        Renewable renewable = contexts;
        if (renewable == null) {
            client.pipeline().addLast("plaintext", new FirstBytes());
            return;
        }
        SslHandler tls = renewable.context().newHandler(client.alloc());
        tls.setHandshakeTimeoutMillis(TimeUnit.NANOSECONDS.toMillis(handshakeNanosMax));
        client.pipeline()
                .addLast("tls", tls)
                .addLast("tls-guard", new Guard(handshakes, Handshakes.Peer.CLIENT, who(client)));
    }

    private static String who(Channel client) {
        return Origin.of(client) + " at " + client.localAddress();
    }

    /**
     * Looks whether a client begins with TLS, which would else be taken for an inline command without an end; then it is
     * gone. RFC 8446, 5.1: a handshake's record begins with its type and version 3.
     */
    private final class FirstBytes extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.pipeline().remove(this);
            ByteBuf bytes = (ByteBuf) message;
            int at = bytes.readerIndex();
            boolean tls = bytes.readableBytes() > 1
                    && bytes.getByte(at) == HANDSHAKE_RECORD
                    && bytes.getByte(at + 1) == VERSION_MAJOR;
            if (tls) {
                bytes.release();
                handshakes.unexpected(who(ctx.channel()));
                ctx.close();
            } else {
                ctx.fireChannelRead(message);
            }
        }
    }
}
