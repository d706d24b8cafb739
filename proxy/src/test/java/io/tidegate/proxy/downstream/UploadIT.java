package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetric;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.proxy.loop.Transport;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands too large to be kept go through a bounded space, and come out as they went in. */
@Timeout(120)
class UploadIT {
    private static final int MIB = 1 << 20;
    private static final ByteBufAllocatorMetric MEMORY =
            ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric();

    private final ExecutorService clients = Executors.newCachedThreadPool();
    private long lastReceived;
    private LocalRedis redis;
    private RedisProcess primary;

    @BeforeEach
    void start() {
        redis = HandFedProxy.servers(0);
        primary = redis.primary();
    }

    @AfterEach
    void stop() {
        redis.close();
        clients.shutdownNow();
    }

    private HandFedProxy proxy(long uploadBytesMin) throws IOException {
        return proxy(uploadBytesMin, Transport.best());
    }

    private HandFedProxy proxy(long uploadBytesMin, Transport transport) throws IOException {
        assumeTrue(transport.unavailabilityCause() == null, () -> transport + " is not to be had here");
        HandFedProxy proxy = new HandFedProxy(HandFedProxy.Options.with(options -> {
            options.uploadBytesMin = uploadBytesMin;
            options.transport = transport;
        }));
        proxy.primary(1, primary);
        return proxy;
    }

