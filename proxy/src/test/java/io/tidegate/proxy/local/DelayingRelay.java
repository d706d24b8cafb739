package io.tidegate.proxy.local;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.tidegate.proxy.Clock;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A TCP relay in front of a server, for the faults of a network: delay, silence, reset, refusal. What it is told holds
 * for the connections it has and for those to come. It keeps the order of bytes whatever the delay does, and stops
 * reading from a side whose bytes it cannot get rid of.
 *
 * <p>All state belongs to one event loop; the methods may be called from any other thread and return when done.
 */
public final class DelayingRelay implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final Clock clock = Clock.start();
    private final InetSocketAddress address;

    // On the loop only.
    private final Set<RelayedConnection> connections = new HashSet<>();
    private @Nullable Channel listener;
    private InetSocketAddress target;
    private long delayNanos;
    private boolean frozen;

    private DelayingRelay(InetSocketAddress target) {
        this.target = target;
        this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Ports.next());
    }

    /** Starts a relay that passes everything on at once. */
    public static DelayingRelay to(InetSocketAddress target) {
        DelayingRelay relay = new DelayingRelay(target);
        try {
            relay.accept();
            return relay;
        } catch (RuntimeException e) {
            relay.close();
            throw e;
        }
    }

    /** Has connections that come from now on go there; those that are there stay. */
    public void switchTo(InetSocketAddress other) {
        onLoop(() -> target = other);
    }

    /** Where clients connect to. */
    public InetSocketAddress address() {
        return address;
    }

    /** Open connections, those included that the target has not accepted yet. */
    public int connections() {
        return onLoop(connections::size);
    }

    /** Bytes taken from one end and not yet given to the other. */
    public long underWayBytes() {
        return onLoop(() ->
                connections.stream().mapToLong(RelayedConnection::underWayBytes).sum());
    }

    /** How long bytes are under way from now on, each way. Those already under way keep their time. */
    public void delay(Duration oneWay) {
        onLoop(() -> delayNanos = oneWay.toNanos());
    }

    /** Passes nothing on, as a network that drops every packet. Connections stay, and new ones are taken and ignored. */
    public void freeze() {
        onLoop(() -> frozen = true);
    }

    /** Passes everything on that was kept. */
    public void thaw() {
        onLoop(() -> {
            frozen = false;
            Set.copyOf(connections).forEach(RelayedConnection::pump); // one that was reset meanwhile leaves
            return null;
        });
    }

    /** Resets every connection, both ways; what was under way is lost. */
    public void cut() {
        onLoop(() -> {
            Set.copyOf(connections).forEach(RelayedConnection::reset);
            return null;
        });
    }

    /** Has new connections refused; those that are there stay. */
    public void refuse() {
        Channel open = onLoop(() -> listener);
        if (open != null) {
            open.close().syncUninterruptibly();
            // Java gives the port back only when the loop's selector has come round.
            Await.until(
                    "the listener's end",
                    Duration.ofSeconds(10),
                    () -> Ports.isFree(address.getPort()) ? Optional.empty() : Optional.of("the port is taken"),
                    () -> "");
        }
    }

    /** Takes new connections again. */
    public void accept() {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel client) {
                        connect(client);
                    }
                });
        Channel opened = bootstrap.bind(address).syncUninterruptibly().channel();
        onLoop(() -> listener = opened);
    }

    /** Resets every connection and stops listening. */
    @Override
    public void close() {
        refuse();
        cut();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private void connect(Channel client) {
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInboundHandlerAdapter()) // nothing to do before there is a connection
                .connect(target);
        RelayedConnection connection = new RelayedConnection(this, client, connecting.channel());
        connections.add(connection);
        connecting.addListener(done -> {
            if (done.isSuccess()) {
                connection.start();
            } else {
                connection.reset();
            }
        });
    }

    // What follows is for the connections, on the loop.

    long nowNanos() {
        return clock.nowNanos();
    }

    long delayNanos() {
        return delayNanos;
    }

    boolean frozen() {
        return frozen;
    }

    void forget(RelayedConnection connection) {
        connections.remove(connection);
    }

    private <T extends @Nullable Object> T onLoop(Callable<T> action) {
        return loop.submit(action).syncUninterruptibly().getNow();
    }
}
