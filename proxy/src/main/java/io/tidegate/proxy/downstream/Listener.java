package io.tidegate.proxy.downstream;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.tidegate.proxy.dispatch.DataLoop;
import io.tidegate.proxy.dispatch.DataPlane;
import io.tidegate.proxy.dispatch.Profile;
import io.tidegate.proxy.loop.Transport;
import io.tidegate.proxy.tls.Door;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** One listening socket, whose clients begin with one {@link Profile}. */
public final class Listener {
    private static final byte[] TOO_MANY_CLIENTS =
            "-ERR max number of clients reached\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int BACKLOG = 1_024;

    private final Channel channel;

    private Listener(Channel channel) {
        this.channel = channel;
    }

    /**
     * Binds and listens.
     *
     * @param group the event loops of {@code plane}
     * @param door how clients come in
     * @param connected counts the clients of all listeners, at most {@code connectionsMax}
     * @param reusePort whether others may listen there too
     * @throws IOException naming the address, if it cannot be bound
     */
    public static Listener open(
            EventLoopGroup group,
            Transport transport,
            DataPlane plane,
            InetSocketAddress address,
            Profile profile,
            Door door,
            AtomicInteger connected,
            int connectionsMax,
            boolean reusePort)
            throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(transport.serverClass())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(transport.reusePort(), reusePort)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, plane.clientWaterMark())
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel child) {
                        admit(
                                child,
                                transport,
                                plane.loopOf(child.eventLoop()),
                                profile,
                                door,
                                connected,
                                connectionsMax);
                    }
                });
        try {
            return new Listener(bootstrap.bind(address).syncUninterruptibly().channel());
        } catch (Exception e) {
            // Netty rethrows the checked cause as it is.
            throw new IOException(
                    "cannot listen on " + address.getHostString() + ":" + address.getPort() + ": " + e.getMessage(), e);
        }
    }

    private static void admit(
            SocketChannel child,
            Transport transport,
            DataLoop loop,
            Profile profile,
            Door door,
            AtomicInteger connected,
            int connectionsMax) {
        if (connected.incrementAndGet() > connectionsMax) {
            connected.decrementAndGet();
            loop.stats().clientRefused();
            child.writeAndFlush(Unpooled.wrappedBuffer(TOO_MANY_CLIENTS)).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        ClientHandler handler = new ClientHandler(loop, profile, connected);
        if (!door.open(child)) {
            // Cipher text has no place of its own.
            transport.receive(child, loop.receives(), handler);
        }
        child.pipeline().addLast("session", handler);
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
