package io.tidegate.bench.micro;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.redis.RedisDecoder;
import io.netty.util.ReferenceCountUtil;
import io.tidegate.protocol.RespWriter;

/** What the scan benchmarks have in common: a pipeline of 64, and the decoder that they are compared with. */
final class Pipelines {
    static final int DEPTH = 64;

    static final String KEY = "key:000000000001";
    static final String VALUE = "v".repeat(64);

    private Pipelines() {}

    /** A pipeline of this command in a direct buffer of the default allocator, which the caller owns. */
    static ByteBuf ofCommand(String... args) {
        ByteBuf pipeline = ByteBufAllocator.DEFAULT.directBuffer();
        for (int i = 0; i < DEPTH; i++) {
            RespWriter.command(pipeline, args);
        }
        return pipeline;
    }

    /** Netty's decoder as a pipeline's first handler, before one that releases what it makes and counts it. */
    static final class NettyDecoder implements AutoCloseable {
        private final Drain drain = new Drain();
        private final EmbeddedChannel channel = new EmbeddedChannel(new RedisDecoder(), drain);

        /** Decodes all readable bytes of a buffer that stays the caller's; returns how many messages there were. */
        long decode(ByteBuf input) {
            long before = drain.messages;
            channel.pipeline().fireChannelRead(input.retainedDuplicate());
            return drain.messages - before;
        }

        @Override
        public void close() {
            channel.close();
        }
    }

    private static final class Drain extends ChannelInboundHandlerAdapter {
        private long messages;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            messages++;
            ReferenceCountUtil.release(message);
        }
    }
}
