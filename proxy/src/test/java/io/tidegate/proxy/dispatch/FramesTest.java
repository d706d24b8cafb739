package io.tidegate.proxy.dispatch;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.tidegate.protocol.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class FramesTest {
    private static final String ONE = ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n";
    private static final String TOO_LONG = "too long";

    private final Frames frames = new Frames(UnpooledByteBufAllocator.DEFAULT, Limits.redisDefaults());
    private final List<String> taken = new ArrayList<>();

    @AfterEach
    void release() {
        frames.reset();
    }

    private String read(ByteBuf chunk, long bytesMax) {
        try {
            return String.valueOf(frames.read(chunk, bytesMax, TOO_LONG, (all, from, to) -> {
                String text = all.toString(from, to - from, US_ASCII);
                taken.add(frames.push() ? text : "no push: " + text);
                return text.contains("wrong") ? "wrong" : null;
            }));
        } finally {
            chunk.release();
        }
    }

    private String read(String chunk) {
        return read(Unpooled.copiedBuffer(chunk, US_ASCII), 1_000);
    }

    @Test
    void framesAreTheSameHoweverTheyCome() {
        String three = ONE + "+PONG\r\n" + ONE;
        for (int first = 0; first <= three.length(); first++) {
            for (int second = first; second <= three.length(); second++) {
                taken.clear();
                read(three.substring(0, first));
                read(three.substring(first, second));
                read(three.substring(second));
                assertThat(taken).containsExactly(ONE, "no push: +PONG\r\n", ONE);
            }
        }
    }

    @Test
    void afterAResetItBeginsAnew() {
        read(ONE.substring(0, 20));
        frames.reset();
        assertThat(read(ONE)).isEqualTo("null");
        assertThat(taken).containsExactly(ONE);
    }

    @Test
    void whatIsNoReplyOrDoesNotBelongIsTold() {
        assertThat(read(ONE + "+wrong\r\n" + ONE)).isEqualTo("malformed reply: wrong");
        assertThat(taken).hasSize(2);
        frames.reset();
        assertThat(read("!x")).startsWith("malformed reply: ");
    }

    @Test
    void aFrameThatIsTooLongIsTold() {
        assertThat(read(">2\r\n$10\r\ninvalidate\r\n*1\r\n$2000\r\n" + "x".repeat(900)))
                .isEqualTo("null");
        assertThat(read("x".repeat(200))).isEqualTo(TOO_LONG);
        assertThat(taken).isEmpty();
    }

    /** To begin anew with each piece would take a thousand million steps. */
    @Test
    @Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aLongFrameInManyPiecesIsLookedAtOnce() {
        int keys = 1 << 20;
        String piece = "$1\r\nk\r\n".repeat(256);
        read(">2\r\n$10\r\ninvalidate\r\n*" + keys + "\r\n");
        for (int i = 0; i < keys / 256; i++) {
            assertThat(taken).isEmpty();
            assertThat(read(Unpooled.copiedBuffer(piece, US_ASCII), 32 << 20)).isEqualTo("null");
        }
        assertThat(taken).hasSize(1);
    }
}
