package io.tidegate.proxy.downstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.proxy.upstream.Identity;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sequences that once broke a promise of the data plane; each test states the promise. */
@Timeout(60)
class DataPlaneFaultsIT {
    private LocalRedis redis;
    private HandFedProxy proxy;
    private RedisProcess primary;
    private RedisProcess replica;

    @BeforeEach
    void start() {
        redis = HandFedProxy.servers(1);
        primary = redis.primary();
        replica = redis.replicas().get(0);
        proxy = new HandFedProxy();
    }

    @AfterEach
    void stop() {
        proxy.close();
        redis.close();
    }

    @Test
    void anEmptyPasswordDoesNotMakeAClientTheProxyItself() throws Exception {
        Node node = proxy.node(primary);
        primary.command("CONFIG", "SET", "requirepass", "secret");
        try (HandFedProxy passing = new HandFedProxy(HandFedProxy.Options.with(options -> {
                    options.passthrough = true;
                    options.service = Identity.of("default", "secret");
                }));
                RedisCommandClient client = passing.connect(ReadLevel.SESSION)) {
            passing.plane.publish(new RoutingTable(1, 1, node, WriteGate.OPEN, Instants.FOREVER, List.of(), false));
            assertThatThrownBy(() -> client.command("AUTH", "")).hasMessageStartingWith("WRONGPASS");
            assertThatThrownBy(() -> client.command("SET", "stolen", "1")).hasMessageStartingWith("NOAUTH");
        }
    }

