package io.tidegate.proxy.facade;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.tidegate.proxy.loop.Patience;
import io.tidegate.proxy.loop.Reasons;
import io.tidegate.proxy.loop.Transport;
import io.tidegate.proxy.tls.Door;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Listens as a sentinel does. */
public final class SentinelPort implements AutoCloseable {
    /** Every process of an application keeps a few; they cost next to nothing. */
    static final int CLIENTS_MAX = 10_000;

    private static final byte[] TOO_MANY_CLIENTS =
            "-ERR max number of clients reached\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Channel channel;
    private final ChannelGroup clients;

    private SentinelPort(Channel channel, ChannelGroup clients) {
        this.channel = channel;
        this.clients = clients;
    }

    /**
     * Binds and listens.
     *
     * @param door how the next client comes in; asked on its event loop
     * @param patience how long the next client may take; likewise
     * @param connected counts its clients
     * @param reusePort whether others may listen there too
     * @throws IOException naming the address, if it cannot be bound
     */
    public static SentinelPort open(
            EventLoopGroup group,
            Transport transport,
            InetSocketAddress address,
            Tier tier,
            Supplier<Door> door,
            Supplier<Patience> patience,
            AtomicInteger connected,
            boolean reusePort)
            throws IOException {
        return open(group, transport, address, tier, door, patience, connected, CLIENTS_MAX, reusePort);
    }

    static SentinelPort open(
            EventLoopGroup group,
            Transport transport,
            InetSocketAddress address,
            Tier tier,
            Supplier<Door> door,
            Supplier<Patience> patience,
            AtomicInteger connected,
            int clientsMax,
            boolean reusePort)
            throws IOException {
        ChannelGroup clients = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(transport.serverClass())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(transport.reusePort(), reusePort)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel child) {
                        int number = connected.incrementAndGet();
                        child.closeFuture().addListener(closed -> connected.decrementAndGet());
                        clients.add(child);
                        Door entrance = door.get();
                        if (number > clientsMax) {
                            turnAway(child, entrance);
                            return;
                        }
                        entrance.open(child);
                        child.pipeline()
                                .addLast("sentinel", new SentinelClient(new SentinelReplies(tier), patience.get()));
                    }
                });
        try {
            return new SentinelPort(
                    bootstrap.bind(address).syncUninterruptibly().channel(), clients);
        } catch (Exception e) {
            // Netty rethrows the checked cause as it is.
            throw new IOException(
                    "cannot listen on " + address.getHostString() + ":" + address.getPort() + ": " + Reasons.of(e), e);
        }
    }

    private static void turnAway(SocketChannel client, Door entrance) {
        if (entrance.speaksTls()) {
            client.close(); // it would not understand a word
        } else {
            client.writeAndFlush(Unpooled.wrappedBuffer(TOO_MANY_CLIENTS)).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** The address it is bound to, with the port that the kernel chose where the configuration said 0. */
    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    /** Accepts no more clients and ends those that are there, so that they ask another one. */
    @Override
    public void close() {
        channel.close().syncUninterruptibly();
        clients.close().awaitUninterruptibly();
    }
}
