package io.tidegate.proxy.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FlushBatchTest {
    private final EmbeddedChannel bad = new EmbeddedChannel();
    private final EmbeddedChannel good = new EmbeddedChannel();
    private final FlushBatch batch = new FlushBatch(good.eventLoop());
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
    }

    private static void write(OutBuffer to, String text) {
        to.writable().writeCharSequence(text, StandardCharsets.US_ASCII);
    }

    private String flushed() {
        good.runPendingTasks();
        ByteBuf written = good.readOutbound();
        assertThat(written).isNotNull();
        String text = written.toString(StandardCharsets.US_ASCII);
        written.release();
        return text;
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
