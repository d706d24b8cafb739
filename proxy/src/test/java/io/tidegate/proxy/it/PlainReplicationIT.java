package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel.Kind;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Failovers by hand: no sentinel votes, and what the nodes say of themselves decides, or an operator does. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class PlainReplicationIT {
    private static final int CONNECTIONS = 4;
    private static final String SHORT_HOLD = "hold: {time-max: 2s}\n";
    private static final String OPERATOR = "commands: {allow: ['proxy|fence']}\n";

    @Test
    void writesWaitBesideALivingPrimaryAndMoveWhenItIsKilled() throws Exception {
        try (Stack stack = plain(redis(2), "");
                Workload load = new Workload(stack.address(Kind.SESSION), CONNECTIONS)) {
            load.awaitProgress(50);
            RedisProcess old = stack.redis.primary();
            promote(stack.redis.replicas().get(0));
            awaitGate(stack, WriteGate.CUTTING_OVER);
            assertThat(stack.primary()).isEqualTo(old);
            old.kill();
            check(stack, load, stack.awaitOtherPrimary(old));
        }
    }

    @Test
    void writesMoveWhenTheOldPrimaryIsDemoted() throws Exception {
        try (Stack stack = plain(redis(2), "");
                Workload load = new Workload(stack.address(Kind.SESSION), CONNECTIONS)) {
            load.awaitProgress(50);
            RedisProcess old = stack.redis.primary();
            RedisProcess promoted = stack.redis.replicas().get(0);
            promote(promoted);
            awaitGate(stack, WriteGate.CUTTING_OVER);
            follow(old, promoted);
            check(stack, load, stack.awaitOtherPrimary(old));
            assertThat(stack.primary()).isEqualTo(promoted);
        }
    }

    @Test
    void nothingIsExecutedWhileTwoSaySo() throws Exception {
        try (Stack stack = plain(redis(1), SHORT_HOLD);
                RedisCommandClient client = stack.connect(Kind.SESSION)) {
            RedisProcess old = stack.redis.primary();
            RedisProcess promoted = stack.redis.replicas().get(0);
            promote(promoted);
            awaitGate(stack, WriteGate.CUTTING_OVER);
            assertThatThrownBy(() -> client.command("SET", "key", "value"))
                    .hasMessageStartingWith("NOPRIMARY not executed");
            promoted.kill(); // out of reach it is the successor still
            assertThatThrownBy(() -> client.command("SET", "key", "value"))
                    .hasMessageStartingWith("NOPRIMARY not executed");
            assertThat(old.command("EXISTS", "key").integer()).isZero();
            promoted.restart(); // as its configuration has it: a replica
            awaitGate(stack, WriteGate.OPEN);
            assertThat(client.command("SET", "key", "value").text()).isEqualTo("OK");
            assertThat(stack.primary()).isEqualTo(old);
        }
    }

    @Test
    void siblingsAndStrangersAreForAnOperator() throws Exception {
        try (LocalRedis stranger = LocalRedis.builder().replicas(0).sentinels(0).start();
                Stack stack = unready(redis(2), stranger, SHORT_HOLD + OPERATOR);
                RedisCommandClient client = stack.connect(Kind.SESSION)) {
            RedisProcess old = stack.redis.primary();
            awaitGate(stack, WriteGate.SPLIT);
            assertThatThrownBy(() -> client.command("SET", "key", "value"))
                    .hasMessageStartingWith("NOPRIMARY not executed");
            assertThatThrownBy(() -> client.command(
                            "PROXY",
                            "FENCE",
                            "RELEASE",
                            stack.redis.replicas().get(0).endpoint()))
                    .hasMessageEndingWith("is not released: it says replica");
            assertThat(lines(client.command("PROXY", "FENCE", "RELEASE", old.endpoint())))
                    .contains("writes open");
            assertThat(client.command("SET", "key", "value").text()).isEqualTo("OK");
            assertThat(stack.primary()).isEqualTo(old);

            promote(stack.redis.replicas().get(0));
            promote(stack.redis.replicas().get(1));
            awaitGate(stack, WriteGate.SPLIT);
            old.kill();
            RedisProcess chosen = stack.redis.replicas().get(1);
            assertThatThrownBy(() -> client.command("SET", "key", "other"))
                    .hasMessageStartingWith("NOPRIMARY not executed");
            assertThat(lines(client.command("PROXY", "FENCE", "RELEASE", chosen.endpoint())))
                    .contains("writes open");
            assertThat(client.command("SET", "key", "other").text()).isEqualTo("OK");
            assertThat(chosen.command("GET", "key").text()).isEqualTo("other");
        }
    }

    /** Sentinels that never heard of one another, each with a primary of its own under the one name and epoch. */
    @Test
    void splitSentinelsAreForAnOperator() throws Exception {
        try (LocalRedis other = LocalRedis.builder().replicas(0).sentinels(1).start();
                Stack stack = tied(other);
                RedisCommandClient client = stack.connect(Kind.SESSION)) {
            awaitGate(stack, WriteGate.SPLIT);
            assertThatThrownBy(() -> client.command("SET", "key", "value"))
                    .hasMessageStartingWith("NOPRIMARY not executed");
            RedisProcess chosen = stack.redis.primary();
            assertThat(lines(client.command("PROXY", "FENCE", "RELEASE", chosen.endpoint())))
                    .contains("writes open");
            assertThat(client.command("SET", "key", "value").text()).isEqualTo("OK");
            assertThat(chosen.command("GET", "key").text()).isEqualTo("value");
            assertThat(other.primary().command("EXISTS", "key").integer()).isZero();
            assertThatThrownBy(() -> client.command(
                            "PROXY", "FENCE", "RELEASE", other.primary().endpoint()))
                    .hasMessageContaining("they are not split");
        }
    }

    private static Stack tied(LocalRedis other) {
        LocalRedis redis = LocalRedis.builder().replicas(0).sentinels(1).start();
        String sentinels = redis.sentinels().get(0).endpoint() + "\", \""
                + other.sentinels().get(0).endpoint();
        return Stack.over(
                redis,
                "sentinel: {master: %s, nodes: [\"%s\"]}".formatted(LocalRedis.MASTER_NAME, sentinels),
                SHORT_HOLD + OPERATOR);
    }

    @Test
    void whoMayNotReleaseMayStillAsk() throws Exception {
        try (Stack stack = plain(redis(1), "");
                RedisCommandClient client = stack.connect(Kind.SESSION)) {
            String primary = stack.redis.primary().endpoint();
            assertThatThrownBy(() -> client.command("PROXY", "FENCE", "RELEASE", primary))
                    .hasMessageContaining("not executed")
                    .hasMessageContaining("proxy|fence");
            assertThat(lines(client.command("PROXY", "FENCE")))
                    .contains("writes open", "claim " + primary + " at epoch 1");
            client.write("SET", "key", "value");
            client.write("PROXY", "FENCE");
            client.write("GET", "key");
            assertThat(client.read().text()).isEqualTo("OK");
            assertThat(lines(client.read())).contains("writes open");
            assertThat(client.read().text()).isEqualTo("value");
        }
    }

    @Test
    void aReplacedPrimaryThatReturnsIsPausedAndDemoted() throws Exception {
        try (Stack stack = plain(redis(1), "active-fence: on\n");
                RedisCommandClient client = stack.connect(Kind.SESSION)) {
            RedisProcess old = stack.redis.primary();
            RedisProcess promoted = stack.redis.replicas().get(0);
            client.command("SET", "key", "before");
            old.freeze();
            promote(promoted);
            stack.awaitOtherPrimary(old);
            client.command("SET", "key", "after");
            old.thaw();
            await().atMost(Stack.PATIENCE).until(() -> Stack.calls(old, "client|pause") > 0);
            try (RedisCommandClient stray = old.connect()) {
                stray.write("SET", "key", "stray");
                Stack.awaitReplica(old);
                assertThatThrownBy(stray::read).hasMessageStartingWith("READONLY");
            }
            assertThat(client.command("GET", "key").text()).isEqualTo("after");
            assertThat(stack.primary()).isEqualTo(promoted);
            await().atMost(Stack.PATIENCE)
                    .until(() -> old.command("GET", "key").text().equals("after"));
        }
    }

    // ---- helpers ----

    private static LocalRedis redis(int replicas) {
        return LocalRedis.builder().replicas(replicas).sentinels(0).start();
    }

    private static Stack plain(LocalRedis redis, String moreConfig) {
        return Stack.plain(redis, endpoints(redis), "", moreConfig);
    }

    private static Stack unready(LocalRedis redis, LocalRedis stranger, String moreConfig) {
        List<String> nodes = new ArrayList<>(endpoints(redis));
        nodes.addAll(endpoints(stranger));
        return Stack.unready(redis, nodes, "", moreConfig);
    }

    private static List<String> endpoints(LocalRedis redis) {
        return redis.servers().stream().map(RedisProcess::endpoint).toList();
    }

    private static void promote(RedisProcess server) throws IOException {
        server.command("REPLICAOF", "NO", "ONE");
    }

    private static void follow(RedisProcess server, RedisProcess primary) throws IOException {
        server.command("REPLICAOF", "127.0.0.1", Integer.toString(primary.port()));
    }

    private static void awaitGate(Stack stack, WriteGate gate) {
        await("gate " + gate)
                .atMost(Stack.PATIENCE)
                .until(() -> stack.tidegate.table().writes() == gate);
    }

    private static List<String> lines(RespValue reply) {
        return reply.elements().stream().map(RespValue::text).toList();
    }

    private static void check(Stack stack, Workload load, long adoptedNanos) throws Exception {
        load.awaitProgress(50);
        load.stop();
        RedisProcess survivor = stack.primary();
        assertThat(survivor).isNotNull();
        try (RedisCommandClient direct = survivor.connect()) {
            load.check(direct, adoptedNanos);
        }
    }
}
