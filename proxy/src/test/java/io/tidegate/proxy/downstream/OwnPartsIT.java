package io.tidegate.proxy.downstream;

import static io.tidegate.proxy.downstream.Streams.commands;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Between MULTI and EXEC, what the proxy answers itself is answered in its place in EXEC's reply. */
@Timeout(120)
class OwnPartsIT {
    private LocalRedis redis;
    private RedisProcess primary;
    private HandFedProxy proxy;
    private InetSocketAddress address;

    @BeforeEach
    void start() throws IOException {
        redis = HandFedProxy.servers(0);
        primary = redis.primary();
        // A server may take its time to start again on a busy machine.
        proxy = new HandFedProxy(HandFedProxy.Options.with(options -> options.holdMax = Duration.ofSeconds(60)));
        proxy.primary(1, primary);
        address = proxy.listen(ReadLevel.SESSION);
    }

    @AfterEach
    void stop() {
        proxy.close();
        redis.close();
    }

    private void same(String what, String... commands) throws IOException {
        Streams.same(what, primary, address, commands(commands));
    }

    @Test
    void whatIsSaidOfAClientHasItsPlaceInExecsReply() throws Exception {
        same("a name", "MULTI", "CLIENT GETNAME", "CLIENT SETNAME me", "INCR n", "CLIENT GETNAME", "EXEC", "INCR n");
        same("a bad name", "MULTI", "CLIENT SETNAME a\u00ff", "SET k v", "CLIENT GETNAME", "EXEC");
        same("discarded", "MULTI", "CLIENT SETNAME me", "DISCARD", "CLIENT GETNAME", "INCR n");
        same("aborted", "MULTI", "CLIENT SETNAME me", "NOSUCH", "EXEC", "CLIENT GETNAME", "INCR n");
        same("first and last", "MULTI", "CLIENT NO-EVICT on", "EXEC", "MULTI", "PING", "CLIENT NO-EVICT x", "EXEC");
        same("wrong", "MULTI", "CLIENT ID x", "EXEC", "MULTI", "CLIENT NOSUCH", "EXEC", "MULTI", "SELECT", "EXEC");
        same(
                "others",
                "MULTI",
                "CLIENT LIST ID 987654321",
                "CLIENT UNBLOCK 987654321",
                "CLIENT KILL ID 987654321",
                "EXEC");
        same("a pause", "MULTI", "CLIENT PAUSE 10000 WRITE", "CLIENT UNPAUSE", "SET k v", "EXEC", "GET k");
        same("of a cluster", "MULTI", "READONLY", "ASKING", "CLUSTER SLOTS", "EXEC");
        same("in RESP3", "CLIENT REPLY SKIP", "HELLO 3", "MULTI", "CLIENT GETNAME", "HGETALL h", "EXEC");
        same("with UNWATCH", "WATCH k", "MULTI", "UNWATCH", "CLIENT GETNAME", "INCR n", "EXEC");
        same("with what is not queued", "MULTI", "MULTI", "WATCH k", "CLIENT GETNAME", "INCR n", "EXEC");
        same("nobody listens", "CLIENT REPLY OFF", "MULTI", "CLIENT SETNAME me", "INCR n", "EXEC", "RESET", "GET n");
        same("reset", "MULTI", "CLIENT SETNAME me", "RESET", "CLIENT GETNAME", "EXEC");
        same("reset in vain", "MULTI", "INCR n", "RESET more", "EXEC", "GET n");
        same("of no transaction", "MULTI", "SHUTDOWN NOSAVE", "SAVE", "SYNC", "PSYNC ? -1", "INCR n", "EXEC", "GET n");
        same("two", "MULTI", "CLIENT GETNAME", "EXEC", "MULTI", "CLIENT GETNAME", "GET k", "EXEC", "PING");
    }