    /** MiB number {@code index} of a value that is the same nowhere. */
    private static byte[] piece(int index) {
        byte[] bytes = new byte[MIB];
        new Random(index).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void aValueOf512MiBTakesAFewOfMemory(Transport transport) throws Exception {
        int pieces = 512;
        try (HandFedProxy proxy = proxy(MIB, transport);
                RedisCommandClient other = proxy.connect(ReadLevel.SESSION);
                RawClient client = new RawClient(proxy.listen(ReadLevel.SESSION));
                RedisCommandClient direct = primary.connect()) {
            assertThat(other.command("SET", "small", "v").text()).isEqualTo("OK");
            long before = MEMORY.usedDirectMemory();
            long most = before;
            client.send("*3\r\n$3\r\nSET\r\n$4\r\nhuge\r\n$" + pieces * MIB + "\r\n");
            for (int i = 0; i < pieces; i++) {
                client.send(piece(i));
                most = Math.max(most, MEMORY.usedDirectMemory());
                if (i % 64 == 0) {
                    assertThat(other.command("GET", "small").text()).isEqualTo("v");
                    assertThat(direct.command("EXISTS", "huge").integer()).isZero();
                }
            }
            client.send("\r\n");
            assertThat(client.line()).isEqualTo("+OK");
            assertThat(most - before).as("direct memory taken for it").isLessThan(32L * MIB);
            assertThat(direct.command("STRLEN", "huge").integer()).isEqualTo((long) pieces * MIB);
            for (int i = 0; i < pieces; i += 73) {
                // A piece and the seam before it are equal if their digests are.
                assertThat(digest(direct, "huge", i)).as("piece %d", i).isEqualTo(digest(piece(i)));
            }
            assertThat(proxy.counted("tidegate_uploads_total")).isEqualTo(1);
        }
    }

    private static String digest(RedisCommandClient direct, String key, int piece) throws IOException {
        String script = "return redis.sha1hex(redis.call('GETRANGE', KEYS[1], ARGV[1], ARGV[2]))";
        String from = Long.toString((long) piece * MIB);
        String to = Long.toString((piece + 1L) * MIB - 1);
        return direct.command("EVAL", script, "1", key, from, to).text();
    }

    private static String digest(byte[] bytes) throws Exception {
        StringBuilder hex = new StringBuilder();
        for (byte b : java.security.MessageDigest.getInstance("SHA-1").digest(bytes)) {
            hex.append(String.format(java.util.Locale.ROOT, "%02x", b));
        }
        return hex.toString();
    }

    /** Small commands before and behind, and everything cut in two at every byte. */
    @ParameterizedTest
    @ValueSource(ints = {16, 40, 70})
    void everyCutGivesTheSameInTheSameOrder(int uploadBytesMin) throws Exception {
        String pipeline = RawClient.command("SET", "k", "a")
                + RawClient.command("MSET", "big", "v".repeat(60), "empty", "", "n", "1")
                + RawClient.command("APPEND", "k", "b".repeat(50))
                + RawClient.command("STRLEN", "k")
                + RawClient.command("STRLEN", "big");
        try (HandFedProxy proxy = proxy(uploadBytesMin);
                RawClient client = new RawClient(proxy.listen(ReadLevel.SESSION))) {
            for (int cut = 1; cut <= pipeline.length(); cut++) {
                long arrived = received(proxy) + cut;
                client.send(pipeline.substring(0, cut));
                await().pollInterval(Duration.ofMillis(1)).until(() -> received(proxy) >= arrived);
                client.send(pipeline.substring(cut));
                for (String reply : List.of("+OK", "+OK", ":51", ":51", ":60")) {
                    assertThat(client.line()).as("cut at %d", cut).isEqualTo(reply);
                }
            }
            assertThat(proxy.counted("tidegate_uploads_total")).isGreaterThan(60);
        }
    }

    private static long received(HandFedProxy proxy) {
        return proxy.counted("tidegate_client_received_bytes_total");
    }

    @Test
    void commandsOfEveryKindComeOutAsTheyWentIn() throws Exception {
        String huge = "x".repeat(3 * MIB);
        String[] many = new String[41];
        Arrays.fill(many, "y".repeat(600 * 1024));
        many[0] = "RPUSH";
        many[1] = "list";
        try (HandFedProxy proxy = proxy(MIB);
                RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            assertThat(client.command("SET", "k", huge).text()).isEqualTo("OK");
            assertThat(client.command("APPEND", "k", huge).integer()).isEqualTo(6 * MIB);
            assertThat(client.command("HSET", "h", "a", huge, "b", huge).integer())
                    .isEqualTo(2);
            assertThat(client.command("MSET", "m", huge, "n", huge).text()).isEqualTo("OK");
            assertThat(client.command("EVAL", "return #ARGV[1]", "0", huge).integer())
                    .isEqualTo(3 * MIB);
            assertThat(client.command("EVAL", "return 7 --" + huge, "0").integer())
                    .isEqualTo(7);
            assertThat(client.command("SET", huge, "key").text()).isEqualTo("OK");
            assertThat(client.command("MGET", "none", huge).elements().get(1).text())
                    .isEqualTo("key");
            assertThat(client.command(many).integer()).isEqualTo(many.length - 2);
            assertThat(client.command("LINDEX", "list", "38").text().length()).isEqualTo(600 * 1024);
            assertThatThrownBy(() -> client.command("HSET", "k", "a", huge)).hasMessageStartingWith("WRONGTYPE");
            assertThatThrownBy(() -> client.command("SET", "k", huge, "BAD")).hasMessageStartingWith("ERR syntax");
            assertThat(client.command("GET", "k").text().equals(huge + huge)).isTrue();
            assertThat(proxy.counted("tidegate_uploads_total")).isEqualTo(11);
            // One connection, used again each time, the shared one, and one that was shared until a big reply came.
            assertThat(proxy.counted("tidegate_upstream_connections")).isEqualTo(3);
            assertThat(client.command("SELECT", "1").text()).isEqualTo("OK");
            assertThat(client.command("SET", "k", huge).text()).isEqualTo("OK");
            assertThat(client.command("STRLEN", "k").integer()).isEqualTo(3 * MIB);
        }
    }

    @Test
    void whatIsSentInATransactionIsKept() throws Exception {
        String huge = "x".repeat(3 * MIB);
        try (HandFedProxy proxy = proxy(MIB);
                RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            assertThat(client.command("MULTI").text()).isEqualTo("OK");
            assertThat(client.command("SET", "k", huge).text()).isEqualTo("QUEUED");
            assertThat(client.command("EXEC").elements()).hasSize(1);
            assertThat(client.command("STRLEN", "k").integer()).isEqualTo(3 * MIB);
            assertThat(proxy.counted("tidegate_uploads_total")).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void aStoppedServerStopsUploadsAndBoundsWhatTheyTake(Transport transport) throws Exception {
        int uploads = 8;
        try (LocalRedis pair = HandFedProxy.servers(1);
                HandFedProxy proxy = proxy(MIB, transport);
                RedisCommandClient reader = proxy.connect(ReadLevel.EVENTUAL)) {
            RedisProcess stopped = pair.primary();
            RedisProcess replica = pair.replicas().get(0);
            proxy.table(1, stopped, WriteGate.OPEN, Instants.FOREVER, List.of(proxy.fresh(replica)));
            assertThat(reader.command("GET", "k").isNull()).isTrue();
            InetSocketAddress address = proxy.listen(ReadLevel.SESSION);
            long before = MEMORY.usedDirectMemory();
            List<CompletableFuture<Void>> running = new ArrayList<>();
            try (RedisCommandClient writer = RedisCommandClient.connect(address, Duration.ofSeconds(20))) {
                assertThat(writer.command("SET", "small", "v").text()).isEqualTo("OK");
                for (int i = 0; i < uploads; i++) {
                    String key = "huge" + i;
                    running.add(CompletableFuture.runAsync(() -> upload(address, key, 64), clients));
                }
                await().until(() -> proxy.counted("tidegate_uploads_total") == uploads);
                stopped.freeze();
                await().pollInterval(Duration.ofMillis(200)).until(() -> standsStill(proxy));
                for (int i = 0; i < 100; i++) {
                    assertThat(reader.command("GET", "k").isNull()).isTrue();
                }
                assertThat(MEMORY.usedDirectMemory() - before).isLessThan(uploads * 4L * MIB + 16L * MIB);
                stopped.thaw();
                running.forEach(CompletableFuture::join);
                for (int i = 0; i < uploads; i++) {
                    assertThat(stopped.command("STRLEN", "huge" + i).integer()).isEqualTo(64L * MIB);
                }
            }
        }
    }

    /** Whether no byte of a client was read since this was last asked. */
    private boolean standsStill(HandFedProxy proxy) {
        long before = lastReceived;
        lastReceived = received(proxy);
        return lastReceived == before;
    }

    @Test
    void manyAtOnceDoNotDisturbAnybody() throws Exception {
        try (HandFedProxy proxy = proxy(MIB);
                RedisCommandClient other = proxy.connect(ReadLevel.SESSION)) {
            InetSocketAddress address = proxy.listen(ReadLevel.SESSION);
            List<CompletableFuture<Void>> uploads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String key = "huge" + i;
                uploads.add(CompletableFuture.runAsync(() -> upload(address, key, 64), clients));
            }
            int served = 0;
            while (!uploads.stream().allMatch(CompletableFuture::isDone)) {
                assertThat(other.command("INCR", "served").integer()).isEqualTo(++served);
            }
            uploads.forEach(CompletableFuture::join);
            assertThat(served).isGreaterThan(10);
            for (int i = 0; i < 4; i++) {
                assertThat(other.command("STRLEN", "huge" + i).integer()).isEqualTo(64L * MIB);
            }
        }
    }

    private static void upload(InetSocketAddress address, String key, int pieces) {
        try (RawClient client = new RawClient(address)) {
            client.send("*3\r\n$3\r\nSET\r\n$" + key.length() + "\r\n" + key + "\r\n$" + pieces * MIB + "\r\n");
            for (int i = 0; i < pieces; i++) {
                client.send(piece(i));
            }
            client.send("\r\n");
            assertThat(client.line()).isEqualTo("+OK");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The server's own limit is lower: its error comes before most of the command. */
    @Test
    void theServersProtocolErrorIsTheReply() throws Exception {
        try (HandFedProxy proxy = proxy(MIB);
                RawClient client = new RawClient(proxy.listen(ReadLevel.SESSION));
                RedisCommandClient direct = primary.connect()) {
            direct.command("CONFIG", "SET", "proto-max-bulk-len", Integer.toString(2 * MIB));
            client.send(RawClient.command("PING") + "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$" + 3 * MIB + "\r\n");
            assertThat(client.line()).isEqualTo("+PONG");
            assertThat(client.line()).isEqualTo("-ERR Protocol error: invalid bulk length");
            client.send("x".repeat(3 * MIB) + "\r\n" + RawClient.command("EXISTS", "k"));
            assertThat(client.line()).isEqualTo(":0");
        }
    }

    @Test
    void aPrimaryKilledInMidUploadHasRunNothing() throws Exception {
        try (LocalRedis second = HandFedProxy.servers(0);
                HandFedProxy proxy = proxy(MIB);
                RawClient client = new RawClient(proxy.listen(ReadLevel.SESSION))) {
            client.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$" + 8 * MIB + "\r\n" + "x".repeat(4 * MIB));
            await().until(() -> proxy.counted("tidegate_uploaded_bytes_total") > 4 * MIB);
            primary.kill();
            assertThat(client.line()).startsWith("-NOPRIMARY not executed");
            proxy.primary(2, second.primary());
            client.send("x".repeat(4 * MIB) + "\r\n" + RawClient.command("EXISTS", "k"));
            assertThat(client.line()).isEqualTo(":0");
        }
    }
}
