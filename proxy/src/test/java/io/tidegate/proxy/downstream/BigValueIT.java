package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.proxy.loop.Transport;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Big replies of real servers to clients that take their time: every byte, in little memory, and nobody else waits. */
@Tag("alone")
@Timeout(120)
class BigValueIT {
    private static final int MEBIBYTE = 1 << 20;

    private LocalRedis redis;
    private RedisProcess primary;

    @BeforeEach
    void start() {
        redis = HandFedProxy.servers(1);
        primary = redis.primary();
    }

    @AfterEach
    void stop() {
        redis.close();
    }

    private static HandFedProxy proxy(Transport transport) {
        assumeTrue(transport.unavailabilityCause() == null, () -> transport + " is not to be had here");
        return new HandFedProxy(HandFedProxy.Options.with(options -> options.transport = transport));
    }

    private static long directBytes() {
        return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                .metric()
                .usedDirectMemory();
    }

    /** The largest value that there is, four times what may be kept for a client that does not read. */
    @ParameterizedTest
    @EnumSource(Transport.class)
    void halfAGibibyteGoesThroughInLittleMemory(Transport transport) throws Exception {
        int length = 512 * MEBIBYTE;
        BigValue.set(primary, "big", length);
        try (HandFedProxy proxy = proxy(transport);
                SlowClient client = new SlowClient(proxy.listen(ReadLevel.SESSION))) {
            proxy.primary(1, primary);
            client.write("GET", "big");
            client.expect(BigValue.header(length));
            long before = directBytes();
            long most = before;
            int at = 0;
            while (at < length) {
                int next = Math.min(length, at + 16 * MEBIBYTE);
                client.expectValue(at, next);
                most = Math.max(most, directBytes());
                at = next;
            }
            client.expect("\r\n");
            assertThat(most - before).as("bytes of memory more than at first").isLessThan(32L * MEBIBYTE);
            client.write("GET", "none").expect("$-1\r\n");
        }
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void whoeverStopsReadingInTheMiddleMayGoOn(Transport transport) throws Exception {
        int length = 128 * MEBIBYTE;
        BigValue.set(primary, "big", length);
        try (HandFedProxy proxy = proxy(transport);
                SlowClient client = new SlowClient(proxy.listen(ReadLevel.SESSION));
                RedisCommandClient other = proxy.connect(ReadLevel.SESSION)) {
            proxy.primary(1, primary);
            client.write("GET", "big");
            client.expect(BigValue.header(length));
            client.expectValue(0, 5 * MEBIBYTE);
            await().until(() -> proxy.counted("tidegate_upstream_pauses_total") > 0);
            for (int i = 0; i < 100; i++) {
                assertThat(other.command("INCR", "counter").integer()).isEqualTo(i + 1);
            }
            other.write("MULTI");
            other.write("INCR", "counter");
            other.write("EXEC");
            assertThat(other.read().text()).isEqualTo("OK");
            assertThat(other.read().text()).isEqualTo("QUEUED");
            assertThat(other.read().elements().get(0).integer()).isEqualTo(101);
            assertThat(proxy.counted("tidegate_upstream_received_bytes_total")).isLessThan(32L * MEBIBYTE);
            client.expectValue(5 * MEBIBYTE, length);
            client.expect("\r\n");
        }
    }

    /** A server that is not listened to is not taken for a silent one. */
    @Test
    void aPauseIsNoSilence() throws Exception {
        int length = 64 * MEBIBYTE;
        BigValue.set(primary, "big", length);
        try (HandFedProxy proxy = new HandFedProxy(
                        HandFedProxy.Options.with(options -> options.replyMax = Duration.ofSeconds(1)));
                SlowClient client = new SlowClient(proxy.listen(ReadLevel.SESSION))) {
            proxy.primary(1, primary);
            client.write("GET", "big");
            await().until(() -> proxy.counted("tidegate_upstream_pauses_total") > 0);
            // Housekeeping comes once a second and looks for the silent: let it come twice when it is silent for too
            // long.
            long late = proxy.clock.nowNanos() + Duration.ofSeconds(3).toNanos();
            await().until(() -> proxy.clock.nowNanos() > late);
            client.expectValue(length);
        }
    }

    /** With its own connection because of a transaction, in which the whole reply is one aggregate. */
    @Test
    void aTransactionMayGetThemToo() throws Exception {
        int length = 100 * MEBIBYTE;
        BigValue.set(primary, "big", length);
        try (HandFedProxy proxy = proxy(Transport.best());
                SlowClient client = new SlowClient(proxy.listen(ReadLevel.SESSION))) {
            proxy.primary(1, primary);
            client.write("MULTI").write("GET", "big").write("INCR", "n").write("EXEC");
            client.expect("+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n");
            client.expectValue(length);
            client.expect(":1\r\n");
            assertThat(proxy.counted("tidegate_upstream_connections_set_apart_total"))
                    .as("connections of one client alone")
                    .isZero();
        }
    }

    @Test
    void aReplicaMaySendThemToo() throws Exception {
        int length = 64 * MEBIBYTE;
        BigValue.set(primary, "big", length);
        RedisProcess replica = redis.replicas().get(0);
        try (RedisCommandClient direct = primary.connect()) {
            // WAIT speaks of what its own connection wrote.
            direct.command("SET", "k", "v");
            assertThat(direct.command("WAIT", "1", "20000").integer()).isEqualTo(1);
        }
        try (HandFedProxy proxy = proxy(Transport.best());
                SlowClient client = new SlowClient(proxy.listen(ReadLevel.EVENTUAL));
                RedisCommandClient other = proxy.connect(ReadLevel.EVENTUAL)) {
            proxy.table(1, primary, WriteGate.OPEN, Instants.FOREVER, List.of(proxy.fresh(replica)));
            client.write("GET", "big");
            await().until(() -> proxy.counted("tidegate_upstream_pauses_total") > 0);
            assertThat(other.command("GET", "none").isNull()).isTrue();
            client.expectValue(length);
            assertThat(replica.command("INFO", "commandstats").text()).contains("cmdstat_get:calls=2");
        }
    }

    /** Made of small pieces, it is big all the same. */
    @Test
    void anAggregateIsOneReply() throws Exception {
        int count = 300_000;
        StringBuilder list = new StringBuilder("*" + count + "\r\n");
        StringBuilder hash = new StringBuilder("%1\r\n$1\r\nf\r\n$" + 40 * MEBIBYTE + "\r\n");
        hash.append("h".repeat(40 * MEBIBYTE)).append("\r\n");
        try (RedisCommandClient direct = primary.connect()) {
            for (int i = 0; i < count; i += 1_000) {
                String[] push = new String[1_002];
                push[0] = "RPUSH";
                push[1] = "list";
                for (int j = 0; j < 1_000; j++) {
                    push[2 + j] = "element-" + (i + j);
                    list.append("$").append(push[2 + j].length()).append("\r\n");
                    list.append(push[2 + j]).append("\r\n");
                }
                direct.command(push);
            }
            direct.command("HSET", "hash", "f", "h".repeat(40 * MEBIBYTE));
        }
        try (HandFedProxy proxy = proxy(Transport.best());
                SlowClient client = new SlowClient(proxy.listen(ReadLevel.SESSION));
                RedisCommandClient other = proxy.connect(ReadLevel.SESSION)) {
            proxy.primary(1, primary);
            for (String[] ask : List.of(new String[] {"LRANGE", "list", "0", "-1"}, new String[] {"LLEN", "list"})) {
                client.write(ask);
            }
            await().until(() -> proxy.counted("tidegate_upstream_connections_set_apart_total") == 1);
            assertThat(other.command("LLEN", "list").integer()).isEqualTo(count);
            client.expect(list);
            client.expect(":" + count + "\r\n");
        }
        try (HandFedProxy proxy = proxy(Transport.best());
                SlowClient client = new SlowClient(proxy.listen(ReadLevel.SESSION))) {
            proxy.primary(1, primary);
            client.write("HELLO", "3");
            // The last line of its greeting, which says that there are no modules.
            client.skipThrough("*0");
            client.write("HGETALL", "hash");
            await().until(() -> proxy.counted("tidegate_upstream_pauses_total") > 0);
            client.expect(hash);
        }
    }

    /** More than there may be connections for them: the rest comes over the shared one, as any reply. */
    @Test
    void manyAtOnceUseALimitedNumberOfConnections() throws Exception {
        int length = 4 * MEBIBYTE;
        int connectionsMax = 12;
        BigValue.set(primary, "big", length);
        try (HandFedProxy proxy =
                new HandFedProxy(HandFedProxy.Options.with(options -> options.connectionsMax = connectionsMax))) {
            proxy.primary(1, primary);
            InetSocketAddress address = proxy.listen(ReadLevel.SESSION);
            List<SlowClient> clients = new ArrayList<>();
            try (RedisCommandClient other = proxy.connect(ReadLevel.SESSION)) {
                for (int i = 0; i < 40; i++) {
                    clients.add(new SlowClient(address).write("GET", "big"));
                }
                for (int i = 0; i < 20; i++) {
                    assertThat(other.command("SET", "k", "v").text()).isEqualTo("OK");
                    assertThat(proxy.counted("tidegate_upstream_connections")).isBetween(1L, (long) connectionsMax);
                }
                for (SlowClient client : clients) {
                    client.expectValue(length);
                }
                assertThat(proxy.counted("tidegate_upstream_connections_set_apart_total"))
                        .isPositive();
            } finally {
                for (SlowClient client : clients) {
                    client.close();
                }
            }
        }
    }
}
