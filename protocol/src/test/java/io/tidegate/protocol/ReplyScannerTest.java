package io.tidegate.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyScannerTest {
    private static final Limits LIMITS = Limits.redisDefaults();

    private final ReplyScanner scanner = new ReplyScanner(LIMITS);

    @Test
    void findsRepliesOfAPipelineOneByOne() {
        assertThat(log("+OK\r\n$3\r\nabc\r\n*2\r\n:1\r\n%1\r\n$-1\r\n_\r\n>1\r\n:7\r\n:8\r\n"))
                .containsExactly("+ to 5", "$ to 14", "* to 34", "> push to 42", ": to 46");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "+OK\r\n",
                "+\r\n",
                "-ERR no such key\r\n",
                ":1\r\n",
                ":-12345678901234567890\r\n",
                "$0\r\n\r\n",
                "$-1\r\n",
                "$16\r\n0123456789abcdef\r\n",
                "*0\r\n",
                "*-1\r\n",
                "*1\r\n*1\r\n*1\r\n*0\r\n",
                "_\r\n",
                "#t\r\n",
                "#f\r\n",
                ",3.141\r\n",
                ",inf\r\n",
                ",-inf\r\n",
                ",nan\r\n",
                ",1e-300\r\n",
                "(3492890328409238509324850943850943\r\n",
                "!21\r\nSYNTAX invalid syntax\r\n",
                "=15\r\ntxt:Some string\r\n",
                "%0\r\n",
                "%1\r\n+a\r\n:1\r\n",
                "~0\r\n",
                "~2\r\n:1\r\n$-1\r\n",
                ">2\r\n+a\r\n+b\r\n",
                "%2\r\n*0\r\n%0\r\n~1\r\n_\r\n=4\r\ntxt:\r\n"
            })
    void knowsEveryType(String reply) {
        assertEveryCut(reply, reply.charAt(0) + (reply.charAt(0) == '>' ? " push" : "") + " to " + reply.length());
    }

    @ParameterizedTest
    @CsvSource({
        "'|1~+ttl~:3600~+value~', +",
        "'|0~*0~', *",
        "'|1~*1~:1~%1~:2~:3~|1~+a~+b~$3~abc~', $",
        "'*2~|1~+a~+b~:1~:2~', *",
        "'*1~|1~|1~+a~+b~:0~:1~:2~', *",
        "'|1~+a~|1~+b~+c~+d~>1~:1~', >"
    })
    void givesAnAttributeToTheValueBehindIt(String reply, String type) {
        String bytes = reply.replace("~", "\r\n");
        assertEveryCut(bytes, type + (type.equals(">") ? " push" : "") + " to " + bytes.length());
    }

    @Test
    void saysWhatTheReplyInProgressIs() {
        ByteBuf buf = Unpooled.copiedBuffer(Buffers.latin1("|1\r\n+a\r\n+b\r\n>2\r\n+a\r\n+b\r\n"));
        assertThat(scanner.next(buf, 0, 12)).isEqualTo(12);
        assertThat(scanner.complete()).isFalse();
        assertThat(scanner.type()).isEqualTo((byte) '|');
        assertThat(scanner.next(buf, 12, 20)).isEqualTo(20);
        assertThat(scanner.complete()).isFalse();
        assertThat(scanner.push()).isTrue();
        assertThat(scanner.next(buf, 20, 24)).isEqualTo(24);
        assertThat(scanner.complete()).isTrue();
        assertThat(scanner.type()).isEqualTo((byte) '>');
        assertThat(scanner.next(buf, 24, 24)).isEqualTo(24);
        assertThat(scanner.complete()).isFalse();
    }

    /** With its line end, also within an aggregate. Of a line nobody can say. */
    @Test
    void saysHowMuchOfAStringIsToCome() {
        ByteBuf begin = Unpooled.copiedBuffer(Buffers.latin1("*2\r\n$1000\r\nabc"));
        scanner.next(begin, 0, begin.readableBytes());
        assertThat(scanner.stringBytesLeft()).isEqualTo(1000 - "abc".length() + "\r\n".length());
        ByteBuf rest = Unpooled.copiedBuffer(Buffers.latin1("x".repeat(997) + "\r\n+lin"));
        scanner.next(rest, 0, rest.readableBytes());
        assertThat(scanner.complete()).isFalse();
        assertThat(scanner.stringBytesLeft()).isZero();
    }

    @Test
    void countsAPushInsideAnotherReplyAsAnElement() {
        assertThat(log("*1\r\n>3\r\n+subscribe\r\n+channel\r\n:1\r\n:2\r\n")).containsExactly("* to 34", ": to 38");
    }

    @ParameterizedTest
    @ValueSource(strings = {"+a\rb\nc\n\r\n", "+a\r\r\r\n", "-\n\n\r\n", "+\r\r\n", "(a\nb\r\n"})
    void takesALoneCarriageReturnOrLineFeedForText(String line) {
        assertEveryCut(line, line.charAt(0) + " to " + line.length());
    }

    @Test
    void neverLooksIntoAString() {
        assertEveryCut("$13\r\n\r\n$1\r\n*9\r\n$\r\n\r\n", "$ to 20");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x\r\n",
                "\r\n",
                "\0",
                "\u00ff",
                "?1\r\n",
                ";4\r\n",
                ".\r\n",
                "*1\r\nx\r\n",
                "PONG\r\n",
                "OK\r\n      "
            })
    void refusesATypeItDoesNotKnow(String reply) {
        assertRefused(reply, "type expected, got byte ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$\r\n",
                "$a\r\n",
                "$+1\r\n",
                "$ 1\r\n",
                "$1 \r\n",
                "$01\r\n",
                "$00\r\n",
                "$--1\r\n",
                "$1-\r\n",
                "$1\n",
                "$1\rx",
                "$-\r\n",
                "*\r\n      ",
                "%a\r\n     ",
                "$01\r\n    ",
                "$1234567890123456789\r\n",
                "=1a\r\n",
                "|1.5\r\n"
            })
    void refusesAHeaderWithoutANumber(String reply) {
        assertRefused(reply, "number expected behind ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$-2\r\n",
                "$-0\r\n",
                "*-2\r\n",
                "%-1\r\n",
                "~-1\r\n",
                ">-1\r\n",
                "|-1\r\n",
                "=-1\r\n",
                "!-1\r\n",
                "$4294967297\r\n",
                "*4294967297\r\n",
                "%4294967297\r\n",
                "$999999999999999999\r\n",
                "%-1\r\n    "
            })
    void refusesANumberOutOfBounds(String reply) {
        assertRefused(reply, " (expected: 0..4294967296)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"$?\r\n", "*?\r\n", "%?\r\n", "~?\r\n", ">?\r\n", "|?\r\n", "=?\r\n", "*1\r\n$?\r\n      "})
    void refusesStreamedTypes(String reply) {
        assertRefused(reply, "streamed strings and aggregates are not supported: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"$3\r\nabcd\r\n", "$3\r\nabc\n\n", "$3\r\nabc\rx", "$0\r\n$0\r\n", "$3\r\nabc:1\r\n      "})
    void refusesAStringThatIsLongerThanItsLength(String reply) {
        assertRefused(reply, "line end expected behind a string, got byte ");
    }

    @Test
    void bounds() {
        Limits tight = new Limits(64, 8, 64, 64, 3, 128, 64, 100);
        assertThat(log(tight, "*1\r\n*1\r\n*1\r\n:1\r\n")).containsExactly("* to 16");
        assertThat(log(tight, "*1\r\n*1\r\n*1\r\n*1\r\n")).containsExactly("error: nested too deep (expected: <= 3)");
        assertThat(log(tight, "*1\r\n*1\r\n*1\r\n*0\r\n")).containsExactly("* to 16");
        assertThat(log(tight, "*100\r\n")).isEmpty();
        assertThat(log(tight, "*101\r\n:1\r\n")).containsExactly("error: * with 101 (expected: 0..100)");
        assertThat(log(tight, "%100\r\n")).isEmpty();
        assertThat(log(tight, "%101\r\n")).containsExactly("error: % with 101 (expected: 0..100)");
        assertThat(log(tight, "$64\r\n" + "a".repeat(64) + "\r\n")).containsExactly("$ to 71");
        assertThat(log(tight, "$65\r\n" + "a".repeat(65) + "\r\n"))
                .containsExactly("error: $ with 65 (expected: 0..64)");
        assertThat(log(tight, "+" + "a".repeat(62) + "\r\n")).containsExactly("+ to 65");
        assertThat(log(tight, "+" + "a".repeat(63) + "\r\n"))
                .containsExactly("error: line too long (expected: <= 64 bytes)");
        assertThat(log(tight, "+" + "a".repeat(65))).containsExactly("error: line too long (expected: <= 64 bytes)");
    }

    @Test
    void growsForDeepNestingOnlyAndOnlyToTheLimit() {
        String deep = "*1\r\n".repeat(8_192);
        assertThat(log(deep + ":1\r\n:2\r\n")).containsExactly("* to 32772", ": to 32776");
        assertThat(log(deep + "*1\r\n")).containsExactly("error: nested too deep (expected: <= 8192)");
    }

    @Test
    void hopsOverMoreThanAnIntHolds() {
        ByteBuf header = Unpooled.copiedBuffer(Buffers.latin1("$4294967296\r\n"));
        ByteBuf block = Unpooled.wrappedBuffer(new byte[1 << 20]);
        ByteBuf end = Unpooled.copiedBuffer(Buffers.latin1("\r\n"));
        assertThat(scanner.next(header, 0, header.writerIndex())).isEqualTo(header.writerIndex());
        for (int i = 0; i < 4_096; i++) {
            assertThat(scanner.next(block, 0, 1 << 20)).isEqualTo(1 << 20);
            assertThat(scanner.complete()).isFalse();
        }
        assertThat(scanner.next(end, 0, 2)).isEqualTo(2);
        assertThat(scanner.complete()).isTrue();
    }

    @Test
    void staysBrokenUntilReset() {
        ByteBuf buf = Unpooled.copiedBuffer(Buffers.latin1("*2\r\n:1\r\nx:7\r\n"));
        assertThat(scanner.next(buf, 0, 13)).isEqualTo(13);
        assertThat(scanner.error()).isEqualTo("type expected, got byte 120");
        assertThat(scanner.next(buf, 9, 13)).isEqualTo(13);
        assertThat(scanner.complete()).isFalse();
        scanner.reset();
        assertThat(scanner.error()).isNull();
        assertThat(scanner.next(buf, 9, 13)).isEqualTo(13);
        assertThat(scanner.complete()).isTrue();
        assertThat(scanner.type()).isEqualTo((byte) ':');
    }

    private static void assertEveryCut(String reply, String found) {
        byte[] bytes = Buffers.latin1(reply);
        for (int cut = 0; cut <= bytes.length; cut++) {
            assertThat(ReplyLog.of(LIMITS, bytes, cut, bytes.length))
                    .as("cut at %d", cut)
                    .containsExactly(found);
        }
        assertThat(byteByByte(bytes)).containsExactly(found);
    }

    private static void assertRefused(String reply, String error) {
        byte[] bytes = Buffers.latin1(reply);
        List<String> whole = ReplyLog.whole(LIMITS, bytes);
        assertThat(whole).hasSize(1).first().asString().startsWith("error: ").contains(error);
        assertThat(byteByByte(bytes)).isEqualTo(whole);
    }

    private static List<String> byteByByte(byte[] bytes) {
        return ReplyLog.of(LIMITS, bytes, IntStream.rangeClosed(1, bytes.length).toArray());
    }

    private static List<String> log(String replies) {
        return log(LIMITS, replies);
    }

    private static List<String> log(Limits limits, String replies) {
        return ReplyLog.whole(limits, Buffers.latin1(replies));
    }
}
