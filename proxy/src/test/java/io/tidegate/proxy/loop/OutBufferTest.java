package io.tidegate.proxy.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OutBufferTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final OutBuffer out = new OutBuffer(channel, new FlushBatch(channel.eventLoop()), bytes -> {}, () -> {});

    @AfterEach
    void close() {
        out.discard();
        channel.finishAndReleaseAll();
    }

    private ByteBuf write(String text) {
        out.writable().writeCharSequence(text, StandardCharsets.US_ASCII);
        channel.runPendingTasks();
        ByteBuf written = channel.readOutbound();
        assertThat(written.toString(StandardCharsets.US_ASCII)).isEqualTo(text);
        return written;
    }

    @Test
    void aSmallBufferThatTheChannelHasReleasedIsWrittenToAgain() {
        ByteBuf first = write("one");
        first.release();
        ByteBuf second = write("two");
        assertThat(second).isSameAs(first);
        second.release();
    }

    @Test
    void aBufferThatIsStillOnItsWayIsLeftAlone() {
        ByteBuf first = write("one");
        ByteBuf second = write("two");
        assertThat(first.toString(StandardCharsets.US_ASCII)).isEqualTo("one");
        first.release();
        second.release();
    }

    @Test
    void aBufferThatHasGrownIsNotKept() {
        ByteBuf large = write("x".repeat(OutBuffer.COPY_BYTES_MAX - 1));
        assertThat(large.release()).as("nobody else holds it").isTrue();
    }

    @Test
    void piecesLeaveInTheOrderInWhichTheyCame() {
        ByteBuf large = Unpooled.directBuffer().writeZero(OutBuffer.COPY_BYTES_MAX);
        out.writable().writeByte('a');
        out.append(large, 0, large.writerIndex());
        out.writable().writeByte('b');
        channel.runPendingTasks();
        ByteBuf first = channel.readOutbound();
        ByteBuf second = channel.readOutbound();
        ByteBuf third = channel.readOutbound();
        assertThat(first.readByte()).isEqualTo((byte) 'a');
        assertThat(second.readableBytes()).isEqualTo(OutBuffer.COPY_BYTES_MAX);
        assertThat(third.readByte()).isEqualTo((byte) 'b');
        first.release();
        second.release();
        third.release();
        large.release();
    }

    @Test
    void onceDiscardedItHoldsNothing() {
        ByteBuf written = write("one");
        out.discard();
        assertThat(written.release()).isTrue();
        out.append(Unpooled.wrappedBuffer(new byte[10]), 0, 10);
        channel.runPendingTasks();
        assertThat(channel.outboundMessages()).isEmpty();
    }
}
