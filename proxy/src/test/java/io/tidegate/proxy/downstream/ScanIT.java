package io.tidegate.proxy.downstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.it.Stack;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scans in front of a primary and a replica, with tables of the test's making: where each call goes, and with what. */
@Timeout(60)
class ScanIT {
    private static final int KEYS = 2_000;
    private static final int MARKED_LENGTH = 16;
    private static final String RECEIVED = "tidegate_upstream_received_bytes_total";

    private LocalRedis redis;
    private RedisProcess primary;
    private RedisProcess replica;
    private HandFedProxy proxy;
    private Replica fresh;

    @BeforeEach
    void start() throws Exception {
        redis = HandFedProxy.servers(1);
        primary = redis.primary();
        replica = redis.replicas().get(0);
        fill("SET k:%d v", "HSET h %d v", "SADD s m%d", "ZADD z %1$d m%1$d");
        await().until(() -> replica.command("ZCARD", "z").integer() == KEYS);
        proxy = new HandFedProxy();
        fresh = proxy.fresh(replica);
        publish(fresh);
    }

    private void fill(String... commands) throws IOException {
        try (RedisCommandClient client = primary.connect()) {
            for (String command : commands) {
                for (int i = 0; i < KEYS; i++) {
                    client.write(command.formatted(i).split(" ", -1));
                }
                for (int i = 0; i < KEYS; i++) {
                    client.read();
                }
            }
        }
    }

    @AfterEach
    void stop() {
        proxy.close();
        redis.close();
    }

    private void publish(Replica... replicas) throws IOException {
        proxy.table(1, primary, WriteGate.OPEN, Instants.FOREVER, List.of(replicas));
    }

