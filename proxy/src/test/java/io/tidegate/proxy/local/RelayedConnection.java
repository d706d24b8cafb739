package io.tidegate.proxy.local;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection through a {@link DelayingRelay}: two channels, and for each direction the bytes under way. On the
 * relay's loop only.
 */
final class RelayedConnection {
    /** A direction with more than this under way is not read from until half of it has arrived. */
    private static final int UNDER_WAY_BYTES_MAX = 1 << 20;

    private final DelayingRelay relay;
    private final Channel client;
    private final Channel server;
    private final Direction request;
    private final Direction reply;

    /** @param server not connected yet */
    RelayedConnection(DelayingRelay relay, Channel client, Channel server) {
        this.relay = relay;
        this.client = client;
        this.server = server;
        this.request = new Direction(client, server);
        this.reply = new Direction(server, client);
        client.pipeline().addLast(request);
        server.pipeline().addLast(reply);
        client.closeFuture().addListener(closed -> onClosed());
        server.closeFuture().addListener(closed -> onClosed());
    }

    /** Once the server is connected. */
    void start() {
        client.config().setAutoRead(true);
        server.config().setAutoRead(true);
    }

    void pump() {
        request.pump();
        reply.pump();
    }

    long underWayBytes() {
        return request.underWayBytes + reply.underWayBytes;
    }

    void reset() {
        request.drop();
        reply.drop();
        reset(client);
        reset(server);
    }

    private void onClosed() {
        if (!client.isOpen() && !server.isOpen()) {
            relay.forget(this);
        }
    }

    private static void reset(Channel channel) {
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            channel.close();
        }
    }

    /** Bytes that are due at some instant; without bytes, the end of the stream. */
    private record Parcel(@Nullable ByteBuf bytes, long dueNanos) {}

    private final class Direction extends ChannelInboundHandlerAdapter {
        private final Channel from;
        private final Channel to;

        /** In the order of the wire; due times never decrease. Owns the bytes. */
        private final Queue<Parcel> underWay = new ArrayDeque<>();

        private long underWayBytes;
        private long lastDueNanos;
        private boolean scheduled;

        Direction(Channel from, Channel to) {
            this.from = from;
            this.to = to;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            if (!to.isOpen()) {
                bytes.release();
                return;
            }
            underWayBytes += bytes.readableBytes();
            if (underWayBytes > UNDER_WAY_BYTES_MAX) {
                from.config().setAutoRead(false);
            }
            send(bytes);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            (this == request ? reply : request).drop(); // nobody is there any more to read it
            send(null);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            RelayedConnection.this.pump();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            reset(); // a reset is passed on as a reset
        }

        private void send(@Nullable ByteBuf bytes) {
            lastDueNanos = Math.max(lastDueNanos, relay.nowNanos() + relay.delayNanos());
            underWay.add(new Parcel(bytes, lastDueNanos));
            pump();
        }

        void pump() {
            while (!underWay.isEmpty() && !relay.frozen() && to.isWritable()) {
                long waitNanos = underWay.element().dueNanos - relay.nowNanos();
                if (waitNanos > 0) {
                    wakeAfter(waitNanos);
                    break;
                }
                deliver(underWay.remove());
            }
            to.flush();
            if (underWayBytes <= UNDER_WAY_BYTES_MAX / 2 && to.isActive()) {
                from.config().setAutoRead(true);
            }
        }

        private void deliver(Parcel parcel) {
            if (parcel.bytes == null) {
                to.flush(); // closing drops what is not flushed
                to.close();
            } else {
                underWayBytes -= parcel.bytes.readableBytes();
                to.write(parcel.bytes); // its bytes are the channel's now
            }
        }

        private void wakeAfter(long nanos) {
            if (!scheduled) {
                scheduled = true;
                from.eventLoop().schedule(this::wake, nanos, TimeUnit.NANOSECONDS);
            }
        }

        private void wake() {
            scheduled = false;
            pump();
        }

        void drop() {
            underWay.forEach(parcel -> ReferenceCountUtil.release(parcel.bytes));
            underWay.clear();
            underWayBytes = 0;
        }
    }
}