    @Test
    void selectIsOfItsTransactionAndStaysAfterIt() throws Exception {
        same("selected", "SET k 0", "MULTI", "SELECT 3", "SET k 3", "EXEC", "GET k", "SELECT 0", "GET k");
        same("not selected", "SET k 0", "MULTI", "SELECT 99", "SELECT x", "GET k", "EXEC", "GET k");
        same("discarded", "SET k 0", "MULTI", "SELECT 3", "DISCARD", "GET k");
        same("there and back", "SET k 0", "MULTI", "SELECT 3", "SET k 3", "SELECT 0", "GET k", "EXEC", "GET k");
        same(
                "watched",
                "SET k 0",
                "WATCH k",
                "MULTI",
                "SELECT 3",
                "EXEC",
                "GET k",
                "WATCH k",
                "GET k",
                "UNWATCH",
                "GET k");
        same("with a name", "MULTI", "SELECT 3", "CLIENT SETNAME me", "SET k 3", "CLIENT GETNAME", "EXEC", "GET k");
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient other = proxy.connect(ReadLevel.SESSION)) {
            primary.command("SET", "where", "0");
            client.command("WATCH", "k");
            other.command("SET", "k", "changed");
            client.command("MULTI");
            client.command("SELECT", "3");
            assertThat(client.command("EXEC").isNull()).isTrue();
            assertThat(client.command("GET", "where").text()).isEqualTo("0");
            client.command("MULTI");
            client.command("SELECT", "3");
            client.command("EXEC");
            assertThat(client.command("CLIENT", "INFO").text()).contains(" db=3 ");
            // Who gets a connection of its own next is where it was.
            other.command("WATCH", "k");
            assertThat(other.command("GET", "where").text()).isEqualTo("0");
        }
    }

    @Test
    void subscriptionsBeginWhereTheirConfirmationStands() throws Exception {
        same("one", "MULTI", "SUBSCRIBE a b", "GET x", "PSUBSCRIBE p*", "EXEC", "PING", "RESET");
        same("ended", "MULTI", "SUBSCRIBE a", "UNSUBSCRIBE a", "GET x", "EXEC", "GET x");
        same("nothing ended", "MULTI", "UNSUBSCRIBE", "PUNSUBSCRIBE p", "SUNSUBSCRIBE", "EXEC", "GET x");
        same(
                "in RESP3",
                "CLIENT REPLY SKIP",
                "HELLO 3",
                "MULTI",
                "SUBSCRIBE a",
                "INCR n",
                "EXEC",
                "GET n",
                "PUBLISH z x");
        same("refused", "MULTI", "SSUBSCRIBE s", "MONITOR", "INCR n", "EXEC", "GET n");
        same("not begun", "MULTI", "SUBSCRIBE a", "DISCARD", "GET n", "MULTI", "SUBSCRIBE", "EXEC", "GET n");
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient other = proxy.connect(ReadLevel.SESSION)) {
            client.command("HELLO", "3");
            client.command("MULTI");
            client.command("SUBSCRIBE", "news");
            client.command("EXEC");
            other.command("PUBLISH", "news", "x");
            assertThat(client.command("INCR", "n").elements())
                    .extracting(RespValue::text)
                    .contains("x");
        }
    }

    @Test
    void whatItSaysOfItselfIsTold() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            long id = client.command("CLIENT", "ID").integer();
            client.command("MULTI");
            client.command("CLIENT", "ID");
            client.command("INFO", "tidegate");
            client.command("INFO", "server");
            client.command("PROXY", "CONSISTENCY");
            client.command("CLIENT", "LIST");
            List<RespValue> replies = client.command("EXEC").elements();
            assertThat(replies).hasSize(5);
            assertThat(replies.get(0).integer()).isEqualTo(id);
            assertThat(replies.get(1).text()).startsWith("# Tidegate");
            assertThat(replies.get(2).text()).contains("redis_version");
            assertThat(replies.get(3).elements().get(0).text()).isEqualTo("session");
            assertThat(replies.get(4).text()).contains("id=" + id + " ");
        }
    }

    /** Redis itself sends a reply there that is cut short or changes its protocol in the middle. */
    @Test
    void whatWouldChangeWhoSpeaksIsNotQueued() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            for (List<String> command : List.of(
                    List.of("AUTH", "default", "x"),
                    List.of("HELLO", "3"),
                    List.of("CLIENT", "REPLY", "OFF"),
                    List.of("CLIENT", "TRACKING", "ON"))) {
                client.command("MULTI");
                assertThatThrownBy(() -> client.command(command.toArray(String[]::new)))
                        .hasMessageStartingWith("ERR not executed: Tidegate does not queue this command");
                assertThatThrownBy(() -> client.command("EXEC")).hasMessageStartingWith("EXECABORT");
            }
        }
    }

    @Test
    void aTransactionThatIsSentAgainIsAnsweredOnce() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.command("MULTI");
            client.command("CLIENT", "SETNAME", "me");
            client.command("SELECT", "2");
            client.command("INCR", "n");
            client.command("SUBSCRIBE", "a");
            primary.kill();
            primary.restart();
            proxy.primary(2, primary);
            List<RespValue> replies = client.command("EXEC").elements();
            assertThat(replies.stream().limit(3).map(RespValue::toString).collect(Collectors.toList()))
                    .hasSize(3);
            assertThat(replies.get(2).integer()).isEqualTo(1);
            assertThat(replies.get(3).elements().get(0).text()).isEqualTo("subscribe");
            client.command("UNSUBSCRIBE");
            assertThat(client.command("CLIENT", "GETNAME").text()).isEqualTo("me");
            assertThat(client.command("GET", "n").text()).isEqualTo("1");
        }
    }

    @Test
    void anExecThatMayHaveRunSelectsNothing() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.command("SET", "where", "0");
            client.command("MULTI");
            client.command("CLIENT", "SETNAME", "me");
            client.command("SELECT", "2");
            primary.freeze();
            proxy.send(client, "EXEC", "GET where", "CLIENT GETNAME");
            primary.kill();
            primary.restart();
            proxy.primary(2, primary);
            assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
            assertThat(client.read().isNull()).isTrue();
            assertThat(client.read().isNull()).isTrue();
            assertThat(client.command("CLIENT", "INFO").text()).contains(" db=0 ");
            client.command("MULTI");
            client.command("CLIENT", "GETNAME");
            assertThat(client.command("EXEC").elements().get(0).isNull()).isTrue();
        }
    }

    /** What is kept of replies is bounded for all clients together: of a client that is gone nothing is counted any more. */
    @Test
    void aClientThatGoesAwayInTheMiddleOfItIsCountedOutOnce() throws Exception {
        try (FakeRedis fake = new FakeRedis();
                HandFedProxy before = new HandFedProxy();
                RedisCommandClient other = before.connect(ReadLevel.SESSION)) {
            before.plane.publish(
                    new RoutingTable(1, 1, fake.node(), WriteGate.OPEN, Instants.FOREVER, List.of(), false));
            try (RawClient client = new RawClient(before.listen(ReadLevel.SESSION))) {
                client.socket.setSoLinger(true, 0);
                client.send(commands("MULTI"));
                FakeRedis.Peer peer = fake.peer();
                peer.expect("MULTI");
                peer.send("+OK\r\n");
                client.send(commands("SUBSCRIBE a"));
                peer.expect("PING");
                peer.send("+QUEUED\r\n");
                client.send(commands("EXEC"));
                peer.expect("EXEC");
                peer.send("*1\r\n+PONG\r\n");
                // Over the same connection, which was free again. It never confirms.
                peer.expect("SUBSCRIBE");
                assertThat(other.command("PROXY", "INFO").toString()).contains("parked_bytes_of_this_loop:11");
            }
            await().until(() -> before.plane.clientCount() == 1);
            assertThat(other.command("PROXY", "INFO").toString()).contains("parked_bytes_of_this_loop:0");
        }
    }

    @Test
    void aClientThatGoesAwayInTheMiddleOfItLeavesNothing() throws Exception {
        RedisCommandClient client = proxy.connect(ReadLevel.SESSION);
        client.command("MULTI");
        client.command("SUBSCRIBE", "a");
        client.command("SET", "k", "v".repeat(10_000));
        primary.freeze();
        client.write("EXEC");
        client.close();
        primary.thaw();
        await().until(() -> proxy.plane.clientCount() == 0);
    }
}
