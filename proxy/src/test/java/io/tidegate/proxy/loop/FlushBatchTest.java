package io.tidegate.proxy.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FlushBatchTest {
    private final EmbeddedChannel bad = new EmbeddedChannel();
    private final EmbeddedChannel good = new EmbeddedChannel();
    /** Its tasks run when a test says so, not with every write as a channel's own. */
    private final EmbeddedChannel loop = new EmbeddedChannel();

    private final FlushBatch batch = new FlushBatch(loop.eventLoop());
    private final OutBuffer failing = new OutBuffer(bad, batch, bytes -> {}, () -> {
        throw new AssertionError("a mistake");
    });
    private final OutBuffer out = new OutBuffer(good, batch, bytes -> {}, () -> {});

    @AfterEach
    void close() {
        failing.discard();
        out.discard();
        bad.finishAndReleaseAll();
        good.finishAndReleaseAll();
        loop.finishAndReleaseAll();
    }

    private static void write(OutBuffer to, String text) {
        to.writable().writeCharSequence(text, StandardCharsets.US_ASCII);
    }

    private String flushed() {
        loop.runPendingTasks();
        ByteBuf written = good.readOutbound();
        assertThat(written).isNotNull();
        String text = written.toString(StandardCharsets.US_ASCII);
        written.release();
        return text;
    }

    private static ByteBuf large() {
        return Unpooled.directBuffer().writeZero(OutBuffer.COPY_BYTES_MAX);
    }

    @Test
    void aSliceIsPassedOnAtOnceWithWhatIsBeforeItAndSmallPiecesOfOthersWait() {
        OutBuffer other = new OutBuffer(bad, batch, bytes -> {}, () -> {});
        ByteBuf read = large();
        write(out, "before ");
        out.append(read, 0, read.writerIndex());
        write(other, "small");
        assertThat(good.outboundMessages()).as("while the read is dealt with").isEmpty();

        batch.passOn();
        assertThat(good.outboundMessages()).hasSize(2);
        assertThat(bad.outboundMessages()).isEmpty();
        good.releaseOutbound();
        assertThat(read.refCnt()).as("free for the next read").isEqualTo(1);

        write(out, "after");
        assertThat(flushed()).isEqualTo("after");
        assertThat(bad.outboundMessages()).hasSize(1);
        other.discard();
        read.release();
    }

    @Test
    void whatIsPassedOnMayBringMoreToPassOn() {
        ByteBuf read = large();
        out.append(read, 0, read.writerIndex());
        good.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            private boolean once;

            @Override
            public void flush(ChannelHandlerContext ctx) {
                if (!once) {
                    once = true;
                    out.append(read, 0, read.writerIndex());
                }
                ctx.flush();
            }
        });
        batch.passOn();
        assertThat(good.outboundMessages()).hasSize(2);
        good.releaseOutbound();
        read.release();
    }

    @Test
    void aFailureOfPassingOnEndsItsOwnChannelOnly() {
        OutBuffer failing = new OutBuffer(
                bad,
                batch,
                bytes -> {
                    if (bytes < OutBuffer.COPY_BYTES_MAX) {
                        throw new IllegalStateException("a mistake");
                    }
                },
                () -> {});
        bad.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                assertThat(cause).as("of what was still to be written").isInstanceOf(ClosedChannelException.class);
            }
        });
        ByteBuf read = large();
        failing.append(read, 0, read.writerIndex());
        write(failing, "behind it");
        out.append(read, 0, read.writerIndex());

        batch.passOn();
        assertThat(bad.isOpen()).isFalse();
        assertThat(good.isOpen()).isTrue();
        assertThat(good.outboundMessages()).hasSize(1);
        good.releaseOutbound();
        bad.releaseOutbound();
        failing.discard();
        read.release();
    }

    @Test
    void whoeverIsGoneIsPassedNothing() {
        ByteBuf read = large();
        out.append(read, 0, read.writerIndex());
        out.discard();
        batch.passOn();
        assertThat(good.outboundMessages()).isEmpty();
        good.flush();
        good.releaseOutbound();
        read.release();
    }

    @Test
    void aFailureEndsItsOwnChannelAndNobodyElseWaitsForEver() {
        write(failing, "bad");
        write(out, "one");
        assertThat(flushed()).isEqualTo("one");
        assertThat(bad.isOpen()).isFalse();
        assertThat(good.isOpen()).isTrue();
        write(out, "two");
        assertThat(flushed()).isEqualTo("two");
    }
}
