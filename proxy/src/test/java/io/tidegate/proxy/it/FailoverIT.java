package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel.Kind;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Failovers under load from several connections: an application sees a pause, and at most UNCERTAIN for what was in flight. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class FailoverIT {
    private static final int CONNECTIONS = 6;

    @Test
    void thePrimaryIsKilled() throws Exception {
        try (Stack stack = Stack.start();
                Workload load = new Workload(stack.address(Kind.SESSION), CONNECTIONS)) {
            load.awaitProgress(50);
            assertThat(load.staleReads).isEmpty();
            RedisProcess old = stack.redis.primary();
            old.kill();
            long adopted = awaitOtherPrimary(stack, old);
            load.awaitProgress(50);
            old.restart();
            awaitReplicaOfTheNew(old);
            load.awaitProgress(50);
            load.stop();
            assertThat(load.uncertain()).isLessThanOrEqualTo(CONNECTIONS);
            check(stack, load, adopted);
        }
    }

    @Test
    void anOperatorFailsOver() throws Exception {
        try (Stack stack = Stack.start();
                Workload load = new Workload(stack.address(Kind.SESSION), CONNECTIONS)) {
            load.awaitProgress(50);
            RedisProcess old = stack.redis.primary();
            stack.redis.failover();
            long adopted = awaitOtherPrimary(stack, old);
            load.awaitProgress(50);
            awaitReplicaOfTheNew(old);
            load.awaitProgress(50);
            load.stop();
            check(stack, load, adopted);
        }
    }

    @Test
    void thePrimaryFreezesAndComesBackAsAPrimaryThatNobodyNames() throws Exception {
        try (Stack stack = Stack.start();
                Workload load = new Workload(stack.address(Kind.SESSION), CONNECTIONS)) {
            load.awaitProgress(50);
            RedisProcess old = stack.redis.primary();
            old.freeze();
            long adopted = awaitOtherPrimary(stack, old);
            load.awaitProgress(50);
            old.thaw();
            load.awaitProgress(50);
            awaitReplicaOfTheNew(old);
            load.stop();
            assertThat(load.uncertain()).isLessThanOrEqualTo(CONNECTIONS);
            check(stack, load, adopted);
        }
    }

    @Test
    void aReplicaIsKilledUnderReads() throws Exception {
        try (Stack stack = Stack.start();
                Workload load = new Workload(stack.address(Kind.SESSION), CONNECTIONS)) {
            load.awaitProgress(50);
            RedisProcess replica = stack.redis.replicas().get(0);
            replica.kill();
            load.awaitProgress(100);
            replica.restart();
            load.awaitProgress(100);
            load.stop();
            assertThat(load.uncertain()).isZero();
            assertThat(load.staleReads).isEmpty();
            check(stack, load, 0);
        }
    }

    /** When the proxy began to use another primary; what was acknowledged on the old one was answered before. */
    private static long awaitOtherPrimary(Stack stack, RedisProcess old) {
        await().atMost(Stack.PATIENCE).until(() -> {
            RedisProcess primary = primary(stack);
            return primary != null
                    && !primary.equals(old)
                    && stack.tidegate.table().writes().open();
        });
        return System.nanoTime();
    }

    private static void awaitReplicaOfTheNew(RedisProcess old) {
        await().atMost(Stack.PATIENCE).ignoreExceptions().until(() -> {
            try (RedisCommandClient client = old.connect()) {
                return "up".equals(client.info("replication").get("master_link_status"));
            }
        });
    }

    private static @Nullable RedisProcess primary(Stack stack) {
        NodeAddress address = stack.tidegate.table().primary() == null
                ? null
                : stack.tidegate.table().primary().address();
        return stack.servers().stream()
                .filter(server -> address != null && server.port() == address.port())
                .findFirst()
                .orElse(null);
    }

    private static void check(Stack stack, Workload load, long adoptedNanos) throws Exception {
        RedisProcess survivor = primary(stack);
        assertThat(survivor).isNotNull();
        try (RedisCommandClient direct = survivor.connect()) {
            load.check(direct, adoptedNanos);
        }
    }
}
