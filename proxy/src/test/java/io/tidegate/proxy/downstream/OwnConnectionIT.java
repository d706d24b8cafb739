package io.tidegate.proxy.downstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions with a connection of their own: whose it is, how long it may be silent, what else may come over it. */
@Timeout(60)
class OwnConnectionIT {
    private LocalRedis redis;
    private HandFedProxy proxy;
    private RedisProcess primary;

    @BeforeEach
    void start() throws IOException {
        redis = HandFedProxy.servers(0);
        primary = redis.primary();
        proxy = new HandFedProxy(HandFedProxy.Options.with(options -> options.passthrough = true));
        proxy.primary(1, primary);
        primary.command("ACL", "SETUSER", "writer", "on", ">pw", "~*", "&*", "+@all");
        primary.command("ACL", "SETUSER", "mute", "on", ">pw", "~*", "&*", "+@all", "-publish", "-set");
    }

    @AfterEach
    void stop() {
        proxy.close();
        redis.close();
    }

    /** From now on a server has this much time for a reply. */
    private void answersWithin(Duration replyMax) throws IOException {
        proxy.close();
        proxy = new HandFedProxy(HandFedProxy.Options.with(options -> {
            options.passthrough = true;
            options.replyMax = replyMax;
            options.holdMax = Duration.ofSeconds(3);
        }));
        proxy.primary(1, primary);
    }

    private RedisCommandClient connect(String user) throws IOException {
        RedisCommandClient client = proxy.connect(ReadLevel.SESSION);
        client.command("AUTH", user, "pw");
        return client;
    }

    /** Redis keeps what is watched; the proxy cannot take it along, so to the client a watched key has changed. */
    @Test
    void whoeverAuthenticatesWhileWatchingIsTheNewUserFromThenOn() throws Exception {
        try (RedisCommandClient direct = primary.connect()) {
            direct.command("WATCH", "k");
            direct.command("AUTH", "mute", "pw");
            assertThatThrownBy(() -> direct.command("SET", "k", "v")).hasMessageStartingWith("NOPERM");
            direct.command("MULTI");
            direct.command("PING");
            assertThat(direct.command("EXEC").elements()).hasSize(1);
        }
        try (RedisCommandClient client = connect("writer")) {
            client.command("WATCH", "k");
            client.command("AUTH", "mute", "pw");
            assertThatThrownBy(() -> client.command("SET", "k", "v")).hasMessageStartingWith("NOPERM");
            client.command("MULTI");
            client.command("PING");
            assertThat(client.command("EXEC").isNull()).isTrue();
        }
    }

    @Test
    void whoeverChangesTheProtocolWhileWatchingGetsItsReplies() throws Exception {
        try (RedisCommandClient client = connect("writer")) {
            client.command("HSET", "h", "f", "v");
            client.command("WATCH", "k");
            client.command("HELLO", "3");
            assertThat(client.command("HGETALL", "h")).isInstanceOf(RespValue.Map.class);
        }
    }

    @Test
    void whoeverSelectsWhileWatchingIsInTheOtherDatabaseAndWatchesOn() throws Exception {
        try (RedisCommandClient client = connect("writer");
                RedisCommandClient direct = primary.connect()) {
            client.command("WATCH", "k");
            client.command("SELECT", "0");
            assertThatThrownBy(() -> client.command("SELECT", "16")).hasMessage("ERR DB index is out of range");
            client.command("SELECT", "3");
            client.command("SET", "here", "3");
            client.command("MULTI");
            client.command("GET", "here");
            assertThat(client.command("EXEC").elements().get(0).text()).isEqualTo("3");
            assertThat(client.command("GET", "here").text()).isEqualTo("3");
            client.command("SELECT", "0");
            client.command("WATCH", "k");
            client.command("SELECT", "3");
            direct.command("SET", "k", "changed in 0");
            client.command("MULTI");
            client.command("GET", "here");
            assertThat(client.command("EXEC").isNull()).isTrue();
            assertThat(client.command("GET", "here").text()).isEqualTo("3");
            // Who gets a connection of its own next is not in database 3.
            try (RedisCommandClient next = connect("writer")) {
                next.command("WATCH", "k");
                assertThat(next.command("GET", "here").isNull()).isTrue();
            }
        }
    }

    @Test
    void waitWithoutTheRightToItsMarkGetsTheServersOwnError() throws Exception {
        try (RedisCommandClient client = connect("mute")) {
            client.command("INCR", "n");
            assertThatThrownBy(() -> client.command("WAIT", "0", "10")).hasMessageStartingWith("NOPERM");
            assertThat(client.command("INCR", "n").integer()).isEqualTo(2);
            assertThatThrownBy(() -> client.command("WAIT", "0", "10")).hasMessageStartingWith("NOPERM");
        }
        try (RedisCommandClient client = connect("writer")) {
            client.write("INCR", "n");
            client.write("WAIT", "0", "10");
            client.write("INCR", "n");
            assertThat(client.read().integer()).isEqualTo(3);
            assertThat(client.read().integer()).isZero();
            assertThat(client.read().integer()).isEqualTo(4);
        }
    }

