package io.tidegate.proxy.downstream;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.tidegate.proxy.dispatch.DataLoop;
import io.tidegate.proxy.dispatch.DataPlane;
import io.tidegate.proxy.dispatch.ErrorReply;
import io.tidegate.proxy.dispatch.Profile;
import io.tidegate.proxy.loop.Transport;
import io.tidegate.proxy.tls.Door;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** One listening socket, whose clients begin with one {@link Profile}. */
public final class Listener {
    /** Redis's own. */
    private static final String TOO_MANY_CLIENTS = "ERR max number of clients reached";

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
     * @param admission who is let in, by all listeners together
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
            Admission admission,
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
                        admit(child, transport, plane.loopOf(child.eventLoop()), profile, door, admission);
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
            SocketChannel child, Transport transport, DataLoop loop, Profile profile, Door door, Admission admission) {
        if (!admission.admit(child)) {
            turnAway(child, door, TOO_MANY_CLIENTS);
            return;
        }
        if (!admission.admitFrom(child, child.remoteAddress())) {
            loop.stats().errorAnswered(ErrorReply.TOO_MANY_OF_ADDRESS.label());
            turnAway(child, door, ErrorReply.TOO_MANY_OF_ADDRESS.text());
            return;
        }
        ClientHandler handler = new ClientHandler(loop, profile);
        if (!door.open(child)) {
            // Cipher text has no place of its own.
            transport.receive(child, loop.receives(), handler);
        }
        child.pipeline().addLast("session", handler);
    }

    /** As Redis does: told why, as far as it can be, and closed. A client that expects TLS would not understand a word. */
    private static void turnAway(Channel client, Door door, String error) {
        if (door.speaksTls()) {
            client.close();
            return;
        }
        ByteBuf line = Unpooled.copiedBuffer("-" + error + "\r\n", StandardCharsets.US_ASCII);
        client.writeAndFlush(line).addListener(ChannelFutureListener.CLOSE);
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
