package io.tidegate.proxy.tls;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import javax.net.ssl.SSLException;

/** Stands behind the TLS handler: hears how its handshake ends, and makes one clear failure of what goes wrong. */
final class Guard extends ChannelInboundHandlerAdapter {
    private final Handshakes handshakes;
    private final Handshakes.Peer peer;
    private final Object who;
    private boolean completed;
    private boolean over;

    /** {@code who} is shown in the log. */
    Guard(Handshakes handshakes, Handshakes.Peer peer, Object who) {
        this.handshakes = handshakes;
        this.peer = peer;
        this.who = who;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent done) {
            if (done.isSuccess()) {
                completed = true;
                handshakes.completed(peer);
            } else {
                failed(ctx, done.cause());
            }
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    /** What fails once is told once: Netty tells a failed handshake as an event and as an exception. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Throwable root = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
        if (over) {
            ctx.close();
        } else if (!completed || root instanceof SSLException) {
            // Amid the handshake, or of bytes that came later: an alert, or what no key of this connection made.
            failed(ctx, root);
        } else {
            ctx.fireExceptionCaught(root);
        }
    }

    private void failed(ChannelHandlerContext ctx, Throwable cause) {
        if (!over) {
            over = true;
            ctx.fireExceptionCaught(new IOException(handshakes.failed(peer, who, cause)));
            ctx.close();
        }
    }
}
