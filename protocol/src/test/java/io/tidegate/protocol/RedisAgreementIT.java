package io.tidegate.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.protocol.RequestScanner.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds this module against a real server: what it accepts, refuses and says, it must be here as well. */
@Timeout(120)
@EnabledIf(
        value = "io.tidegate.protocol.RedisServer#runsHere",
        disabledReason = "embedded-redis has no redis-server for this machine")
class RedisAgreementIT {
    private static final Limits LIMITS = Limits.redisDefaults();

    @TempDir
    static Path directory;

    private static RedisServer server;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = new RedisServer(directory);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static List<RequestCases.Malformed> malformed() {
        return RequestCases.malformed();
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void theServerRefusesWithTheseWords(RequestCases.Malformed request) throws IOException {
        assertThat(server.ask(request.bytes())).endsWith("-" + request.error() + "\r\n");
    }

    static List<RequestCases.Accepted> accepted() {
        return RequestCases.accepted();
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void theServerAcceptsThese(RequestCases.Accepted request) throws IOException {
        String answer = server.ask(request.bytes());
        assertThat(answer).doesNotContain("Protocol error");
        assertThat(replies(Buffers.latin1(answer))).hasSize(request.replies());
    }

    @Test
    void theServerGrantsLessUntilAuthenticated(@TempDir Path other) throws IOException, InterruptedException {
        try (RedisServer closed = new RedisServer(other, "--requirepass", "secret")) {
            for (RequestCases.Malformed request : RequestCases.unauthenticated()) {
                assertThat(closed.ask(request.bytes())).isEqualTo("-" + request.error() + "\r\n");
                assertThat(closed.ask("AUTH secret\r\n" + request.bytes()))
                        .startsWith("+OK\r\n")
                        .doesNotContain("unauthenticated");
            }
            assertThat(closed.ask("*10\r\n$16384\r\n")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void bothMakeTheSameOfWhateverArrives(long seed) throws IOException {
        RespGenerator generator = new RespGenerator(seed);
        int refused = 0;
        for (int i = 0; i < 500; i++) {
            ByteArrayOutputStream pipeline = new ByteArrayOutputStream();
            for (int j = generator.number(4); j >= 0; j--) {
                byte[] request =
                        generator.number(4) == 0 ? Buffers.latin1("echo 'a b' \"\\x41\"\r\n") : echo(generator);
                pipeline.writeBytes(request);
            }
            byte[] bytes = generator.mutated(pipeline.toByteArray());
            List<String> expected = new ArrayList<>();
            List<String> answered = replies(server.ask(bytes));
            String error = scan(bytes, expected);
            assertThat(answered).as("seed %d, pipeline %d", seed, i).hasSize(expected.size());
            if (error != null) {
                assertThat(answered).as("seed %d, pipeline %d", seed, i).last().isEqualTo("-" + error + "\r\n");
                refused++;
            }
        }
        assertThat(refused).isBetween(50, 450);
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12})
    void bothSplitALineInTheSameWay(long seed) throws IOException {
        RespGenerator generator = new RespGenerator(seed);
        for (int i = 0; i < 500; i++) {
            byte[] line = generator.mutated(Buffers.latin1("ECHO \"a\\x4f\\n\\\"\\\\ \\a\\b\"\tx'y \\' z'\r\n"));
            ByteBuf converted = Buffers.empty();
            try {
                ByteBuf buf = Unpooled.wrappedBuffer(line);
                RequestScanner scanner = new RequestScanner(LIMITS);
                if (scanner.next(buf, 0, line.length) != Status.INLINE) {
                    continue;
                }
                boolean balanced = InlineCommand.convert(buf, 0, scanner.end(), converted);
                byte[] inResp = Buffers.latin1(Buffers.text(converted));
                byte[] direct = server.ask(Buffers.latin1(buf.toString(0, scanner.end(), StandardCharsets.ISO_8859_1)));
                assertThat(new String(direct, StandardCharsets.ISO_8859_1))
                        .as("seed %d, line %d", seed, i)
                        .isEqualTo(
                                balanced ? text(server.ask(inResp)) : "-" + InlineCommand.UNBALANCED_QUOTES + "\r\n");
            } finally {
                converted.release();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "string",
                "integer",
                "double",
                "null",
                "array",
                "set",
                "map",
                "attrib",
                "verbatim",
                "true",
                "false",
                "bignum"
            })
    void everyTypeOfTheServerIsOneReply(String type) throws IOException {
        for (String protocol : List.of("2", "3")) {
            byte[] answer =
                    server.ask(Buffers.latin1("HELLO " + protocol + "\r\nDEBUG PROTOCOL " + type + "\r\nPING\r\n"));
            List<String> replies = replies(answer);
            assertThat(replies).hasSize(3).last().isEqualTo("+PONG\r\n");
            for (String reply : replies) {
                assertThat(read(reply)).isNotNull();
            }
        }
    }

    @Test
    void aPushStandsForItself() throws IOException {
        List<String> replies = replies(server.ask(Buffers.latin1("HELLO 3\r\nDEBUG PROTOCOL push\r\nPING\r\n")));
        assertThat(replies).hasSize(4).last().isEqualTo("+PONG\r\n");
        assertThat(replies.get(1)).startsWith(">2\r\n");
    }

    @Test
    void theConfirmationOfASubscriptionIsAnElementOfItsTransaction() throws IOException {
        String transaction = "MULTI\r\nSUBSCRIBE channel\r\nPING\r\nEXEC\r\n";
        List<String> replies = replies(server.ask(Buffers.latin1("HELLO 3\r\n" + transaction + "PING\r\n")));
        assertThat(replies).hasSize(6).last().isEqualTo("+PONG\r\n");
        assertThat(replies.get(4)).startsWith("*2\r\n>3\r\n").endsWith(":1\r\n+PONG\r\n");
    }

    @Test
    void noScriptNestsDeeperThanTheLimit() throws IOException {
        String script = "local t={1} for i=1,%d do t={t} end return t";
        String eval = "EVAL \"" + script + "\" 0\r\nPING\r\n";
        List<String> replies = replies(server.ask(Buffers.latin1(String.format(eval, 7_900))));
        assertThat(replies).hasSize(2);
        assertThat(replies.get(0)).hasSize(4 * 7_901 + 4);
        replies = replies(server.ask(Buffers.latin1(String.format(eval, 20_000))));
        assertThat(replies).hasSize(2);
        assertThat(replies.get(0)).endsWith("-ERR reached lua stack limit\r\n");
    }

    @Test
    void aHandshakeReadsTheSameInBothProtocols() throws IOException {
        for (int protocol = 2; protocol <= 3; protocol++) {
            RespValue hello = read(server.ask("HELLO " + protocol + "\r\n"));
            assertThat(hello.field("role")).isNotNull();
            assertThat(hello.field("proto")).isEqualTo(new RespValue.Int(protocol));
            String both = server.ask("HELLO " + protocol + "\r\nROLE\r\nINFO replication\r\n");
            List<String> replies = replies(Buffers.latin1(both));
            assertThat(read(replies.get(1)).elements().get(0).text()).isEqualTo("master");
            assertThat(read(replies.get(2)).text()).contains("role:master", "master_replid:");
        }
    }

    @Test
    void theServerFormatsAsTheWriterDoes() throws IOException {
        ByteBuf out = Buffers.empty();
        try {
            for (Protocol protocol : Protocol.values()) {
                out.clear();
                RespWriter.doubleValue(out, 3.141, protocol);
                RespWriter.nullValue(out, protocol);
                RespWriter.bool(out, true, protocol);
                RespWriter.setHeader(out, 3, protocol);
                String hello = protocol == Protocol.RESP2 ? "HELLO 2\r\n" : "HELLO 3\r\n";
                String types =
                        "DEBUG PROTOCOL double\r\nDEBUG PROTOCOL null\r\nDEBUG PROTOCOL true\r\nDEBUG PROTOCOL set\r\n";
                assertThat(server.ask(hello + types)).endsWith(Buffers.text(out) + ":0\r\n:1\r\n:2\r\n");
            }
        } finally {
            out.release();
        }
    }

    /** Adds a line for every reply that is due, the error's included, and returns the error. */
    private static @Nullable String scan(byte[] bytes, List<String> replies) {
        ByteBuf buf = Unpooled.wrappedBuffer(bytes);
        ByteBuf converted = Buffers.empty();
        try {
            RequestScanner scanner = new RequestScanner(LIMITS);
            int at = 0;
            Status status;
            while ((status = scanner.next(buf, at, bytes.length)) != Status.INCOMPLETE) {
                if (status != Status.EMPTY) {
                    replies.add(status.toString());
                }
                if (status == Status.MALFORMED) {
                    return scanner.error();
                }
                if (status == Status.INLINE && !InlineCommand.convert(buf, at, scanner.end(), converted)) {
                    return InlineCommand.UNBALANCED_QUOTES;
                }
                at = scanner.end();
            }
            return null;
        } finally {
            converted.release();
        }
    }

    private static byte[] echo(RespGenerator generator) {
        byte[] text = Buffers.latin1(generator.text());
        return RespGenerator.command(List.of(Buffers.latin1("ECHO"), text));
    }

    private static List<String> replies(byte[] bytes) {
        List<String> replies = new ArrayList<>();
        ReplyScanner scanner = new ReplyScanner(LIMITS);
        ByteBuf buf = Unpooled.wrappedBuffer(bytes);
        for (int at = 0; at < bytes.length; ) {
            int end = scanner.next(buf, at, bytes.length);
            assertThat(scanner.error()).isNull();
            assertThat(scanner.complete()).isTrue();
            replies.add(buf.toString(at, end - at, StandardCharsets.ISO_8859_1));
            at = end;
        }
        return replies;
    }

    private static RespValue read(String reply) {
        return RespValues.read(Unpooled.wrappedBuffer(Buffers.latin1(reply)), 0, reply.length());
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
