package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.config.TidegateConfig.Listener;
import io.tidegate.proxy.local.DelayingRelay;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.Durability;
import io.tidegate.routing.RoutingTable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Acknowledgements that wait for replicas, in front of real ones that stop, lag, and take over. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ReplicatedIT {
    private static final int CONNECTIONS = 6;

    @Test
    void aReplicaThatStandsStillIsWaitedForAndThenMissed() throws Exception {
        try (LocalRedis redis = servers(1);
                Tidegate tidegate = start(redis, "replicated(1)", "5s");
                RedisCommandClient client = connect(tidegate, 0)) {
            for (int i = 0; i < 100; i++) {
                assertThat(client.command("SET", "k", "" + i).text()).isEqualTo("OK");
                assertThat(redis.replicas().get(0).command("GET", "k").text()).isEqualTo("" + i);
            }
            RedisProcess replica = redis.replicas().get(0);
            replica.freeze();
            client.write("SET", "k", "early");
            client.write("EVAL", "return redis.call('append', KEYS[1], ' bird')", "1", "k");
            client.write("MULTI");
            client.write("APPEND", "k", "s");
            client.write("EXEC");
            await().atMost(Stack.PATIENCE).until(() -> tidegate.figures().parks() > 0);
            replica.thaw();
            assertThat(client.read().text()).isEqualTo("OK");
            assertThat(client.read().integer()).isEqualTo(10);
            assertThat(client.read().text()).isEqualTo("OK");
            assertThat(client.read().text()).isEqualTo("QUEUED");
            assertThat(client.read().elements()).hasSize(1);
            assertThat(replica.command("GET", "k").text()).isEqualTo("early birds");

            replica.freeze();
            assertThatThrownBy(() -> client.command("SET", "k", "late"))
                    .hasMessage("UNDERREPLICATED executed, 0 of 1 replicas have it");
            assertThat(client.command("GET", "k").text()).as("it ran").isEqualTo("late");
            replica.thaw();
            await().atMost(Stack.PATIENCE)
                    .ignoreExceptions()
                    .until(() -> client.command("SET", "k", "again").text().equals("OK"));
        }
    }

    @Test
    void nothingThatAllHeldIsLostWithThePrimary() throws Exception {
        try (LocalRedis redis = servers(2);
                Tidegate tidegate = start(redis, "replicated(all)", "500ms");
                Workload load = new Workload(address(tidegate, 0), CONNECTIONS)) {
            load.awaitProgress(100);
            RedisProcess old = redis.primary();
            old.kill();
            RedisProcess survivor = redis.awaitFailoverFrom(old);
            load.awaitProgress(3);
            assertThat(load.uncertain())
                    .as("while one of all is gone nothing is acknowledged")
                    .isGreaterThan(0);
            old.restart();
            Stack.awaitReplica(old);
            try (RedisCommandClient client = connect(tidegate, 0)) {
                await().atMost(Stack.PATIENCE)
                        .ignoreExceptions()
                        .until(() -> client.command("SET", "k", "v").text().equals("OK"));
            }
            load.awaitProgress(20);
            load.stop();
            try (RedisCommandClient direct = survivor.connect()) {
                load.check(direct, Ledger.FROM_THE_START);
            }
        }
    }

    @Test
    void maxLossHoldsBackWhatAReplicaIsTooFarBehindFor() throws Exception {
        try (LocalRedis redis = LocalRedis.builder().replicas(1).sentinels(0).start();
                DelayingRelay relay = DelayingRelay.to(redis.primary().address())) {
            RedisProcess replica = redis.replicas().get(0);
            replica.command("REPLICAOF", "127.0.0.1", "" + relay.address().getPort());
            Stack.awaitReplica(replica);
            try (Tidegate tidegate = Tidegate.start(
                            Stack.parse("""
                            listeners:
                              - {address: "127.0.0.1:0", max-loss: 1ms}
                              - {address: "127.0.0.1:0", max-loss: 1h}
                            upstream:
                              static: {nodes: ["%s", "%s"]}
                            park: {time-max: 30s}
                            """.formatted(redis.primary().endpoint(), replica.endpoint())));
                    RedisCommandClient little = ready(tidegate, 0);
                    RedisCommandClient much = connect(tidegate, 1)) {
                relay.freeze();
                little.write("SET", "k", "little");
                await().atMost(Stack.PATIENCE).until(() -> tidegate.figures().parks() > 0);
                assertThat(much.command("SET", "k", "much").text()).isEqualTo("OK");
                assertThat(replica.command("GET", "k").isNull()).isTrue();
                relay.thaw();
                assertThat(little.read().text()).isEqualTo("OK");
                assertThat(replica.command("GET", "k").isNull()).isFalse();
            }
        }
    }

    @Test
    void aReplicaThatNobodyMayPromoteIsNotOneOfAll() throws Exception {
        try (LocalRedis redis = servers(2)) {
            RedisProcess backup = redis.replicas().get(1);
            backup.command("CONFIG", "SET", "replica-priority", "0");
            try (Tidegate tidegate = start(redis, "replicated(all)", "30s");
                    RedisCommandClient client = ready(tidegate, 0)) {
                await().atMost(Stack.PATIENCE).until(() -> tidegate.table().promotable() == 1);
                assertThat(client.command("SET", "k", "v").text()).isEqualTo("OK");
                RoutingTable table = tidegate.table();
                assertThat(Durability.parse("replicated(all)").needed(table)).isEqualTo(1);
            }
        }
    }

    @Test
    void withoutALeaseEveryAcknowledgementWaitsForTheSentinelsToo() throws Exception {
        try (LocalRedis redis = servers(2);
                Tidegate tidegate = start(redis, "replicated(all)", "30s\nfence: confirm");
                RedisCommandClient client = ready(tidegate, 0)) {
            for (int i = 0; i < 20; i++) {
                assertThat(client.command("SET", "k", "" + i).text()).isEqualTo("OK");
                for (RedisProcess replica : redis.replicas()) {
                    assertThat(replica.command("GET", "k").text()).isEqualTo("" + i);
                }
            }
            assertThat(tidegate.figures().parks()).isGreaterThanOrEqualTo(20);
            assertThat(tidegate.figures().leaseNanos())
                    .as("nothing is proven in advance")
                    .isNegative();
        }
    }

    private static LocalRedis servers(int replicas) {
        return LocalRedis.builder().replicas(replicas).downAfterMillis(2_000).start();
    }

    /** A proxy whose only listener has this rule; ready when a write was acknowledged under it. */
    private static Tidegate start(LocalRedis redis, String rule, String parkTimeMax) throws IOException {
        String sentinels = redis.sentinels().stream()
                .map(sentinel -> '"' + sentinel.endpoint() + '"')
                .collect(Collectors.joining(", "));
        Tidegate tidegate =
                Tidegate.start(Stack.parse("""
                listeners: [{address: "127.0.0.1:0", writes: %s}]
                upstream:
                  sentinel: {master: %s, nodes: [%s]}
                park:
                  time-max: %s
                """.formatted(rule, LocalRedis.MASTER_NAME, sentinels, parkTimeMax)));
        try {
            ready(tidegate, 0).close();
            return tidegate;
        } catch (IOException | RuntimeException e) {
            tidegate.close();
            throw e;
        }
    }

    private static RedisCommandClient ready(Tidegate tidegate, int listener) throws IOException {
        RedisCommandClient client = connect(tidegate, listener);
        await().atMost(Stack.PATIENCE)
                .ignoreExceptions()
                .until(() -> client.command("DEL", "nothing").integer() == 0);
        return client;
    }

    private static RedisCommandClient connect(Tidegate tidegate, int listener) throws IOException {
        return RedisCommandClient.connect(address(tidegate, listener), Stack.PATIENCE);
    }

    private static InetSocketAddress address(Tidegate tidegate, int listener) {
        List<Listener> listeners = tidegate.listeners();
        return listeners.get(listener).address().socketAddress();
    }
}
