package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One of two replicas fails while the routing table still trusts it: the other serves, and the primary is spared. */
@Timeout(60)
class ReplicaFaultsIT {
    private static final int READS = 40;

    /** More than anybody is kept busy here. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private LocalRedis redis;
    private HandFedProxy proxy;
    private RedisProcess failing;

    @BeforeEach
    void start() throws IOException {
        redis = HandFedProxy.servers(2);
        failing = redis.replicas().get(0);
        proxy = new HandFedProxy();
        proxy.table(
                1,
                redis.primary(),
                WriteGate.OPEN,
                Instants.FOREVER,
                List.of(proxy.fresh(failing), proxy.fresh(redis.replicas().get(1))));
    }

    @AfterEach
    void stop() {
        proxy.close();
        redis.close();
    }

    @Test
    void oneThatCannotBeReached() throws Exception {
        failing.kill();
        readAndLookWhoServed();
    }

    @Test
    void oneThatRefuses() throws Exception {
        failing.command("CONFIG", "SET", "replica-serve-stale-data", "no");
        failing.command("REPLICAOF", "127.0.0.1", "1");
        await().until(() -> failing.command("INFO", "replication").text().contains("master_link_status:down"));
        readAndLookWhoServed();
    }

    /** Sentinels have it turn to another primary and end its connections; the control plane has yet to hear of that. */
    @Test
    void oneThatFollowsAnotherWhenItIsConnectedToAnew() throws Exception {
        follows(redis.primary());
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL)) {
            await().until(() -> client.command("GET", "k").isNull() && gets(failing) > 0);
            RedisProcess other = redis.replicas().get(1);
            failing.command("REPLICAOF", "127.0.0.1", "" + other.port());
            failing.command("CLIENT", "KILL", "TYPE", "normal");
            long before = gets(failing);
            for (int i = 0; i < READS; i++) {
                assertThat(client.command("GET", "k").isNull()).isTrue();
            }
            assertThat(gets(failing)).isEqualTo(before);
            follows(other);
            await().until(() -> client.command("GET", "k").isNull() && gets(failing) > before);
        }
    }

    private void follows(RedisProcess followed) throws IOException {
        proxy.table(
                1,
                redis.primary(),
                WriteGate.OPEN,
                Instants.FOREVER,
                List.of(
                        proxy.fresh(failing, followed),
                        proxy.fresh(redis.replicas().get(1))));
    }

    /**
     * As sentinels make them do, at the promotion of the one and when the other is told whom to follow. Each is kept busy and
     * then closes its connections, so that what came meanwhile is not looked at.
     */
    @Test
    void bothEndTheirConnectionsOneAfterTheOtherWithTheSameReadOnItsWay() throws Exception {
        RedisProcess other = redis.replicas().get(1);
        redis.primary().command("SET", "k", "v");
        for (RedisProcess replica : redis.replicas()) {
            await().until(() -> !replica.command("GET", "k").isNull());
        }
        Node one = proxy.node(failing);
        Node two = proxy.node(other);
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL);
                RedisCommandClient first = RedisCommandClient.connect(failing.address(), PATIENCE);
                RedisCommandClient second = RedisCommandClient.connect(other.address(), PATIENCE)) {
            publish(one, RouteReason.PROBATION, two, RouteReason.ELIGIBLE);
            assertThat(client.command("GET", "k").text()).isEqualTo("v");
            publish(one, RouteReason.ELIGIBLE, two, RouteReason.PROBATION);
            assertThat(client.command("GET", "k").text()).isEqualTo("v");
            busyThenClosing(first, 1_000);
            busyThenClosing(second, 3_000);
            client.write("GET", "k");
            publish(one, RouteReason.ELIGIBLE, two, RouteReason.ELIGIBLE);
            assertThat(first.read().elements()).hasSize(2);
            assertThat(second.read().elements()).hasSize(2);
            assertThat(client.read().text()).isEqualTo("v");
        }
    }

    /** Returns when it is busy. */
    private static void busyThenClosing(RedisCommandClient server, int millis) throws IOException {
        String busy = "local function now() local t = redis.call('TIME') return t[1] * 1000 + t[2] / 1000 end "
                + "local till = now() + ARGV[1] while now() < till do end";
        server.command("MULTI");
        server.command("EVAL", busy, "0", "" + millis);
        server.command("CLIENT", "KILL", "TYPE", "normal");
        server.write("EXEC");
    }

    private void publish(Node one, RouteReason healthOfOne, Node two, RouteReason healthOfTwo) throws IOException {
        proxy.table(
                1,
                redis.primary(),
                WriteGate.OPEN,
                Instants.FOREVER,
                List.of(
                        new Replica(one, Instants.FOREVER - 1, healthOfOne),
                        new Replica(two, Instants.FOREVER - 1, healthOfTwo)));
    }

    private void readAndLookWhoServed() throws IOException {
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL)) {
            for (int i = 0; i < READS; i++) {
                assertThat(client.command("GET", "k").isNull()).isTrue();
            }
            for (int i = 0; i < READS; i++) {
                client.write("GET", "k");
            }
            for (int i = 0; i < READS; i++) {
                assertThat(client.read().isNull()).isTrue();
            }
        }
        assertThat(gets(redis.replicas().get(1))).isEqualTo(2 * READS);
        assertThat(gets(redis.primary())).isZero();
    }

    private static long gets(RedisProcess process) throws IOException {
        try (RedisCommandClient direct = process.connect()) {
            String stats = direct.info("commandstats").getOrDefault("cmdstat_get", "calls=0,");
            return Long.parseLong(stats.substring("calls=".length(), stats.indexOf(',')));
        }
    }
}
