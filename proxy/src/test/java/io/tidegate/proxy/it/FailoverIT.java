package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel.Kind;
import java.util.concurrent.TimeUnit;
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
            RedisProcess old = stack.redis.primary();
            old.kill();
            long adopted = stack.awaitOtherPrimary(old);
            load.awaitProgress(50);
            old.restart();
            Stack.awaitReplica(old);
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
            long adopted = stack.awaitOtherPrimary(old);
            load.awaitProgress(50);
            Stack.awaitReplica(old);
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
            long adopted = stack.awaitOtherPrimary(old);
            load.awaitProgress(50);
            old.thaw();
            load.awaitProgress(50);
            Stack.awaitReplica(old);
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
            check(stack, load, Ledger.FROM_THE_START);
        }
    }

    private static void check(Stack stack, Workload load, long adoptedNanos) throws Exception {
        RedisProcess survivor = stack.primary();
        assertThat(survivor).isNotNull();
        try (RedisCommandClient direct = survivor.connect()) {
            load.check(direct, adoptedNanos);
        }
    }
}
