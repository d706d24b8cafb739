package io.tidegate.proxy.downstream;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.tidegate.proxy.dispatch.DataPlane;
import io.tidegate.proxy.dispatch.Profile;
import io.tidegate.proxy.loop.Reasons;
import io.tidegate.proxy.loop.Transport;
import io.tidegate.proxy.tls.Door;
import java.io.IOException;
import java.net.InetSocketAddress;

/** One listening socket. Clients come in on the {@link Terms} that it was told last. */
public final class Listener {
    private static final int BACKLOG = 1_024;

    /**
     * What clients of one listener have to begin with, and what they get.
     *
     * @param profile of each of them
     * @param door TLS or none
     * @param proxyHeader whether a load balancer has to say in front of it all whose connection it is
     */
    public record Terms(Profile profile, Door door, boolean proxyHeader) {}

    private final Channel channel;

    /** Replaced by reloads, read by the event loop that a client is given to. */
    private volatile Terms terms;

    private Listener(
            EventLoopGroup group,
            Transport transport,
            DataPlane plane,
            InetSocketAddress address,
            Terms terms,
            Admission admission,
            boolean reusePort)
            throws IOException {
        this.terms = terms;
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(transport.serverClass())
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(transport.reusePort(), reusePort)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel child) {
                        new Doorway(transport, plane, Listener.this.terms, admission).accept(child);
                    }
                });
        try {
            channel = bootstrap.bind(address).syncUninterruptibly().channel();
        } catch (Exception e) {
            // Netty rethrows the checked cause as it is.
            throw new IOException(
                    "cannot listen on " + address.getHostString() + ":" + address.getPort() + ": " + Reasons.of(e), e);
        }
    }

    /**
     * Binds and listens; clients are kept waiting until {@link #accept}.
     *
     * @param group the event loops of {@code plane}
     * @param terms what clients have to begin with
     * @param admission who is let in, by all listeners together
     * @param reusePort whether others may listen there too
     * @throws IOException naming the address, if it cannot be bound
     */
    public static Listener open(
            EventLoopGroup group,
            Transport transport,
            DataPlane plane,
            InetSocketAddress address,
            Terms terms,
            Admission admission,
            boolean reusePort)
            throws IOException {
        return new Listener(group, transport, plane, address, terms, admission, reusePort);
    }

    /** Lets clients in. */
    public void accept() {
        channel.config().setAutoRead(true);
    }

    /** What clients begin with that come from now on. */
    public void terms(Terms newTerms) {
        terms = newTerms;
    }

    public Terms terms() {
        return terms;
    }

    /** The address it is bound to, with the port that the kernel chose where the configuration said 0. */
    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    /** Accepts no more clients; those connected stay. */
    public void close() {
        channel.close().syncUninterruptibly();
    }
}
