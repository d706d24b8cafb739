package io.tidegate.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.protocol.RequestScanner.Status;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestScannerTest {
    private static final Limits LIMITS = Limits.redisDefaults();

    private final RequestScanner scanner = new RequestScanner(LIMITS);
    private final ByteBuf window = Buffers.empty();

    @AfterEach
    void release() {
        window.release();
    }

    @Test
    void findsCommandsOfAPipelineOneByOne() {
        assertThat(scan("*2\r\n$3\r\nGeT\r\n$5\r\nkey:1\r\n*1\r\n$4\r\nPING\r\n"))
                .isEqualTo(Status.COMMAND);
        assertThat(scanner.end()).isEqualTo(24);
        assertThat(scanner.argCount()).isEqualTo(2);
        assertThat(arg(0)).isEqualTo("GeT");
        assertThat(arg(1)).isEqualTo("key:1");
        assertThat(scanner.next(window, scanner.end(), window.writerIndex())).isEqualTo(Status.COMMAND);
        assertThat(arg(0)).isEqualTo("PING");
        assertThat(scanner.end()).isEqualTo(window.writerIndex());
        assertThat(scanner.next(window, scanner.end(), window.writerIndex())).isEqualTo(Status.INCOMPLETE);
        assertThat(scanner.missingBytes()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "GET",
                "MSETNX",
                "SMEMBERS",
                "GETDELETE",
                "0123456789abcdef",
                "ZREVRANGEBYSCORE",
                "17-letters-in-all",
                "GEORADIUSBYMEMBER_RO",
                "twenty-three-letters-XX",
                "twenty-four-letters-here",
                "@[`{\u00c0\u007f",
                "A\u00e4Z"
            })
    void packsANameInSmallLettersTheFirstOneLowest(String name) {
        assertThat(scan(command(List.of(name)))).isEqualTo(Status.COMMAND);
        assertThat(unpacked()).isEqualTo(small(name));
        assertThat(scanner.nameLength()).isEqualTo(name.length());
        assertThat(scanner.name0()).isEqualTo(RequestScanner.nameWord(name, 0));
        assertThat(scanner.name1()).isEqualTo(RequestScanner.nameWord(name, 1));
        assertThat(scanner.name2()).isEqualTo(RequestScanner.nameWord(name, 2));
    }

    @Test
    void leavesANameUnpackedThatIsNoKnownCommands() {
        String name = "a-name-of-twenty-five-let";
        scan(command(List.of("first")));
        assertThat(scan(command(List.of(name)))).isEqualTo(Status.COMMAND);
        assertThat(scanner.nameLength()).isEqualTo(25);
        assertThat(scanner.name0() | scanner.name1() | scanner.name2()).isZero();
        assertThat(RequestScanner.nameWord(name, 0)).isZero();
        assertThatThrownBy(() -> RequestScanner.nameWord("get", 3)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void findsArgumentsInAnyOrderHoweverMany() {
        List<String> args = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            args.add("a".repeat(i * i % 130));
        }
        scan(command(args));
        assertThat(scanner.argCount()).isEqualTo(50);
        for (int i : new int[] {49, 0, 16, 15, 17, 30, 30, 29, 16, 49, 48}) {
            assertThat(arg(i)).isEqualTo(args.get(i));
        }
        // A second command with many arguments, so that nothing is left from the first.
        scan(command(args.subList(10, 40)));
        assertThat(arg(20)).isEqualTo(args.get(30));
        assertThatThrownBy(() -> scanner.argOffset(30)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> scanner.argLength(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    /** Whatever the owner lets go of as soon as it may, the scanner finds what it finds in a window that is kept. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 16, 50})
    void neverLooksBackBeforeWhatIsSettled(int chunk) {
        List<String> args = new ArrayList<>(List.of("MSET", ""));
        for (int i = 0; i < 40; i++) {
            args.add("v".repeat(i * 257 % 1_100));
        }
        byte[] command = Buffers.latin1(command(args));
        int released = 0;
        for (int read = 0; read < command.length; read += chunk) {
            int end = Math.min(command.length, read + chunk);
            // What is let go of is not there: the window begins at the first byte that is still needed.
            ByteBuf kept = Unpooled.copiedBuffer(command, released, end - released);
            Status status = scanner.next(kept, -released, kept.writerIndex());
            if (end == command.length) {
                assertThat(status).isEqualTo(Status.COMMAND);
                assertThat(scanner.end()).isEqualTo(kept.writerIndex());
            } else {
                assertThat(status).isEqualTo(Status.INCOMPLETE);
                assertThat(scanner.argsHere()).isEqualTo(argsIn(args, end));
                released += scanner.settled();
                assertThat(released).isLessThanOrEqualTo(end);
            }
            kept.release();
        }
        assertThat(scanner.argCount()).isEqualTo(args.size());
        assertThat(released).isGreaterThan(command.length - 1_200);
    }

    /** How many arguments of the command end within its first {@code length} bytes. */
    private static int argsIn(List<String> args, int length) {
        int end = ("*" + args.size() + "\r\n").length();
        int whole = 0;
        for (String arg : args) {
            end += ("$" + arg.length() + "\r\n").length() + arg.length() + 2;
            whole += end <= length ? 1 : 0;
        }
        return whole;
    }

    @Test
    void nothingIsSettledBeforeTheNameIsThere() {
        assertThat(scan("*2\r\n$3\r\nGE")).isEqualTo(Status.INCOMPLETE);
        assertThat(scanner.settled()).isZero();
        assertThat(scanner.argsHere()).isZero();
        window.writeBytes(Buffers.latin1("T\r\n$10"));
        assertThat(scanner.next(window, 0, window.writerIndex())).isEqualTo(Status.INCOMPLETE);
        assertThat(scanner.settled()).as("the header in progress is kept").isEqualTo("*2\r\n$3\r\nGET\r\n".length());
        assertThat(scanner.argsHere()).isEqualTo(1);
        window.writeBytes(Buffers.latin1("0\r\nabc"));
        assertThat(scanner.next(window, 0, window.writerIndex())).isEqualTo(Status.INCOMPLETE);
        assertThat(scanner.settled()).isEqualTo(window.writerIndex());
    }

    @Test
    void saysHowManyBytesAnArgumentStillNeeds() {
        assertThat(scan("*2\r\n$3\r\nGET\r\n$1000\r\nabc")).isEqualTo(Status.INCOMPLETE);
        assertThat(scanner.missingBytes()).isEqualTo(999);
        window.writeBytes(Buffers.latin1("d"));
        assertThat(scanner.next(window, 0, window.writerIndex())).isEqualTo(Status.INCOMPLETE);
        assertThat(scanner.missingBytes()).isEqualTo(998);
        window.writeZero(998);
        assertThat(scanner.next(window, 0, window.writerIndex())).isEqualTo(Status.COMMAND);
        assertThat(scan("*2\r\n$3\r\nGET\r\n$10")).isEqualTo(Status.INCOMPLETE);
        assertThat(scanner.missingBytes()).isZero();
    }

    @Test
    void seesNothingBehindTheBytesGiven() {
        window.writeBytes(Buffers.latin1("*1\r\n$4\r\nPING\r\n"));
        for (int to = 0; to < window.writerIndex(); to++) {
            scanner.reset();
            assertThat(scanner.next(window, 0, to)).isEqualTo(Status.INCOMPLETE);
        }
    }

    @Test
    void asksForNothingWhenAMillionArgumentsOrHalfAGigabyteAreAnnounced() {
        assertThat(scan("*1000000\r\n$536870912\r\nx")).isEqualTo(Status.INCOMPLETE);
        assertThat(scanner.missingBytes()).isEqualTo(536870912L + 1);
        scanner.reset();
        assertThat(scan("*2147483647\r\n$0\r\n\r\n")).isEqualTo(Status.INCOMPLETE);
        assertThat(scanner.missingBytes()).isZero();
    }

    @Test
    void beginsAnewAfterReset() {
        scanner.authenticationRequired(true);
        assertThat(scan("*1\r\n$4x\r\n")).isEqualTo(Status.MALFORMED);
        scanner.reset();
        assertThatThrownBy(scanner::error).isInstanceOf(IllegalStateException.class);
        assertThat(scan("PING\r\n")).isEqualTo(Status.INLINE);
    }

    @Test
    void keepsTheLimitsOfAClientThatHasNotAuthenticatedOverAReset() {
        scanner.authenticationRequired(true);
        scanner.reset();
        assertThat(scan("*1\r\n$16385\r\n")).isEqualTo(Status.MALFORMED);
        assertThat(scanner.authenticationMissing()).isTrue();
        scanner.reset();
        assertThat(scan("*1\r\n$4x\r\n")).isEqualTo(Status.MALFORMED);
        assertThat(scanner.authenticationMissing()).isFalse();
        scanner.reset();
        scanner.authenticationRequired(false);
        assertThat(scan("*1\r\n$16385\r\n")).isEqualTo(Status.INCOMPLETE);
    }

    @Test
    void staysMalformed() {
        assertThat(scan("*x\r\n")).isEqualTo(Status.MALFORMED);
        window.writeBytes(Buffers.latin1("*1\r\n$4\r\nPING\r\n"));
        assertThat(scanner.next(window, 4, window.writerIndex())).isEqualTo(Status.MALFORMED);
        assertThat(scanner.error()).isEqualTo("ERR Protocol error: invalid multibulk length");
    }

    static List<RequestCases.Malformed> malformed() {
        return RequestCases.malformed();
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void refusesWithTheWordsOfRedis(RequestCases.Malformed request) {
        byte[] bytes = Buffers.latin1(request.bytes());
        List<String> log = RequestLog.whole(LIMITS, bytes);
        assertThat(log).last().isEqualTo("MALFORMED " + request.error());
        int last = bytes.length - 1;
        assertThat(RequestLog.of(LIMITS, bytes, last, bytes.length)).isEqualTo(log);
        assertThat(RequestLog.of(LIMITS, bytes, 1, 2, 3, 4, 5, 6, last / 2, bytes.length))
                .isEqualTo(log);
    }

    static List<RequestCases.Accepted> accepted() {
        return RequestCases.accepted();
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void acceptsWhatRedisAccepts(RequestCases.Accepted request) {
        byte[] bytes = Buffers.latin1(request.bytes());
        List<String> log = RequestLog.whole(LIMITS, bytes);
        assertThat(log).noneMatch(line -> line.startsWith("MALFORMED"));
        assertThat(log.stream().filter(line -> !line.startsWith("EMPTY"))).hasSize(request.replies());
        assertThat(RequestLog.of(LIMITS, bytes, bytes.length - 1, bytes.length)).isEqualTo(log);
    }

    static List<RequestCases.Malformed> unauthenticated() {
        return RequestCases.unauthenticated();
    }

    @ParameterizedTest
    @MethodSource("unauthenticated")
    void grantsLessUntilAuthenticated(RequestCases.Malformed request) {
        scanner.authenticationRequired(true);
        assertThat(scan(request.bytes())).isEqualTo(Status.MALFORMED);
        assertThat(scanner.error()).isEqualTo(request.error());
    }

    @Test
    void grantsTenShortArgumentsUntilAuthenticatedAndTheRestAfterwards() {
        scanner.authenticationRequired(true);
        assertThat(scan("*10\r\n$16384\r\n")).isEqualTo(Status.INCOMPLETE);
        scanner.reset();
        scanner.authenticationRequired(true);
        scanner.authenticationRequired(false);
        assertThat(scan("*11\r\n$16385\r\n")).isEqualTo(Status.INCOMPLETE);
    }

    @Test
    void readsFromAnyKindOfBuffer() {
        byte[] bytes = Buffers.latin1("*2\r\n$3\r\nGeT\r\n$5\r\nkey:1\r\n");
        ByteBuf heap = Unpooled.wrappedBuffer(bytes);
        ByteBuf slice = Unpooled.wrappedBuffer(bytes).slice();
        ByteBuf composite =
                Unpooled.wrappedBuffer(Unpooled.wrappedBuffer(bytes, 0, 3), Unpooled.wrappedBuffer(bytes, 3, 21));
        for (ByteBuf buf : List.of(heap, slice, composite, heap.asReadOnly())) {
            assertThat(scanner.next(buf, 0, bytes.length)).isEqualTo(Status.COMMAND);
            assertThat(buf.toString(scanner.argOffset(1), scanner.argLength(1), StandardCharsets.US_ASCII))
                    .isEqualTo("key:1");
        }
    }

    private Status scan(String bytes) {
        window.clear().writeBytes(Buffers.latin1(bytes));
        return scanner.next(window, 0, window.writerIndex());
    }

    private String arg(int index) {
        return window.toString(scanner.argOffset(index), scanner.argLength(index), StandardCharsets.ISO_8859_1);
    }

    private String unpacked() {
        StringBuilder name = new StringBuilder();
        for (long word : new long[] {scanner.name0(), scanner.name1(), scanner.name2()}) {
            for (long rest = word; rest != 0; rest >>>= 8) {
                name.append((char) (rest & 0xFF));
            }
        }
        return name.toString();
    }

    private static String small(String name) {
        StringBuilder small = new StringBuilder();
        name.chars().forEach(c -> small.append((char) (c >= 'A' && c <= 'Z' ? c + 32 : c)));
        return small.toString();
    }

    private static String command(List<String> args) {
        return new String(
                RespGenerator.command(args.stream().map(Buffers::latin1).toList()), StandardCharsets.ISO_8859_1);
    }
}
