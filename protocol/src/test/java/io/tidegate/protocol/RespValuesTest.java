package io.tidegate.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.protocol.RespValue.Array;
import io.tidegate.protocol.RespValue.Bool;
import io.tidegate.protocol.RespValue.Bulk;
import io.tidegate.protocol.RespValue.Failure;
import io.tidegate.protocol.RespValue.Int;
import io.tidegate.protocol.RespValue.Null;
import io.tidegate.protocol.RespValue.SimpleString;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RespValuesTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void readsWhatWasWritten(long seed) {
        RespGenerator generator = new RespGenerator(seed);
        for (int i = 0; i < 300; i++) {
            RespValue value = generator.number(5) == 0 ? generator.push(2) : generator.value(4);
            byte[] bytes = generator.wire(value);
            ByteBuf buf = Unpooled.wrappedBuffer(new byte[] {'x'}, bytes, new byte[] {'y'});
            assertThat(RespValues.read(buf, 1, 1 + bytes.length))
                    .as("seed %d, value %d", seed, i)
                    .isEqualTo(value);
        }
    }

    /** What the scanner refuses is refused here as well; the reverse is not so, for this one reads what is inside. */
    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void agreesWithTheScannerOnWhatIsMalformed(long seed) {
        RespGenerator generator = new RespGenerator(seed);
        for (int i = 0; i < 1_000; i++) {
            byte[] bytes = generator.mutated(generator.wire(generator.value(2)));
            List<String> scanned = ReplyLog.whole(Limits.redisDefaults(), bytes);
            boolean oneReply = scanned.size() == 1 && scanned.get(0).endsWith(" to " + bytes.length);
            if (!oneReply) {
                assertRefused(bytes);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "+OK",
                "+OK\r",
                ":\r\n",
                ":1a\r\n",
                ":9223372036854775808\r\n",
                "#x\r\n",
                "#\r\n",
                "_x\r\n",
                ",\r\n",
                ",1 \r\n",
                ",.\r\n",
                ",0x1p3\r\n",
                ",1d\r\n",
                ",Infinity\r\n",
                "(1.5\r\n",
                "(\r\n",
                "=3\r\nabc\r\n",
                "=4\r\ntext\r\n",
                "$3\r\nab\r\n",
                "$-2\r\n",
                "$2147483647\r\nx\r\n",
                "$9223372036854775807\r\nx\r\n",
                "*-2\r\n",
                "%-1\r\n",
                "*1\r\n",
                "*2147483647\r\n:1\r\n",
                "%4611686018427387905\r\n:1\r\n",
                "|1\r\n+a\r\n+b\r\n",
                "?\r\n",
                ":1\r\n:2\r\n",
                "$?\r\n;0\r\n"
            })
    void refusesWhatIsNotExactlyOneReply(String reply) {
        assertRefused(Buffers.latin1(reply));
    }

    @Test
    void refusesTooDeepNesting() {
        String deepest = "*1\r\n".repeat(RespValues.DEPTH_MAX);
        assertThat(read(deepest + ":1\r\n").elements()).hasSize(1);
        assertRefused(Buffers.latin1("*1\r\n" + deepest + ":1\r\n"));
        assertRefused(Buffers.latin1("|0\r\n".repeat(100_000)));
    }

    @Test
    void readsTextAndNumbersInEveryForm() {
        assertThat(read("+OK\r\n").text()).isEqualTo("OK");
        assertThat(read("$5\r\n\u00c3\u00a4\u00e2\u0082\u00ac\r\n").text()).isEqualTo("\u00e4\u20ac");
        assertThat(read("=6\r\ntxt:ab\r\n").text()).isEqualTo("ab");
        assertThat(read(":-7\r\n").text()).isEqualTo("-7");
        assertThat(read("(12345678901234567890\r\n").text()).isEqualTo("12345678901234567890");
        assertThat(read("-ERR x\r\n").text()).isEqualTo("ERR x");
        assertThat(read("$2\r\n17\r\n").integer()).isEqualTo(17);
        assertThat(read("+18\r\n").integer()).isEqualTo(18);
        assertThat(read(":-9223372036854775808\r\n").integer()).isEqualTo(Long.MIN_VALUE);
        assertThat(read("|1\r\n+a\r\n+b\r\n:3\r\n").integer()).isEqualTo(3);
        assertThat(read("|1\r\n+a\r\n+b\r\n:3\r\n").text()).isEqualTo("3");
    }

    @Test
    void readsAMapOfEitherProtocolByName() {
        String pairs = "$4\r\nrole\r\n$6\r\nmaster\r\n+proto\r\n:3\r\n$7\r\nmodules\r\n*0\r\n*0\r\n_\r\n";
        for (RespValue map : List.of(read("%4\r\n" + pairs), read("*8\r\n" + pairs), read("|0\r\n%4\r\n" + pairs))) {
            assertThat(map.field("role")).isEqualTo(new Bulk(Buffers.latin1("master"), null));
            assertThat(map.field("proto")).isEqualTo(new Int(3));
            assertThat(map.field("modules")).isEqualTo(new Array(List.of()));
            assertThat(map.field("master")).isNull();
            assertThat(map.elements()).hasSize(8);
        }
    }

    @Test
    void knowsNullAndFailureInEveryForm() {
        for (String reply : List.of("_\r\n", "$-1\r\n", "*-1\r\n", "|0\r\n_\r\n")) {
            assertThat(read(reply).isNull()).isTrue();
        }
        assertThat(read("-ERR\r\n").isFailure()).isTrue();
        assertThat(read("|0\r\n-ERR\r\n").isFailure()).isTrue();
        assertThat(read("!3\r\nERR\r\n")).isEqualTo(new Failure("ERR"));
        assertThat(read("$3\r\nERR\r\n").isFailure()).isFalse();
        assertThat(read("$0\r\n\r\n").isNull()).isFalse();
    }

    @Test
    void namesWhatIsThereInsteadOfWhatWasExpected() {
        assertThatIllegalStateException()
                .isThrownBy(() -> read("-NOAUTH no\r\n").elements())
                .withMessage("aggregate expected, got Failure[text=NOAUTH no]");
        assertThatIllegalStateException().isThrownBy(() -> new Null().text()).withMessageContaining("text expected");
        assertThatIllegalStateException().isThrownBy(() -> new Bool(true).integer());
        assertThatIllegalStateException().isThrownBy(() -> new SimpleString("x").integer());
    }

    @Test
    void keepsItsBytesToItself() {
        Bulk bulk = (Bulk) read("$3\r\nabc\r\n");
        bulk.bytes()[0] = 'x';
        assertThat(bulk.bytes()).containsExactly('a', 'b', 'c');
        assertThat(bulk).hasToString("Bulk[abc]").hasSameHashCodeAs(read("$3\r\nabc\r\n"));
        assertThat(bulk).isNotEqualTo(read("=7\r\ntxt:abc\r\n")).isNotEqualTo(read("$3\r\nabd\r\n"));
    }

    private static RespValue read(String reply) {
        return RespValues.read(Unpooled.wrappedBuffer(Buffers.latin1(reply)), 0, reply.length());
    }

    private static void assertRefused(byte[] reply) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RespValues.read(Unpooled.wrappedBuffer(reply), 0, reply.length));
    }
}