    @Test
    void aScanStaysWithTheReplicaThatItBeganAt() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL)) {
            assertThat(scan(client, "0", "SCAN", "MATCH", "k:*")).hasSize(KEYS);
            assertThat(scan(client, "0", "HSCAN h")).hasSize(KEYS + 1);
            assertThat(scan(client, "0", "SSCAN s")).hasSize(KEYS);
            assertThat(scan(client, "0", "ZSCAN z")).hasSize(2 * KEYS);
            assertThat(calls(primary, "scan")).isZero();
        }
    }

    @Test
    void itGoesOnWithWhatTheOtherSaid() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL);
                RedisCommandClient strong = proxy.connect(ReadLevel.STRONG)) {
            String ofReplica = cursor(client.command("SCAN", "0", "COUNT", "1000"));
            String ofPrimary = cursor(strong.command("SCAN", "0", "COUNT", "1000"));
            assertThat(new HashSet<>(List.of(ofReplica, ofPrimary))).hasSize(2);
            // The same place in the same process, whoever asks.
            assertThat(client.command("SCAN", ofPrimary, "COUNT", "9999"))
                    .isEqualTo(strong.command("SCAN", ofPrimary, "COUNT", "9999"));
            assertThat(calls(primary, "scan")).isEqualTo(3);
            assertThat(strong.command("SCAN", ofReplica, "COUNT", "9999")
                            .elements()
                            .get(1)
                            .elements())
                    .as("a strong read is not the replica's to serve: it begins anew")
                    .hasSize(KEYS + 3);
        }
    }

    /** Two in four million do: nobody could tell their cursors apart. */
    @Test
    void whileTwoProcessesBearOneMarkThePrimaryScans() throws Exception {
        String runId = fresh.node().runId();
        int last = runId.length() - 1;
        String alike = runId.substring(0, last - 1)
                + (char) (runId.charAt(last - 1) + 1)
                + (char) (runId.charAt(last) + ('a' - 'b') * 31);
        assertThat(alike).isNotEqualTo(runId).hasSameHashCodeAs(runId);
        Node other = new Node(9, new NodeAddress("127.0.0.1", 1), alike, true);
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL)) {
            String cursor = cursor(client.command("SCAN", "0", "COUNT", "1500"));
            publish(fresh, new Replica(other, Instants.UNKNOWN, RouteReason.NO_LINK));
            assertThat(scan(client, cursor, "SCAN")).hasSize(KEYS + 3);
            assertThat(scan(client, "0", "SCAN")).hasSize(KEYS + 3);
            assertThat(calls(replica, "scan")).isEqualTo(1);
        }
    }

    @Test
    void explainSaysWhereACursorGoes() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL);
                RedisCommandClient strong = proxy.connect(ReadLevel.STRONG)) {
            String ofReplica = cursor(client.command("SCAN", "0", "COUNT", "1500"));
            String ofPrimary = cursor(strong.command("SSCAN", "s", "0", "COUNT", "1500"));
            assertThat(explained(client, "SCAN", ofReplica))
                    .contains("its cursor is of " + replica.endpoint(), "goes to " + replica.endpoint());
            assertThat(explained(client, "SSCAN", "s", ofPrimary))
                    .contains("its cursor is of " + primary.endpoint(), "goes to " + primary.endpoint());
            assertThat(explained(client, "SCAN", "17")).contains("bears no mark", "goes to " + primary.endpoint());
            assertThat(explained(client, "SCAN", "9223372036854775807")).contains("of a process that is gone");
            assertThat(explained(client, "SCAN", "0")).contains("it begins", "goes to " + replica.endpoint());
        }
    }

    private static String explained(RedisCommandClient client, String... command) throws IOException {
        return client
                .command(Stream.concat(Stream.of("PROXY", "EXPLAIN"), Stream.of(command))
                        .toArray(String[]::new))
                .elements()
                .stream()
                .map(RespValue::text)
                .collect(Collectors.joining("\n"));
    }

    @Test
    void whereTheReplicaIsGoneItBeginsAnew() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL)) {
            String cursor = cursor(client.command("SCAN", "0", "COUNT", "1500"));
            publish();
            assertThat(scan(client, cursor, "SCAN")).hasSize(KEYS + 3);
            publish(fresh);
            assertThat(client.command("SCAN", cursor, "COUNT", "9999")
                            .elements()
                            .get(1)
                            .elements())
                    .as("it is there again, the same process, and knows its place")
                    .hasSizeLessThan(KEYS - 1000);
        }
    }

    @Test
    void whereTheReplicaWasRestartedItBeginsAnew() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL)) {
            String cursor = cursor(client.command("SCAN", "0", "COUNT", "1500"));
            replica.kill();
            replica.restart();
            await().ignoreExceptions().until(() -> replica.command("ZCARD", "z").integer() == KEYS);
            publish(proxy.fresh(replica));
            assertThat(scan(client, cursor, "SCAN")).hasSize(KEYS + 3);
            assertThat(calls(primary, "scan")).isZero();
        }
    }

    /** The bytes of a call in flight are its client's own: asked elsewhere it is looked at anew. */
    @Test
    void aCallWhoseReplicaDiesBeginsAnewAtThePrimary() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL)) {
            String cursor = cursor(client.command("SCAN", "0", "COUNT", "1500"));
            replica.freeze();
            client.write("SCAN", cursor, "COUNT", "9999");
            client.write("PING");
            replica.kill();
            assertThat(client.read().elements().get(1).elements()).hasSize(KEYS + 3);
            assertThat(client.read().text()).isEqualTo("PONG");
        }
    }

    @Test
    void tablesMayGrowShrinkAndBeLoadedAnewMeanwhile() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL)) {
            Set<String> seen = new HashSet<>();
            RespValue page = client.command("SCAN", "0", "COUNT", "700");
            collect(page, seen);
            fill("SET more:%d v", "SET yet-more:%d v", "SET even-more:%d v");
            await().until(() -> replica.command("DBSIZE").integer() > 4 * KEYS);
            page = client.command("SCAN", cursor(page), "COUNT", "700");
            collect(page, seen);
            // A replica that has lost its place in the stream gets the data anew, in the same process.
            replica.command("REPLICAOF", "NO", "ONE");
            replica.command("SET", "of its own", "v");
            replica.command("REPLICAOF", "127.0.0.1", "" + primary.port());
            await().ignoreExceptions()
                    .until(() -> replica.command("EXISTS", "of its own").integer() == 0);
            seen.addAll(scan(client, cursor(page), "SCAN"));
            assertThat(seen)
                    .containsAll(
                            IntStream.range(0, KEYS).mapToObj(i -> "k:" + i).toList());
            assertThat(calls(primary, "scan")).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "abc",
                "",
                " 5",
                "5 ",
                "-1",
                "+5",
                "0",
                "000",
                "0x",
                "18446744073709551615",
                "18446744073709551616",
                "1099511627776",
                "1\0",
            })
    void whatWasNeverGivenIsTheServersToJudge(String cursor) throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.STRONG);
                RedisCommandClient direct = primary.connect()) {
            for (String[] command : List.of(
                    new String[] {"SCAN", cursor, "COUNT", "99999"},
                    new String[] {"SSCAN", "s", cursor, "COUNT", "99999"},
                    new String[] {"SCAN", cursor, "COUNT", "0"},
                    new String[] {"SCAN", cursor, "COUNT"},
                    new String[] {"HSCAN", "s", cursor},
                    new String[] {"ZSCAN", "missing", cursor})) {
                client.write(command);
                direct.write(command);
                String expected = shown(direct);
                assertThat(shown(client)).isEqualTo(expected);
            }
        }
    }

    /** What looks as if it were marked, with a process that nobody knows. */
    @ParameterizedTest
    @ValueSource(strings = {"9223372036854775807", "4503599627370496", "4611686018427387905", "004503599627370497"})
    void whatNobodyKnowsBeginsAnew(String cursor) throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL)) {
            assertThat(scan(client, cursor, "SCAN")).hasSize(KEYS + 3);
        }
    }

    @Test
    void withoutACursorTheServerSaysThatThereIsNone() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL)) {
            assertThatThrownBy(() -> client.command("SCAN"))
                    .hasMessage("ERR wrong number of arguments for 'scan' command");
            assertThatThrownBy(() -> client.command("SSCAN", "s"))
                    .hasMessage("ERR wrong number of arguments for 'sscan' command");
        }
    }

    @Test
    void withinATransactionItGoesOnAtThePrimaryOrBeginsAnew() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL);
                RedisCommandClient strong = proxy.connect(ReadLevel.STRONG)) {
            String ofReplica = cursor(client.command("SCAN", "0", "COUNT", "1500"));
            String ofPrimary = cursor(strong.command("SCAN", "0", "COUNT", "1500"));
            RespValue rest = strong.command("SCAN", ofPrimary, "COUNT", "9999");
            client.command("MULTI");
            client.command("SCAN", ofReplica, "COUNT", "9999");
            client.command("SCAN", ofPrimary, "COUNT", "9999");
            client.command("SCAN", "0", "COUNT", "1500");
            List<RespValue> replies = client.command("EXEC").elements();
            assertThat(replies.get(0).elements().get(1).elements()).hasSize(KEYS + 3);
            assertThat(replies.get(1)).isEqualTo(rest);
            String raw = cursor(replies.get(2));
            assertThat(Long.parseLong(raw)).as("the server's own").isLessThan(1 << 16);
            assertThat(client.command("SCAN", raw, "COUNT", "9999")).isEqualTo(rest);

            client.command("WATCH", "k:1");
            RespValue page = client.command("SCAN", ofReplica, "COUNT", "1500");
            assertThat(cursor(page)).isEqualTo(ofPrimary);
            client.command("UNWATCH");
        }
    }

    @Test
    void whereRepliesAreNotMatchedTheCursorsAreTheServersOwn() throws Exception {
        try (RedisCommandClient strong = proxy.connect(ReadLevel.STRONG);
                RedisCommandClient tracking = proxy.connect(ReadLevel.EVENTUAL)) {
            String ofReplica = cursor(tracking.command("SCAN", "0", "COUNT", "1500"));
            String ofPrimary = cursor(strong.command("SCAN", "0", "COUNT", "1500"));
            RespValue rest = strong.command("SCAN", ofPrimary, "COUNT", "9999");
            tracking.command("HELLO", "3");
            tracking.command("CLIENT", "TRACKING", "ON");
            assertThat(tracking.command("SCAN", ofPrimary, "COUNT", "9999")).isEqualTo(rest);
            RespValue page = tracking.command("SCAN", ofReplica, "COUNT", "1500");
            assertThat(Long.parseLong(cursor(page))).isLessThan(1 << 16);
            assertThat(tracking.command("SCAN", cursor(page), "COUNT", "9999")).isEqualTo(rest);
        }
    }

    /** A name and a pattern of a megabyte are no reason to send a cursor where it means nothing. */
    @Test
    void aLargeOneIsKeptWhole() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL)) {
            String cursor = cursor(client.command("SCAN", "0", "COUNT", "1500"));
            publish();
            RespValue page = client.command("SCAN", cursor, "COUNT", "9999", "MATCH", "*" + "*".repeat(2 << 20));
            assertThat(page.elements().get(1).elements()).hasSize(KEYS + 3);
        }
    }

    @Test
    void aBigReplyIsPassedOnAsItComes() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL)) {
            primary.command("CONFIG", "SET", "save", "");
            try (RedisCommandClient direct = primary.connect()) {
                for (int i = 0; i < 1_100; i++) {
                    direct.command("SADD", "big", i + "x".repeat(3_000));
                }
            }
            await().until(() -> replica.command("SCARD", "big").integer() == 1_100);
            RespValue page = client.command("SSCAN", "big", "0", "COUNT", "1000");
            assertThat(page.elements().get(1).elements()).hasSizeGreaterThan(990);
            assertThat(scan(client, cursor(page), "SSCAN big")).hasSizeBetween(1, 110);
        }
    }

    // ---- what comes in pieces ----

    /** However the reply is cut, and whatever is around it. */
    @Test
    void aReplyInPieces() throws Exception {
        String value = "$1\r\nv\r\n";
        String reply = "*2\r\n$3\r\n160\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n";
        String last = "*2\r\n$1\r\n0\r\n*0\r\n";
        String error = "-ERR invalid cursor\r\n";
        String all = value + reply + reply + last + error + value;
        try (FakeRedis fake = new FakeRedis();
                HandFedProxy alone = new HandFedProxy()) {
            alone.plane.publish(
                    new RoutingTable(1, 1, fake.node(), WriteGate.OPEN, Instants.FOREVER, List.of(), false));
            try (RawClient client = new RawClient(alone.listen(ReadLevel.SESSION))) {
                String get = RawClient.command("GET", "k");
                String scan = RawClient.command("SCAN", "0");
                FakeRedis.Peer server = null;
                String expected = null;
                for (int cut = 0; cut < all.length(); cut++) {
                    client.send(get + scan + scan + scan + scan + get);
                    server = server == null ? fake.peer() : server;
                    server.expect("GET", "SCAN", "SCAN", "SCAN", "SCAN", "GET");
                    long before = alone.counted(RECEIVED);
                    int first = cut;
                    server.send(all.substring(0, cut));
                    await().pollInterval(1, TimeUnit.MILLISECONDS)
                            .pollDelay(Duration.ZERO)
                            .until(() -> alone.counted(RECEIVED) == before + first);
                    server.send(all.substring(cut));
                    String got = read(client, all.length() + 2 * (MARKED_LENGTH - "160".length() + 1));
                    expected = expected == null ? got : expected;
                    assertThat(got).as("cut at %d", cut).isEqualTo(expected);
                }
                assertThat(expected).startsWith(value + "*2\r\n$16\r\n").endsWith(last + error + value);
            }
        }
    }

    private static String read(RawClient client, int length) throws IOException {
        return new String(client.socket.getInputStream().readNBytes(length), ISO_8859_1);
    }

    // ---- helpers ----

    private static long calls(RedisProcess server, String command) throws IOException {
        return Stack.calls(server, command);
    }

    private static String shown(RedisCommandClient client) throws IOException {
        try {
            RespValue reply = client.read();
            return cursor(reply) + " " + reply.elements().get(1).elements().size();
        } catch (RedisErrorException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static String cursor(RespValue page) {
        return page.elements().get(0).text();
    }

    private static void collect(RespValue page, Set<String> into) {
        page.elements().get(1).elements().forEach(element -> into.add(element.text()));
    }

    /** Everything from {@code cursor} on, each element once. */
    private static Set<String> scan(RedisCommandClient client, String cursor, String command, String... options)
            throws IOException {
        Set<String> seen = new HashSet<>();
        String at = cursor;
        do {
            RespValue page = client.command((command + " " + at + " COUNT 100 " + String.join(" ", options))
                    .strip()
                    .split(" ", -1));
            collect(page, seen);
            at = cursor(page);
        } while (!at.equals("0"));
        return seen;
    }
}
