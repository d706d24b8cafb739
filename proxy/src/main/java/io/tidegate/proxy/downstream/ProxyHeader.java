package io.tidegate.proxy.downstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.AddressFamily;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.proxy.loop.Origin;
import io.tidegate.proxy.metrics.DoorStats.Header;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the header, version 1 or 2, by which a load balancer says whose connection it passes on (HAProxy's {@code
 * proxy-protocol.txt}), and leaves the pipeline with it. To everybody behind, the connection begins when the header is there.
 * What names no address of IP is let in as who connected: a balancer's own health check (LOCAL), an unknown family, a client
 * at a Unix socket.
 */
final class ProxyHeader extends ChannelInboundHandlerAdapter {
    /** Of what a header may say beside addresses; balancers send some dozens of bytes. */
    private static final int EXTRA_BYTES_MAX = 4_096;

    private final ProxyHeaders headers;
    private final long nanosMax;
    private final Runnable letIn;
    private @Nullable ScheduledFuture<?> deadline;
    private boolean over;

    private ProxyHeader(ProxyHeaders headers, long nanosMax, Runnable letIn) {
        this.headers = headers;
        this.nanosMax = nanosMax;
        this.letIn = letIn;
    }

    /** {@code letIn} is called once a header has come, and puts behind it what the connection is to have from then on. */
    static void await(ChannelPipeline pipeline, ProxyHeaders headers, long nanosMax, Runnable letIn) {
        HAProxyMessageDecoder decoder = new HAProxyMessageDecoder(EXTRA_BYTES_MAX);
        decoder.setCumulator(ProxyHeader::copied);
        pipeline.addLast("proxy-decoder", decoder).addLast("proxy-header", new ProxyHeader(headers, nanosMax, letIn));
    }

    /** Bytes are copied: who sends one at a time must not keep a whole receive buffer for each. */
    private static ByteBuf copied(ByteBufAllocator alloc, ByteBuf kept, ByteBuf more) {
        try {
            ByteBuf both = alloc.directBuffer(kept.readableBytes() + more.readableBytes());
            both.writeBytes(kept).writeBytes(more);
            return both;
        } finally {
            kept.release();
            more.release();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        deadline = ctx.executor()
                .schedule(
                        () -> end(ctx, Header.TIMEOUT, "no PROXY header has come in time"),
                        nanosMax,
                        TimeUnit.NANOSECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        HAProxyMessage header = (HAProxyMessage) message;
        try {
            over();
            InetSocketAddress named = named(header);
            if (named != null) {
                Origin.name(ctx.channel(), named);
            }
            headers.count(named == null ? Header.UNNAMED : Header.NAMED);
        } finally {
            header.release();
        }
        letIn.run();
        ctx.fireChannelActive();
        ctx.pipeline().remove(this);
    }

    /** Null if it names nobody. */
    private static @Nullable InetSocketAddress named(HAProxyMessage header) {
        AddressFamily family = header.proxiedProtocol().addressFamily();
        boolean internet = family == AddressFamily.AF_IPv4 || family == AddressFamily.AF_IPv6;
        byte[] address = internet ? NetUtil.createByteArrayFromIpAddressString(header.sourceAddress()) : null;
        if (address == null || header.command() == HAProxyCommand.LOCAL) {
            return null;
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), header.sourcePort());
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("an address of " + address.length + " bytes", impossible);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            gone(ctx);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        gone(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof DecoderException) {
            end(ctx, Header.MALFORMED, "what it sent is no PROXY header");
        } else {
            gone(ctx);
        }
    }

    /** As a balancer's plain look whether somebody listens: no word about it. */
    private void gone(ChannelHandlerContext ctx) {
        if (!over) {
            over();
            headers.count(Header.CLOSED);
        }
        ctx.close();
    }

    private void end(ChannelHandlerContext ctx, Header outcome, String why) {
        if (!over) {
            over();
            headers.failed(ctx.channel(), outcome, why);
        }
        ctx.close();
    }

    private void over() {
        over = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
    }
}
