package io.tidegate.proxy.admin;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.tidegate.proxy.config.BindAddress;
import io.tidegate.proxy.loop.Reasons;
import io.tidegate.proxy.loop.Transport;
import io.tidegate.proxy.tls.Door;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Listens on the admin port. Its one thread belongs to it alone. */
public final class AdminServer implements AutoCloseable {
    /**
     * What clients may cost.
     *
     * @param connectionsMax at once; upon a further one the oldest ends, so that nobody who is silent keeps a probe out
     * @param connectionNanosMax how long one may take from its beginning to the end of its reply
     */
    record Limits(int connectionsMax, long connectionNanosMax) {}

    private static final Limits LIMITS = new Limits(64, TimeUnit.SECONDS.toNanos(10));

    /** The time between two beats of the {@link Pulse}. */
    private static final long BEAT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int LINE_BYTES_MAX = 4 * 1024;
    private static final int HEADERS_BYTES_MAX = 8 * 1024;

    private final EventLoopGroup loops;
    private final ChannelGroup clients;
    private final Channel server;
    private final BindAddress address;

    private AdminServer(EventLoopGroup loops, ChannelGroup clients, Channel server, BindAddress address) {
        this.loops = loops;
        this.clients = clients;
        this.server = server;
        this.address = address;
    }

    /**
     * Listens at {@code wanted}.
     *
     * @param reusePort whether others may listen there too
     * @param door how the next client comes in; asked on the server's thread
     * @throws IOException if that address cannot be bound, with a message that names it
     */
    public static AdminServer start(BindAddress wanted, boolean reusePort, Supplier<Door> door, AdminSources sources)
            throws IOException {
        return start(wanted, reusePort, door, sources, LIMITS, BEAT_NANOS);
    }

    static AdminServer start(
            BindAddress wanted,
            boolean reusePort,
            Supplier<Door> door,
            AdminSources sources,
            Limits limits,
            long beatNanos)
            throws IOException {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("tidegate-admin", true), NioIoHandler.newFactory());
        AdminHandler.Desk desk = new AdminHandler.Desk(
                sources,
                new Pulse(sources.threads()),
                new Gatekeeper(sources.operations().token()),
                new Actions(sources),
                wanted.loopback());
        ChannelGroup clients = new DefaultChannelGroup(loops.next(), true);
        Deque<Channel> oldestFirst = new ArrayDeque<>(); // of the one thread
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(Transport.NIO.reusePort(), reusePort)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel client) {
                        if (oldestFirst.size() >= limits.connectionsMax()) {
                            oldestFirst.remove().close();
                        }
                        oldestFirst.add(client);
                        client.closeFuture().addListener(closed -> oldestFirst.remove(client));
                        clients.add(client);
                        Future<?> deadline = client.eventLoop()
                                .schedule(() -> client.close(), limits.connectionNanosMax(), TimeUnit.NANOSECONDS);
                        client.closeFuture().addListener(closed -> deadline.cancel(false));
                        door.get().open(client);
                        client.pipeline()
                                .addLast(new HttpServerCodec(new HttpDecoderConfig()
                                        .setMaxInitialLineLength(LINE_BYTES_MAX)
                                        .setMaxHeaderSize(HEADERS_BYTES_MAX)))
                                .addLast(new AdminHandler(desk));
                    }
                })
                .bind(wanted.socketAddress())
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw new IOException(
                    "admin: cannot listen on " + wanted + ": " + Reasons.of(bound.cause()), bound.cause());
        }
        loops.scheduleWithFixedDelay(
                desk.pulse()::beat, 0, beatNanos, TimeUnit.NANOSECONDS); // one loop, the clients' own
        int port = ((InetSocketAddress) bound.channel().localAddress()).getPort();
        return new AdminServer(loops, clients, bound.channel(), new BindAddress(wanted.host(), port));
    }

    /** Where it listens; with the port that the system chose, if it was asked to. */
    public BindAddress address() {
        return address;
    }

    /** Lets nobody in any more, so that whoever else listens there is asked; those who are in are answered. */
    public void leave() {
        server.close().awaitUninterruptibly();
    }

    @Override
    public void close() {
        leave();
        clients.close().awaitUninterruptibly();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
