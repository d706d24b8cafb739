package io.tidegate.proxy.loop;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringBufferRingConfig;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringFixedBufferRingAllocator;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The ways to talk to the kernel, fastest first. */
// The suppliers are method references without state.
@SuppressWarnings("ImmutableEnumChecker")
public enum Transport {
    IO_URING(
            Transport::ring,
            IoUringSocketChannel.class,
            IoUringServerSocketChannel.class,
            IoUringDatagramChannel.class,
            () -> IoUring.isAvailable() ? null : IoUring.unavailabilityCause()),
    EPOLL(
            EpollIoHandler::newFactory,
            EpollSocketChannel.class,
            EpollServerSocketChannel.class,
            EpollDatagramChannel.class,
            () -> Epoll.isAvailable() ? null : Epoll.unavailabilityCause()),
    NIO(
            NioIoHandler::newFactory,
            NioSocketChannel.class,
            NioServerSocketChannel.class,
            NioDatagramChannel.class,
            () -> null);

    private static final short BUFFER_GROUP = 1;
    /** A loop's ring of receive buffers: 1 MiB. When all are held, sockets are read into buffers of their own. */
    private static final short RING_BUFFERS = 16;

    private static final int RING_BUFFER_BYTES = 64 * 1024;

    private final Supplier<IoHandlerFactory> handlers;
    private final Class<? extends SocketChannel> socket;
    private final Class<? extends ServerChannel> server;
    private final Class<? extends DatagramChannel> datagram;
    private final Supplier<@Nullable Throwable> unavailable;

    Transport(
            Supplier<IoHandlerFactory> handlers,
            Class<? extends SocketChannel> socket,
            Class<? extends ServerChannel> server,
            Class<? extends DatagramChannel> datagram,
            Supplier<@Nullable Throwable> unavailable) {
        this.handlers = handlers;
        this.socket = socket;
        this.server = server;
        this.datagram = datagram;
        this.unavailable = unavailable;
    }

    /** The fastest that this machine offers; NIO works everywhere. */
    public static Transport best() {
        for (Transport transport : values()) {
            if (transport.unavailabilityCause() == null) {
                return transport;
            }
        }
        return NIO;
    }

    /** Why this transport cannot be used here, null if it can. */
    public @Nullable Throwable unavailabilityCause() {
        return unavailable.get();
    }

    private static IoHandlerFactory ring() {
        IoUringIoHandlerConfig config = new IoUringIoHandlerConfig();
        if (IoUring.isRegisterBufferRingSupported()) {
            config.setBufferRingConfig(IoUringBufferRingConfig.builder()
                    .bufferGroupId(BUFFER_GROUP)
                    .bufferRingSize(RING_BUFFERS)
                    .batchSize(RING_BUFFERS / 2)
                    .incremental(IoUring.isRegisterBufferRingIncSupported())
                    .allocator(new IoUringFixedBufferRingAllocator(RING_BUFFER_BYTES))
                    .build());
        }
        return IoUringIoHandler.newFactory(config);
    }

    /**
     * Has the sockets that {@code server} accepts read into their loop's ring of buffers, if this transport has one. The
     * ring is looked for when a socket is registered: a handler is too late to say so.
     */
    public void prepare(ServerBootstrap server) {
        if (ringed()) {
            server.childOption(IoUringChannelOption.IO_URING_BUFFER_GROUP_ID, BUFFER_GROUP);
        }
    }

    /** The same for a socket that connects. */
    public void prepare(Bootstrap client) {
        if (ringed()) {
            client.option(IoUringChannelOption.IO_URING_BUFFER_GROUP_ID, BUFFER_GROUP);
        }
    }

    /** Has {@code channel} read into {@code buffers}, if this transport reads only when told to. */
    public void receive(Channel channel, ReceiveBuffers buffers, ReceiveBuffers.Target target) {
        if (this != IO_URING) {
            buffers.serve(channel, target);
        }
    }

    private boolean ringed() {
        return this == IO_URING && IoUring.isRegisterBufferRingSupported();
    }

    public EventLoopGroup newGroup(int loops, String threadName) {
        return new MultiThreadIoEventLoopGroup(loops, new DefaultThreadFactory(threadName, true), handlers.get());
    }

    public Class<? extends SocketChannel> socketClass() {
        return socket;
    }

    public Class<? extends ServerChannel> serverClass() {
        return server;
    }

    /** For name look-ups. */
    public Class<? extends DatagramChannel> datagramClass() {
        return datagram;
    }
}