    @Test
    void aServerThatFallsSilentAfterABlockingCommandIsGivenUp() throws Exception {
        answersWithin(Duration.ofSeconds(2));
        try (RedisCommandClient client = connect("writer")) {
            client.command("WATCH", "w");
            client.command("RPUSH", "list", "x");
            assertThat(client.command("BLPOP", "list", "0").elements()).hasSize(2);
            primary.freeze();
            assertThatThrownBy(() -> client.command("GET", "k")).hasMessageStartingWith("NOPRIMARY");
        } finally {
            primary.thaw();
        }
    }

    @Test
    void aBlockingCommandMayWaitLongerThanAReplyEvenWhileWatching() throws Exception {
        answersWithin(Duration.ofSeconds(1));
        try (RedisCommandClient client = connect("writer")) {
            client.command("WATCH", "w");
            // Four times as long as a server may owe another reply; silence is looked for once a second.
            assertThat(client.command("BLPOP", "list", "4").isNull()).isTrue();
        }
    }

    @Test
    void watchingClientsMaySubscribe() throws Exception {
        try (RedisCommandClient client = connect("writer");
                RedisCommandClient other = connect("writer")) {
            client.command("WATCH", "w");
            client.write("SUBSCRIBE", "a", "b");
            assertThat(client.read().elements().get(1).text()).isEqualTo("a");
            assertThat(client.read().elements().get(1).text()).isEqualTo("b");
            other.command("PUBLISH", "b", "news");
            assertThat(client.read().elements().get(2).text()).isEqualTo("news");
        }
    }

    @Test
    void nothingIsTakenForAClientThatIsGone() throws Exception {
        primary.command("RPUSH", "list", "x");
        try (HandFedProxy open = new HandFedProxy();
                Socket client = raw(open, "*3\r\n$5\r\nBLPOP\r\n$4\r\nlist\r\n$1\r\n0\r\n")) {
            awaitHeld(open);
            client.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).isEmpty();
            open.primary(1, primary);
            try (RedisCommandClient other = open.connect(ReadLevel.SESSION)) {
                assertThat(other.command("LLEN", "list").integer()).isEqualTo(1);
            }
        }
    }

    /** As with a server, which frees a client before it closes the connection. */
    @Test
    void whoeverSeesThatABlockedClientWasLeftMayCountOnItToTakeNothingAnyMore() throws Exception {
        try (HandFedProxy open = new HandFedProxy()) {
            open.primary(1, primary);
            try (RedisCommandClient other = primary.connect()) {
                for (int i = 0; i < 200; i++) {
                    try (Socket client = raw(open, "*3\r\n$5\r\nBLPOP\r\n$4\r\nlist\r\n$1\r\n0\r\n")) {
                        await().pollInterval(Duration.ofMillis(1)).until(() -> blockedAtTheServer() == 1);
                        client.shutdownOutput();
                        assertThat(client.getInputStream().read()).isEqualTo(-1);
                        other.command("RPUSH", "list", "x");
                        assertThat(other.command("LLEN", "list").integer()).isEqualTo(1);
                        other.command("DEL", "list");
                    }
                }
            }
        }
    }

    private long blockedAtTheServer() throws IOException {
        return primary.command("CLIENT", "LIST")
                .text()
                .lines()
                .filter(line -> line.contains(" cmd=blpop ") && line.contains("flags=b"))
                .count();
    }

    @Test
    void whatAClientWroteBeforeItSaidThatItWritesNoMoreIsDone() throws Exception {
        try (HandFedProxy open = new HandFedProxy();
                Socket client = raw(open, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n")) {
            awaitHeld(open);
            client.shutdownOutput();
            open.primary(1, primary);
            assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("+OK\r\n");
        }
        assertThat(primary.command("GET", "k").text()).isEqualTo("v");
    }

    /** A client that sent this. */
    private static Socket raw(HandFedProxy proxy, String text) throws IOException {
        InetSocketAddress address = proxy.listen(ReadLevel.SESSION);
        Socket socket = new Socket(address.getAddress(), address.getPort());
        socket.setSoTimeout(45_000);
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        return socket;
    }

    private static void awaitHeld(HandFedProxy proxy) {
        await().until(() -> {
            try (RedisCommandClient other = proxy.connect(ReadLevel.SESSION)) {
                return other.command("PROXY", "INFO").elements().stream()
                        .anyMatch(line -> line.text().equals("waiting_sessions_of_this_loop:1"));
            }
        });
    }
}
