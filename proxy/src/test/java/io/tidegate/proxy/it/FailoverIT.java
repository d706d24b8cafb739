package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel.Kind;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** Failovers under load from several connections: an application sees a pause, and at most UNCERTAIN for what was in flight. */
@Tag("alone")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class FailoverIT {
    private static final int CONNECTIONS = 6;
    private static final int MANY_CONNECTIONS = 25;
    private static final int FORCED_FAILOVERS = 3;

    @TestFactory
    Stream<DynamicTest> failovers() {
        Runs runs = new Runs();
        runs.add("the primary is killed", FailoverIT::thePrimaryIsKilled);
        runs.add(
                "an operator fails over time and again, and no client sees an error",
                FailoverIT::anOperatorFailsOverTimeAndAgain);
        runs.add("an operator fails over", FailoverIT::anOperatorFailsOver);
        runs.add(
                "the primary freezes, and comes back as a primary that nobody names",
                FailoverIT::thePrimaryFreezesAndComesBack);
        runs.add("a replica is killed under reads", FailoverIT::aReplicaIsKilledUnderReads);
        return runs.start();
    }

    private static void thePrimaryIsKilled() throws Exception {
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
    private static void anOperatorFailsOverTimeAndAgain() throws Exception {
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

    private static void anOperatorFailsOver() throws Exception {
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

    private static void thePrimaryFreezesAndComesBack() throws Exception {
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

    private static void aReplicaIsKilledUnderReads() throws Exception {
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
