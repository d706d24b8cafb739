package io.tidegate.proxy.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.protocol.RedisStateMachine;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Through Lettuce's own decoder, whole and cut at every byte. */
class TreeOutputTest {
    @Test
    void readsScalars() {
        assertThat(read("$3\r\nabc\r\n").get()).isEqualTo("abc");
        assertThat(read("+OK\r\n").get()).isEqualTo("OK");
        assertThat(read("=8\r\ntxt:abcd\r\n").get()).isEqualTo("abcd");
        assertThat(read(":42\r\n").get()).isEqualTo(42L);
        assertThat(read(",1.5\r\n").get()).isEqualTo(1.5);
        assertThat(read("#t\r\n").get()).isEqualTo(true);
        assertThat(read("$-1\r\n").get()).isNull();
        assertThat(read("_\r\n").get()).isNull();
        assertThat(read("*-1\r\n").get()).isNull();
    }

    @Test
    void readsAggregatesOfBothProtocolsAlike() {
        assertThat(read("*2\r\n$1\r\na\r\n:1\r\n").get()).isEqualTo(List.of("a", 1L));
        assertThat(read("%1\r\n$1\r\na\r\n:1\r\n").get()).isEqualTo(List.of("a", 1L));
        assertThat(read("~2\r\n$1\r\na\r\n:1\r\n").get()).isEqualTo(List.of("a", 1L));
        assertThat(read("*0\r\n").get()).isEqualTo(List.of());
    }

    @Test
    void readsWhatIsNested() {
        assertThat(read("*4\r\n*2\r\n*0\r\n*1\r\n$1\r\na\r\n*1\r\n%1\r\n+k\r\n*-1\r\n$-1\r\n:7\r\n")
                        .get())
                .isEqualTo(
                        Arrays.asList(List.of(List.of(), List.of("a")), List.of(Arrays.asList("k", null)), null, 7L));
    }

    @Test
    void anErrorIsTheReplysOrAnElement() {
        assertThat(read("-NOPERM no\r\n").hasError()).isTrue();
        assertThat(read("-NOPERM no\r\n").getError()).isEqualTo("NOPERM no");
        TreeOutput nested = read("*2\r\n-ERR a\r\n:1\r\n");
        assertThat(nested.hasError()).isFalse();
        assertThat(nested.get()).isEqualTo(List.of("ERR a", 1L));
    }

    private static TreeOutput read(String reply) {
        TreeOutput whole = decode(reply, reply.length());
        TreeOutput pieces = decode(reply, 1);
        assertThat(pieces.get()).isEqualTo(whole.get());
        assertThat(pieces.getError()).isEqualTo(whole.getError());
        return whole;
    }

    private static TreeOutput decode(String reply, int pieceLength) {
        TreeOutput output = new TreeOutput();
        RedisStateMachine decoder = new RedisStateMachine();
        ByteBuf buffer = Unpooled.buffer();
        boolean done = false;
        for (int i = 0; i < reply.length(); i += pieceLength) {
            assertThat(done).isFalse();
            buffer.writeCharSequence(reply.substring(i, Math.min(reply.length(), i + pieceLength)), UTF_8);
            done = decoder.decode(buffer, output);
        }
        assertThat(done).isTrue();
        decoder.close();
        buffer.release();
        return output;
    }
}
