package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.DelayingRelay;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.LocalRedisBuilder;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel.Kind;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Another process under the primary's address, where nobody votes: restarted, or a managed endpoint that moved. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class RestartIT {
    private static final int CONNECTIONS = 4;

    @Test
    void withAnAppendOnlyFileNothingAcknowledgedIsLost() throws Exception {
        try (Stack stack = plain(redis(1).serverConfig("appendonly yes", "appendfsync always"), "");
                Workload load = new Workload(stack.address(Kind.SESSION), CONNECTIONS)) {
            load.awaitProgress(50);
            RedisProcess primary = stack.redis.primary();
            primary.kill();
            primary.restart();
            awaitEpoch(stack, 2);
            load.awaitProgress(50);
            load.stop();
            assertThat(load.uncertain()).isLessThanOrEqualTo(CONNECTIONS);
            try (RedisCommandClient direct = primary.connect()) {
                load.check(direct, Ledger.FROM_THE_START);
            }
        }
    }

    @Test
    void aSnapshotThatLacksWritesIsReportedWithWhatItLost() throws Exception {
        try (Stack stack = plain(redis(1), "");
                RedisCommandClient client = stack.connect(Kind.SESSION)) {
            RedisProcess primary = stack.redis.primary();
            primary.command("SAVE");
            client.command("SET", "key", "x".repeat(10_000));
            awaitSample(stack);
            primary.kill();
            primary.restart();
            awaitEpoch(stack, 2);
            assertThat(stack.tidegate.figures().bytesKnownLost()).isGreaterThanOrEqualTo(10_000);
            assertThat(client.command("SET", "key", "after").text()).isEqualTo("OK");
        }
    }

    @Test
    void fencedItIsWrittenToOnlyWhenAnOperatorSaysSo() throws Exception {
        String more = "hold: {time-max: 2s}\ncommands: {allow: ['proxy|fence']}\n";
        try (Stack stack = plain(redis(1), ", restart: fence", more);
                RedisCommandClient client = stack.connect(Kind.SESSION)) {
            RedisProcess primary = stack.redis.primary();
            client.command("SET", "key", "value");
            primary.kill();
            primary.restart(); // with nothing
            awaitEpoch(stack, 2);
            assertThatThrownBy(() -> client.command("SET", "key", "value"))
                    .hasMessageStartingWith("NOPRIMARY not executed");
            assertThat(primary.command("EXISTS", "key").integer()).isZero();
            client.command("PROXY", "FENCE", "RELEASE", primary.endpoint());
            assertThat(client.command("SET", "key", "value").text()).isEqualTo("OK");
            assertThat(stack.tidegate.table().epoch()).isEqualTo(2);
        }
    }

    @Test
    void acceptedItGoesOnWithNothing() throws Exception {
        try (Stack stack = plain(redis(0), "");
                RedisCommandClient client = stack.connect(Kind.SESSION)) {
            client.command("SET", "key", "value");
            stack.redis.primary().kill();
            stack.redis.primary().restart();
            awaitEpoch(stack, 2);
            assertThat(client.command("GET", "key").isNull()).isTrue();
            assertThat(client.command("SET", "key", "value").text()).isEqualTo("OK");
        }
    }

    @Test
    void anEndpointMovesToThePromotedReplica() throws Exception {
        LocalRedis redis = redis(1).start();
        RedisProcess promoted = redis.replicas().get(0);
        try (DelayingRelay endpoint = DelayingRelay.to(redis.primary().address());
                Stack stack = behind(endpoint, redis);
                Workload load = new Workload(stack.address(Kind.SESSION), CONNECTIONS)) {
            load.awaitProgress(50);
            redis.primary().kill();
            promoted.command("REPLICAOF", "NO", "ONE");
            endpoint.switchTo(promoted.address());
            endpoint.cut();
            long adopted = awaitEpoch(stack, 2);
            checkOn(promoted, load, adopted);
        }
    }

    @Test
    void whatTheOldProcessAnswersAfterTheEndpointMovedIsNoAcknowledgement() throws Exception {
        LocalRedis redis = redis(1).start();
        RedisProcess old = redis.primary();
        RedisProcess promoted = redis.replicas().get(0);
        try (DelayingRelay endpoint = DelayingRelay.to(old.address());
                Stack stack = behind(endpoint, redis);
                Workload load = new Workload(stack.address(Kind.SESSION), CONNECTIONS)) {
            load.awaitProgress(50);
            old.freeze(); // with every connection to it, and a write of each client on its way
            promoted.command("REPLICAOF", "NO", "ONE");
            endpoint.switchTo(promoted.address());
            long adopted = awaitEpoch(stack, 2);
            old.thaw(); // it executes what it was sent, and answers
            checkOn(promoted, load, adopted);
            assertThat(load.uncertain()).isPositive();
        }
    }

    private static LocalRedisBuilder redis(int replicas) {
        return LocalRedis.builder().replicas(replicas).sentinels(0);
    }

    private static Stack plain(LocalRedisBuilder builder, String staticConfig) {
        return plain(builder, staticConfig, "");
    }

    private static Stack plain(LocalRedisBuilder builder, String staticConfig, String moreConfig) {
        LocalRedis redis = builder.start();
        List<String> nodes =
                redis.servers().stream().map(RedisProcess::endpoint).toList();
        return Stack.plain(redis, nodes, staticConfig, moreConfig);
    }

    private static Stack behind(DelayingRelay endpoint, LocalRedis redis) {
        return Stack.plain(redis, List.of("127.0.0.1:" + endpoint.address().getPort()), "", "");
    }

    /** Waits until the proxy has asked the primary for its offset after all that was written. */
    private static void awaitSample(Stack stack) {
        long writtenNanos = stack.tidegate.clock().nowNanos();
        await("a sample")
                .atMost(Stack.PATIENCE)
                .until(() -> stack.tidegate.table().replicas().stream()
                        .anyMatch(replica -> replica.asOfNanos() >= writtenNanos));
    }

    private static long awaitEpoch(Stack stack, long epoch) {
        await("epoch " + epoch)
                .atMost(Stack.PATIENCE)
                .until(() -> stack.tidegate.table().epoch() == epoch);
        return System.nanoTime();
    }

    private static void checkOn(RedisProcess survivor, Workload load, long adoptedNanos) throws Exception {
        load.awaitProgress(50);
        load.stop();
        try (RedisCommandClient direct = survivor.connect()) {
            load.check(direct, adoptedNanos);
        }
    }
}
