package io.tidegate.proxy.dispatch;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.tidegate.protocol.Limits;
import io.tidegate.protocol.RequestScanner;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.request.CommandLookup;
import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.proxy.upstream.OwnCommands;
import io.tidegate.routing.command.CommandSpec;
import io.tidegate.routing.command.CommandTable;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The server's 77 is client 5 here. */
class PipeRepliesTest {
    private static final CommandTable TABLE = CommandTable.builtin();
    private static final String OWN = "[::1]:39174";
    private static final String BROKEN = ">2\r\n$21\r\ntracking-redir-broken\r\n:";

    private PipeReplies replies = pipe();
    private long nowNanos = 1;

    private static PipeReplies pipe() {
        return new PipeReplies(
                UnpooledByteBufAllocator.DEFAULT,
                Limits.redisDefaults(),
                false,
                new MonitorLines(0, OWN::equals, new OwnCommands()),
                new OwnAnswers(77, 5));
    }

    @AfterEach
    void release() {
        replies.release();
    }

    private void begin() {
        replies.release();
        replies = pipe();
        replies.mayTell(77, 5);
    }

    private String read(String chunk) {
        ByteBuf bytes = Unpooled.copiedBuffer(chunk, US_ASCII);
        ByteBuf told = replies.translated(bytes, nowNanos++);
        try {
            return told.toString(US_ASCII);
        } finally {
            told.release();
            bytes.release();
            assertThat(bytes.refCnt() + told.refCnt()).isZero();
        }
    }

    /** What goes to the server instead; empty if it is itself. */
    private List<String> send(String... words) {
        ByteBuf bytes = Unpooled.buffer();
        RespWriter.command(bytes, words);
        RequestScanner scanner = new RequestScanner(Limits.redisDefaults());
        scanner.next(bytes, 0, bytes.writerIndex());
        RequestArgs args = new RequestArgs(scanner).at(scanner, bytes);
        CommandSpec spec = CommandLookup.find(TABLE, scanner, args);
        byte[][] instead = replies.instead(spec, args);
        replies.sent(spec, args);
        return instead == null
                ? List.of()
                : List.of(instead).stream()
                        .map(word -> new String(word, US_ASCII))
                        .toList();
    }

    private static String info(String redirect, String prefixes) {
        return "%3\r\n$5\r\nflags\r\n~1\r\n$2\r\non\r\n$8\r\nredirect\r\n:" + redirect + "\r\n$8\r\nprefixes\r\n"
                + prefixes;
    }

    @Test
    void itIsToldTheSameHoweverItComes() {
        String some = ":77\r\n";
        String before = some + "*2\r\n$1\r\nx\r\n" + some;
        String server = before + info("77", "*0\r\n") + info("77", "*0\r\n") + some + BROKEN + "77\r\n" + some;
        String client = before + ":5\r\n" + info("5", "*0\r\n") + some + BROKEN + "5\r\n" + some;
        for (int first = 0; first <= server.length(); first++) {
            for (int second = first; second <= server.length(); second++) {
                begin();
                assertThat(send("CLIENT", "GETREDIR")).containsExactly("CLIENT", "TRACKINGINFO");
                assertThat(send("CLIENT", "TRACKINGINFO")).containsExactly("CLIENT", "TRACKINGINFO");
                String told = read(server.substring(0, first))
                        + read(server.substring(first, second))
                        + read(server.substring(second));
                assertThat(told).isEqualTo(client);
            }
        }
    }

    @Test
    void whatIsLongIsNotKept() {
        begin();
        send("CLIENT", "TRACKINGINFO");
        String head = info("77", "*1\r\n$100000\r\n" + "p".repeat(1_000));
        assertThat(read(head)).isEqualTo(info("5", "*1\r\n$100000\r\n" + "p".repeat(1_000)));
        assertThat(read("p")).isEqualTo("p");
        String rest = "p".repeat(98_999) + "\r\n";
        assertThat(read(rest + BROKEN + "77\r\n$3\r\n>2")).isEqualTo(rest + BROKEN + "5\r\n");
        assertThat(read("x\r\n")).isEqualTo("$3\r\n>2x\r\n");
    }

    /** What begins before anybody is redirected to goes on as it comes, and what follows is told from it. */
    @Test
    void itMayBeginWithinAReply() {
        assertThat(read("$9\r\n:77\r\n")).isEqualTo("$9\r\n:77\r\n");
        assertThat(send("CLIENT", "GETREDIR")).isEmpty();
        replies.mayTell(77, 5);
        send("CLIENT", "GETREDIR");
        assertThat(read("%3\r\n\r\n" + info("77", "*0\r\n"))).isEqualTo("%3\r\n\r\n:5\r\n");
    }

