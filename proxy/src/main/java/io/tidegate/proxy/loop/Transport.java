package io.tidegate.proxy.loop;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.StandardSocketOptions;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The ways to talk to the kernel, best first. io_uring takes as much processor time as epoll and makes some 150 bytes of
 * garbage for a request that comes alone, where epoll makes none; it also keeps twenty megabytes more.
 */
// The suppliers are method references without state.
@SuppressWarnings("ImmutableEnumChecker")
public enum Transport {
    EPOLL(
            EpollIoHandler::newFactory,
            EpollSocketChannel.class,
            EpollServerSocketChannel.class,
            EpollDatagramChannel.class,
            EpollChannelOption.SO_REUSEPORT,
            () -> Epoll.isAvailable() ? null : Epoll.unavailabilityCause()),
    IO_URING(
            IoUringIoHandler::newFactory,
            IoUringSocketChannel.class,
            IoUringServerSocketChannel.class,
            IoUringDatagramChannel.class,
            IoUringChannelOption.SO_REUSEPORT,
            () -> IoUring.isAvailable() ? null : IoUring.unavailabilityCause()),
    NIO(
            NioIoHandler::newFactory,
            NioSocketChannel.class,
            NioServerSocketChannel.class,
            NioDatagramChannel.class,
            NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT),
            () -> null);

    private final Supplier<IoHandlerFactory> handlers;
    private final Class<? extends SocketChannel> socket;
    private final Class<? extends ServerChannel> server;
    private final Class<? extends DatagramChannel> datagram;
    private final ChannelOption<Boolean> reusePort;
    private final Supplier<@Nullable Throwable> unavailable;

    Transport(
            Supplier<IoHandlerFactory> handlers,
            Class<? extends SocketChannel> socket,
            Class<? extends ServerChannel> server,
            Class<? extends DatagramChannel> datagram,
            ChannelOption<Boolean> reusePort,
            Supplier<@Nullable Throwable> unavailable) {
        this.handlers = handlers;
        this.socket = socket;
        this.server = server;
        this.datagram = datagram;
        this.reusePort = reusePort;
        this.unavailable = unavailable;
    }

    /** The first that this machine offers; NIO works everywhere. */
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

    /**
     * Has {@code channel} read into {@code buffers}, if this transport fills a buffer while it is asked to. io_uring's
     * kernel fills it later, when others may have been filled meanwhile: there each read has a buffer of its own, sized by
     * what came last. A ring that the kernel picks from, with receives that stay armed, is no cheaper here and cannot be
     * told to stop: what has arrived for a client that is not to be read is delivered all the same, without a bound that
     * would be ours.
     */
    public void receive(Channel channel, ReceiveBuffers buffers, ReceiveBuffers.Target target) {
        if (this != IO_URING) {
            buffers.serve(channel, target);
        }
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

    /** Lets several sockets listen on one port; the kernel gives each new connection to one of them. */
    public ChannelOption<Boolean> reusePort() {
        return reusePort;
    }

    /** For name look-ups. */
    public Class<? extends DatagramChannel> datagramClass() {
        return datagram;
    }
}
