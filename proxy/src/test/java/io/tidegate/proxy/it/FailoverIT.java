package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel.Kind;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Failovers under load from several connections: an application sees a pause, and at most UNCERTAIN for what was in flight. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class FailoverIT {
    private static final int CONNECTIONS = 6;
    private static final int MANY_CONNECTIONS = 25;
    private static final int FORCED_FAILOVERS = 3;

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

    /**
     * A forced failover is announced, and the primary answers until the promotion: what it replied in between is parked, and
     * turns out to be the successor's, too. Time and again, and among more connections than processors.
     */
    @Test
    void anOperatorFailsOverTimeAndAgainAndNoClientSeesAnError() throws Exception {
        try (Stack stack = Stack.start();
                Workload load = new Workload(stack.address(Kind.SESSION), MANY_CONNECTIONS)) {
            for (int i = 0; i < FORCED_FAILOVERS; i++) {
                load.awaitProgress(50);
                RedisProcess old = stack.redis.currentPrimary().orElseThrow();
                await().atMost(Stack.PATIENCE)
                        .ignoreExceptionsInstanceOf(RedisErrorException.class) // while the last one is not quite over
                        .until(() -> {
                            stack.redis.failover();
                            return true;
                        });
                stack.awaitOtherPrimary(old);
                RedisProcess next = stack.redis.awaitFailoverFrom(old);
                // The sentinels would do so only after 10 s.
                old.command("REPLICAOF", "127.0.0.1", Integer.toString(next.port()));
                stack.servers().stream().filter(server -> server != next).forEach(Stack::awaitReplica);
            }
            load.awaitProgress(50);
            load.stop();
            assertThat(load.uncertain()).isZero();
            check(stack, load, Ledger.FROM_THE_START);
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
            assertThat(load.uncertain()).isZero();
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