    @Test
    void whoMayNotAskIsToldOfWhatWasAsked() {
        begin();
        send("CLIENT", "GETREDIR");
        send("CLIENT", "TRACKINGINFO");
        String refused = "-NOPERM this user has no permissions to run the 'client|trackinginfo' command\r\n";
        assertThat(read("-ERR other\r\n" + refused + info("-1", "*0\r\n")))
                .isEqualTo("-ERR other\r\n" + refused.replace("trackinginfo", "getredir") + info("-1", "*0\r\n"));
    }

    @Test
    void whereItsReplyIsNotKnownItIsNotSent() {
        begin();
        CommandSpec spec = TABLE.all().stream()
                .filter(each -> each.name().equals("client|getredir"))
                .findFirst()
                .orElseThrow();
        assertThat(replies.wouldTellServers(spec)).isFalse();
        send("MULTI");
        assertThat(replies.wouldTellServers(spec)).isTrue();
        send("EXEC");
        assertThat(replies.wouldTellServers(spec)).isFalse();
        send("CLIENT", "REPLY", "SKIP");
        assertThat(replies.wouldTellServers(spec)).isTrue();
        send("PING");
        send("CLIENT", "REPLY", "OFF");
        assertThat(replies.wouldTellServers(spec)).isFalse();
        assertThat(send("CLIENT", "GETREDIR")).as("nobody is told").isEmpty();
        send("CLIENT", "REPLY", "ON");
        assertThat(send("CLIENT", "GETREDIR")).containsExactly("CLIENT", "TRACKINGINFO");
        assertThat(read("?")).isEqualTo("?");
        assertThat(replies.wouldTellServers(spec)).isTrue();
    }

    @Test
    void whoMonitorsDoesNotSeeWhatTheProxyAsks() {
        String client = "+1796075673.355776 [0 [::1]:39175] \"role\" \"[\" \"] \\\"[::1]:39174] \\\"\"\r\n";
        String script = "+1796075673.355777 [0 lua] \"role\"\r\n";
        String proxy = "+1796075673.355778 [0 [::1]:39174] \"role\"\r\n";
        assertThat(read(proxy)).as("it is a reply").isEqualTo(proxy);
        send("MONITOR");
        String all = "+OK\r\n" + proxy + client + script + proxy + proxy + "$9\r\n" + proxy.substring(0, 9) + "\r\n"
                + client;
        String seen = all.replace(proxy, "");
        for (int first = 0; first <= all.length(); first++) {
            assertThat(read(all.substring(0, first)) + read(all.substring(first)))
                    .isEqualTo(seen);
        }
        send("RESET");
        assertThat(read("+RESET\r\n" + proxy)).isEqualTo("+RESET\r\n" + proxy);
    }

    private static CommandSpec spec(String name) {
        return TABLE.all().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatTheProxyAnswersComesWhereItBelongs() {
        int length;
        int first = 0;
        do {
            String mark = replies.owe(spec("client|id"), ":5\r\n".getBytes(US_ASCII));
            String server = ":1\r\n$" + mark.length() + "\r\n" + mark + "\r\n$2\r\nab\r\n";
            length = server.length();
            assertThat(read(server.substring(0, first)) + read(server.substring(first)))
                    .isEqualTo(":1\r\n:5\r\n$2\r\nab\r\n");
            assertThat(replies.owedBytes()).isZero();
        } while (++first <= length);
    }

    @Test
    void whoOnlyListensIsRefusedAndWhoMayNotPingIsAnswered() {
        String mark = replies.owe(spec("client|id"), ":5\r\n".getBytes(US_ASCII));
        assertThat(read("*2\r\n$4\r\npong\r\n$" + mark.length() + "\r\n" + mark + "\r\n"))
                .startsWith("-ERR Can't execute 'client|id': only (P|S)SUBSCRIBE")
                .endsWith("\r\n");
        replies.owe(spec("client|id"), ":5\r\n".getBytes(US_ASCII));
        assertThat(read("-NOPERM this user has no permissions to run the 'ping' command\r\n"))
                .isEqualTo(":5\r\n");
    }

    @Test
    void itGreetsByTheClientsNumber() {
        send("HELLO");
        String hello = "%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n$2\r\nid\r\n:77\r\n";
        assertThat(read(hello + ":77\r\n")).isEqualTo(hello.replace(":77", ":5") + ":77\r\n");
    }
}
