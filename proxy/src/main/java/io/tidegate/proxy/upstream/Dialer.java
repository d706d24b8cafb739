package io.tidegate.proxy.upstream;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.tidegate.proxy.loop.ReceiveBuffers;
import io.tidegate.proxy.loop.Transport;
import io.tidegate.proxy.tls.TlsClient;
import io.tidegate.routing.NodeAddress;
import java.net.InetSocketAddress;

/**
 * Opens the sockets of one event loop's upstream connections.
 *
 * @param receives where what is read in plaintext goes
 */
public record Dialer(EventLoop loop, Transport transport, DnsAddressResolverGroup names, ReceiveBuffers receives) {
    /** Opens the socket of {@code connection}, over which a {@link Handshake} goes first; or tells it that it cannot be had. */
    void dial(UpstreamConnection connection, Upstreams owner) {
        NodeAddress address = connection.node().address();
        UpstreamSettings settings = owner.settings();
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channel(transport.socketClass())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) (settings.connectNanosMax() / 1_000_000))
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        TlsClient tls = settings.tls();
                        if (tls == null) {
                            transport.receive(channel, receives, () -> null);
                        } else {
                            tls.secure(channel, address.host(), address.port());
                        }
                        channel.pipeline().addLast("greeting", new Handshake(owner, connection));
                    }
                })
                .resolver(names)
                .connect(InetSocketAddress.createUnresolved(address.host(), address.port()));
        if (connecting.cause() == null) {
            connection.connectingOn(connecting.channel());
        }
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                // Later, and here: where not even a socket can be had it is another thread that tells, or the caller
                // waits.
                String cause = "cannot connect: " + done.cause().getMessage();
                loop.execute(() -> connection.refused(cause, null));
            }
        });
    }
}
