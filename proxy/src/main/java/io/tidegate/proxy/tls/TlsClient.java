package io.tidegate.proxy.tls;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** TLS towards servers of one kind, nodes or sentinels. Safe for use by several threads. */
public final class TlsClient {
    private final Renewable contexts;
    private final @Nullable String serverName;
    /** Replaced by reloads, read by whoever connects. */
    private volatile long handshakeNanosMax;

    private final Handshakes handshakes;
    private final Handshakes.Peer peer;

    /** {@code serverName}: whom certificates must name and the greeting asks for; null = whatever one connects to. */
    TlsClient(
            Renewable contexts,
            @Nullable String serverName,
            long handshakeNanosMax,
            Handshakes handshakes,
            Handshakes.Peer peer) {
        this.contexts = contexts;
        this.serverName = serverName;
        this.handshakeNanosMax = handshakeNanosMax;
        this.handshakes = handshakes;
        this.peer = peer;
    }

    void handshakeNanosMax(long changed) {
        handshakeNanosMax = changed;
    }

    /** Puts TLS first on {@code channel}, which is about to connect to {@code host}. */
    public void secure(Channel channel, String host, int port) {
        String name = serverName == null ? host : serverName;
        SslHandler tls = contexts.context().newHandler(channel.alloc(), name, port);
        tls.setHandshakeTimeoutMillis(TimeUnit.NANOSECONDS.toMillis(handshakeNanosMax));
        channel.pipeline().addFirst("tls-guard", new Guard(handshakes, peer, host + ":" + port));
        channel.pipeline().addFirst("tls", tls);
    }

    /** The same for a channel of which it is not yet known where it will connect to. */
    public void secureOnConnect(Channel channel) {
        channel.pipeline().addFirst("tls-address", new ChannelOutboundHandlerAdapter() {
            @Override
            public void connect(
                    ChannelHandlerContext ctx, SocketAddress remote, SocketAddress local, ChannelPromise promise) {
                InetSocketAddress address = (InetSocketAddress) remote;
                secure(ctx.channel(), address.getHostString(), address.getPort());
                ctx.connect(remote, local, promise);
                ctx.pipeline().remove(this);
            }
        });
    }
}