    /** As Redis ends the connections of a user that is deleted; whoever is somebody else by then goes on. */
    @Test
    void whoeverIsNoUserAnyMoreIsToldSoAndEnds() throws Exception {
        try (HandFedProxy passing = new HandFedProxy(HandFedProxy.Options.with(options -> options.passthrough = true));
                RedisCommandClient one = passing.connect(ReadLevel.SESSION);
                RedisCommandClient pinned = passing.connect(ReadLevel.SESSION);
                RedisCommandClient other = passing.connect(ReadLevel.SESSION)) {
            passing.primary(1, primary);
            primary.command("ACL", "SETUSER", "guest", "on", ">pw", "+@all", "~*");
            for (RedisCommandClient client : List.of(one, pinned, other)) {
                client.command("AUTH", "guest", "pw");
                assertThat(client.command("SET", "k", "v").text()).isEqualTo("OK");
            }
            primary.command("ACL", "DELUSER", "guest");
            assertThatThrownBy(() -> one.command("GET", "k")).hasMessageStartingWith("WRONGPASS");
            assertThatThrownBy(() -> one.command("PING")).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> pinned.command("BLPOP", "l", "1")).hasMessageStartingWith("WRONGPASS");
            assertThat(other.command("AUTH", "default", "any").text()).isEqualTo("OK");
            assertThat(other.command("GET", "k").text()).isEqualTo("v");
        }
    }

    @Test
    void selectInsideATransactionDoesNotMoveTheNextBorrower() throws Exception {
        proxy.primary(1, primary);
        try (RedisCommandClient one = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient two = proxy.connect(ReadLevel.SESSION)) {
            one.command("MULTI");
            ignore(one, "SELECT", "5");
            ignore(one, "EXEC");
            two.command("MULTI");
            two.command("SET", "mine", "1");
            two.command("EXEC");
            assertThat(two.command("GET", "mine").isNull()).isFalse();
        }
    }

    @Test
    void aRefusedCommandInAPipelinedTransactionIsNotSent() throws Exception {
        proxy.primary(1, primary);
        try (Socket raw = raw(ReadLevel.SESSION)) {
            raw.getOutputStream().write(bytes("MULTI"));
            assertThat(new String(raw.getInputStream().readNBytes(5), ISO_8859_1))
                    .isEqualTo("+OK\r\n");
            raw.getOutputStream()
                    .write((text("INCR", "a") + text("CONFIG", "SET", "maxmemory", "0") + text("INCR", "b"))
                            .getBytes(ISO_8859_1));
            BufferedReader in = new BufferedReader(new InputStreamReader(raw.getInputStream(), ISO_8859_1));
            assertThat(in.readLine()).isEqualTo("+QUEUED");
            assertThat(in.readLine()).startsWith("-ERR not executed: Tidegate refuses");
            assertThat(in.readLine()).isEqualTo("+QUEUED");
        }
    }

    @Test
    void aNulBehindANameDoesNotReachARefusedCommand() throws Exception {
        proxy.primary(1, primary);
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            for (int i = 0; i < 200; i++) {
                ignore(client, "CONFIG", "SET\0" + i, "maxmemory-samples", "7");
            }
        }
        assertThat(primary.command("CONFIG", "GET", "maxmemory-samples")
                        .elements()
                        .get(1)
                        .text())
                .isEqualTo("5");
    }

    @Test
    void whatTheServerGoesOnRefusingIsAnsweredInTheEnd() throws Exception {
        try (HandFedProxy impatient = new HandFedProxy(Duration.ofMillis(200), Duration.ofSeconds(5), 1 << 30);
                RedisCommandClient client =
                        RedisCommandClient.connect(impatient.listen(ReadLevel.SESSION), Duration.ofSeconds(20))) {
            impatient.primary(1, primary);
            HandFedProxy.served(client, "SET", "k", "v");
            primary.command("CONFIG", "SET", "min-replicas-to-write", "5");
            assertThatThrownBy(() -> client.command("SET", "k", "v")).hasMessageStartingWith("NOREPLICAS");
        }
    }

    @Test
    void nothingIsSentToAReplacedPrimaryThatIsNowListedAsReplica() throws Exception {
        Node first = proxy.node(primary);
        Node second = proxy.node(replica);
        proxy.plane.publish(new RoutingTable(1, 1, first, WriteGate.OPEN, Instants.FOREVER, List.of(), false));
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.command("GET", "k");
            replica.command("REPLICAOF", "NO", "ONE");
            primary.freeze();
            client.write("GET", "k");
            // Sent: the next command of this client is looked at only behind it, and PING is answered in order.
            client.write("CLIENT", "SETNAME", "x");
            try (RedisCommandClient other = proxy.connect(ReadLevel.SESSION)) {
                await().until(() -> other.command("CLIENT", "LIST").text().contains("name=x"));
            }
            proxy.plane.publish(new RoutingTable(
                    2,
                    2,
                    second,
                    WriteGate.OPEN,
                    Instants.FOREVER,
                    List.of(new Replica(first, Instants.UNKNOWN, RouteReason.LINK_DOWN)),
                    false));
            client.write("SET", "k", "across the fence");
            try (RedisCommandClient other = proxy.connect(ReadLevel.SESSION)) {
                other.command("SET", "barrier", "1");
            }
            primary.thaw();
            client.read();
            client.read();
            try {
                client.read();
            } finally {
                assertThat(calls(primary, "set"))
                        .as("writes executed by the replaced primary")
                        .isZero();
            }
        }
    }

    @Test
    void aTransactionThatCannotBeSentAgainInTimeIsNotAnsweredUnasked() throws Exception {
        try (HandFedProxy impatient = new HandFedProxy(Duration.ofMillis(200), Duration.ofSeconds(5), 1 << 30);
                RedisCommandClient client = impatient.connect(ReadLevel.SESSION);
                RedisCommandClient other = impatient.connect(ReadLevel.SESSION)) {
            impatient.primary(1, primary);
            assertThat(HandFedProxy.served(client, "MULTI").text()).isEqualTo("OK");
            assertThat(client.command("SET", "k", "v").text()).isEqualTo("QUEUED");
            replica.command("REPLICAOF", "NO", "ONE");
            primary.kill();
            assertThatThrownBy(() -> other.command("SET", "k", "v")).hasMessageStartingWith("NOPRIMARY");
            impatient.primary(2, replica);
            assertThat(client.command("DISCARD").text()).isEqualTo("OK");
            assertThat(client.command("PING").text()).isEqualTo("PONG");
        }
    }

    @Test
    void aStricterLevelCountsForTheNextCommandOfThePipeline() throws Exception {
        proxy.table(1, primary, WriteGate.OPEN, Instants.FOREVER, List.of(proxy.fresh(replica)));
        try (Socket raw = raw(ReadLevel.EVENTUAL)) {
            BufferedReader in = new BufferedReader(new InputStreamReader(raw.getInputStream(), ISO_8859_1));
            raw.getOutputStream().write(bytes("GET", "warm"));
            assertThat(in.readLine()).isEqualTo("$-1");
            raw.getOutputStream()
                    .write((text("GET", "k") + text("PROXY", "CONSISTENCY", "strong") + text("GET", "k"))
                            .getBytes(ISO_8859_1));
            assertThat(in.readLine()).isEqualTo("$-1");
            assertThat(in.readLine()).isEqualTo("+OK");
            assertThat(in.readLine()).isEqualTo("$-1");
        }
        assertThat(calls(primary, "get")).isEqualTo(1);
    }

    @Test
    void theLimitOfParkingCountsFromEachReply() throws Exception {
        try (HandFedProxy impatient = new HandFedProxy(Duration.ofSeconds(10), Duration.ofSeconds(1), 1 << 30);
                RedisCommandClient client = impatient.connect(ReadLevel.SESSION)) {
            impatient.table(1, primary, WriteGate.OPEN, Instants.UNKNOWN, List.of());
            for (int i = 1; i <= 20; i++) {
                client.write("SET", "k", "v");
                int sent = i;
                await().pollInterval(Duration.ofMillis(2)).until(() -> calls(primary, "set") == sent);
            }
            long sentNanos = System.nanoTime();
            for (int i = 0; i < 20; i++) {
                assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
            }
            // One after the other they would take 20 s.
            assertThat(System.nanoTime() - sentNanos).isLessThan(10_000_000_000L);
        }
    }

    @Test
    void anEmptyLineInATransactionDoesNotForgetIt() throws Exception {
        proxy.primary(1, primary);
        try (Socket raw = raw(ReadLevel.SESSION)) {
            BufferedReader in = new BufferedReader(new InputStreamReader(raw.getInputStream(), ISO_8859_1));
            raw.getOutputStream().write(bytes("MULTI"));
            assertThat(in.readLine()).isEqualTo("+OK");
            raw.getOutputStream().write("\r\n".getBytes(ISO_8859_1));
            raw.getOutputStream().write(bytes("INCR", "n"));
            assertThat(in.readLine()).isEqualTo("+QUEUED");
            replica.command("REPLICAOF", "NO", "ONE");
            primary.kill();
            proxy.primary(2, replica);
            raw.getOutputStream().write(bytes("EXEC"));
            assertThat(in.readLine()).isEqualTo("*1");
        }
    }

    @Test
    void fullParkingDoesNotAnswerACommandTwice() throws Exception {
        try (HandFedProxy small = new HandFedProxy(HandFedProxy.Options.with(options -> options.parkedBytesMax = 4));
                RedisCommandClient client = small.connect(ReadLevel.SESSION)) {
            small.table(1, primary, WriteGate.OPEN, Instants.UNKNOWN, List.of());
            client.write("SET", "k", "v");
            await().until(() -> small.evidenceWantedNanos.get() != Instants.UNKNOWN);
            client.write("ECHO", "a-long-enough-text-to-fill-it");
            client.write("ECHO", "last");
            assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
            assertThat(client.read().text()).isEqualTo("a-long-enough-text-to-fill-it");
            assertThat(client.read().text()).isEqualTo("last");
        }
    }

    @Test
    void repliesSwallowedOnceAreSwallowedAgain() throws Exception {
        try (FakeRedis fake = new FakeRedis();
                Socket raw = raw(ReadLevel.SESSION)) {
            BufferedReader in = new BufferedReader(new InputStreamReader(raw.getInputStream(), ISO_8859_1));
            proxy.plane.publish(
                    new RoutingTable(1, 1, fake.node(), WriteGate.OPEN, Instants.FOREVER, List.of(), false));
            raw.getOutputStream().write(bytes("MULTI"));
            FakeRedis.Peer peer = fake.peer();
            peer.expect("MULTI");
            peer.send("+OK\r\n");
            assertThat(in.readLine()).isEqualTo("+OK");
            // Sent again over a second connection, which is lost before its reply, and over a third.
            peer.close();
            FakeRedis.Peer second = fake.peer();
            second.expect("MULTI");
            second.close();
            FakeRedis.Peer third = fake.peer();
            third.expect("MULTI");
            third.send("+OK\r\n");
            raw.getOutputStream().write(bytes("DISCARD"));
            third.expect("DISCARD");
            third.send("+DISCARDED\r\n");
            assertThat(in.readLine()).isEqualTo("+DISCARDED");
        }
    }

    @Test
    void aRefusalInsideATransactionIsAnsweredOnce() throws Exception {
        proxy.primary(1, primary);
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.command("MULTI");
            assertThatThrownBy(() -> client.command("CONFIG", "SET", "maxmemory", "0"))
                    .hasMessageStartingWith("ERR not executed: Tidegate refuses");
            client.command("INCR", "n");
            replica.command("REPLICAOF", "NO", "ONE");
            primary.kill();
            proxy.primary(2, replica);
            assertThat(client.command("DISCARD").text()).isEqualTo("OK");
        }
    }

    @Test
    void strongReadsBetweenWatchAndMultiAreProven() throws Exception {
        proxy.table(1, primary, WriteGate.OPEN, Instants.UNKNOWN, List.of());
        try (RedisCommandClient client = proxy.connect(ReadLevel.STRONG)) {
            client.command("WATCH", "w");
            client.write("GET", "k");
            await().until(() -> proxy.counted("tidegate_parked_replies") == 1);
            proxy.table(1, primary, WriteGate.OPEN, Instants.FOREVER, List.of());
            assertThat(client.read().isNull()).isTrue();
        }
    }

    // ---- tools ----

    private Socket raw(ReadLevel level) throws IOException {
        java.net.InetSocketAddress address = proxy.listen(level);
        Socket socket = new Socket(address.getAddress(), address.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(45_000);
        return socket;
    }

    private static String text(String... words) {
        StringBuilder text = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            text.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
        }
        return text.toString();
    }

    private static byte[] bytes(String... words) {
        return text(words).getBytes(ISO_8859_1);
    }

    private static void ignore(RedisCommandClient client, String... words) throws IOException {
        client.write(words);
        try {
            client.read();
        } catch (io.tidegate.proxy.local.RedisErrorException refused) {
            assertThat(refused).hasMessageNotContaining("UNCERTAIN");
        }
    }

    private static long calls(RedisProcess process, String command) throws IOException {
        try (RedisCommandClient direct = process.connect()) {
            String stats = direct.info("commandstats").getOrDefault("cmdstat_" + command, "");
            Matcher counter = Pattern.compile("(^|,)calls=(\\d+)").matcher(stats);
            return counter.find() ? Long.parseLong(counter.group(2)) : 0;
        }
    }
}
