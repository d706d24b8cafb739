package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.LocalRedisBuilder;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.function.Consumer;

/** Something that happens to servers or sentinels under load; each returns when what follows from it is over. */
enum Fault {
    PRIMARY_KILLED {
        @Override
        void strike(Stack stack, Workload load) {
            RedisProcess old = stack.redis.primary();
            old.kill();
            stack.awaitOtherPrimary(old);
        }
    },
    PRIMARY_FROZEN {
        @Override
        void strike(Stack stack, Workload load) throws Exception {
            RedisProcess old = stack.redis.primary();
            old.freeze();
            stack.awaitOtherPrimary(old);
            goOnWithoutOne(stack, load);
            old.thaw();
        }
    },
    /** The primary is well again before it is replaced, and is replaced all the same. */
    PRIMARY_FROZEN_UNTIL_A_LEADER_IS_ELECTED {
        @Override
        void strike(Stack stack, Workload load) {
            RedisProcess old = stack.redis.primary();
            old.freeze();
            ServerLog.awaitLine(stack.redis.sentinels(), "+elected-leader");
            old.thaw();
            stack.awaitOtherPrimary(old);
        }
    },
    REPLICA_KILLED {
        @Override
        void strike(Stack stack, Workload load) throws Exception {
            withoutAReplica(stack, load, RedisProcess::kill, RedisProcess::restart);
        }
    },
    REPLICA_FROZEN {
        @Override
        void strike(Stack stack, Workload load) throws Exception {
            withoutAReplica(stack, load, RedisProcess::freeze, RedisProcess::thaw);
        }
    },
    SENTINEL_AND_PRIMARY_KILLED {
        @Override
        void strike(Stack stack, Workload load) throws Exception {
            stack.redis.sentinels().get(0).kill();
            load.awaitProgress(PROGRESS);
            PRIMARY_KILLED.strike(stack, load);
        }
    },
    SENTINEL_FROZEN_OVER_A_FAILOVER {
        @Override
        void strike(Stack stack, Workload load) throws Exception {
            RedisProcess sentinel = stack.redis.sentinels().get(0);
            sentinel.freeze();
            PRIMARY_KILLED.strike(stack, load);
            goOnWithoutOne(stack, load);
            sentinel.thaw();
        }
    },
    LEADER_CRASHES_AFTER_ITS_ELECTION {
        @Override
        void strike(Stack stack, Workload load) throws Exception {
            crashLeader(stack, "crash-after-election");
        }
    },
    LEADER_CRASHES_AFTER_THE_PROMOTION {
        @Override
        void strike(Stack stack, Workload load) throws Exception {
            crashLeader(stack, "crash-after-promotion");
        }
    },
    OPERATOR_FAILS_OVER {
        @Override
        boolean isFelt() {
            return false;
        }

        @Override
        void strike(Stack stack, Workload load) throws Exception {
            RedisProcess old = stack.redis.primary();
            stack.redis.failover();
            stack.awaitOtherPrimary(old);
        }
    },
    /** The first primary has only just become a replica when it, or another one, is promoted. */
    TWO_FAILOVERS_IN_A_ROW {
        @Override
        void strike(Stack stack, Workload load) throws Exception {
            OPERATOR_FAILS_OVER.strike(stack, load);
            stack.redis.awaitFailoverFrom(stack.redis.primary());
            stack.completeReplicas();
            failOverAgain(stack);
        }
    },
    /**
     * The sentinels demote the first primary only after some 10 s. Until then it is one of those that they may promote, as
     * it is: without what was written since, and with a history of its own. Of one replica it is the only one.
     */
    TWO_FAILOVERS_AT_ONCE {
        @Override
        void strike(Stack stack, Workload load) throws Exception {
            OPERATOR_FAILS_OVER.strike(stack, load);
            failOverAgain(stack);
        }
    },
    /** One replica has lost its data and is getting them again, slowly, when the primary dies. */
    PRIMARY_KILLED_IN_A_FULL_RESYNC {
        private static final int KEYS = 2_000;

        @Override
        void strike(Stack stack, Workload load) throws Exception {
            RedisProcess replica = stack.redis.replicas().get(0);
            RedisProcess old = stack.redis.primary();
            old.command("EVAL", "for i = 1, ARGV[1] do redis.call('SET', 'filler:' .. i, i) end", "0", "" + KEYS);
            old.command("CONFIG", "SET", "rdb-key-save-delay", "5000"); // microseconds
            replica.kill();
            Files.delete(replica.logFile().resolveSibling("dump.rdb"));
            replica.restart();
            await().atMost(Stack.PATIENCE).until(() -> syncing(replica));
            old.kill();
            stack.awaitOtherPrimary(old);
            Stack.awaitReplica(replica);
        }

        private static boolean syncing(RedisProcess replica) throws IOException {
            try (RedisCommandClient client = replica.connect()) {
                return "1".equals(client.info("replication").get("master_sync_in_progress"));
            }
        }
    };

    static final int PROGRESS = 50;

    /** Of writes that each wait for as long as a reply may be parked. */
    private static final int FEW = 5;

    abstract void strike(Stack stack, Workload load) throws Exception;

    /** Whether it may cost an error, where the primary alone has to hold a write: it does if a reply got lost. */
    boolean isFelt() {
        return true;
    }

    /** With so few replicas it can be survived. */
    int replicasMin() {
        return this == PRIMARY_KILLED_IN_A_FULL_RESYNC ? 2 : 1;
    }

    private static void withoutAReplica(
            Stack stack, Workload load, Consumer<RedisProcess> take, Consumer<RedisProcess> giveBack)
            throws InterruptedException {
        RedisProcess replica = stack.redis.replicas().get(0);
        take.accept(replica);
        goOnWithoutOne(stack, load);
        giveBack.accept(replica);
        Stack.awaitReplica(replica);
    }

    private static void failOverAgain(Stack stack) {
        RedisProcess second = stack.primary();
        assertThat(second).isNotNull();
        await().atMost(Stack.PATIENCE)
                .ignoreExceptionsInstanceOf(RedisErrorException.class) // while the first is not quite over
                .until(() -> {
                    stack.redis.failover();
                    return true;
                });
        stack.awaitOtherPrimary(second);
    }

    /** Where a write waits for every replica it is told how many have it while one is missing, and else acknowledged. */
    static void goOnWithoutOne(Stack stack, Workload load) throws InterruptedException {
        if (!stack.waitsForReplicas()) {
            load.awaitProgress(PROGRESS);
            return;
        }
        load.awaitProgress(2); // what was on its way before
        int before = load.acknowledged();
        load.awaitProgress(FEW);
        assertThat(load.acknowledged()).as("acknowledged without a replica").isEqualTo(before);
    }

    /** Whoever leads the failover ends in the middle of it; the others lead another one after a while. */
    private static void crashLeader(Stack stack, String when) throws IOException {
        RedisProcess old = stack.redis.primary();
        awaitDeadLeader(stack.redis.sentinels(), when, old::kill);
        stack.awaitOtherPrimary(old);
    }

    /** Returns when the leader of the failover that {@code begin} leads to has ended. */
    static void awaitDeadLeader(List<RedisProcess> sentinels, String when, Runnable begin) throws IOException {
        for (RedisProcess sentinel : sentinels) {
            sentinel.command("SENTINEL", "SIMULATE-FAILURE", when);
        }
        begin.run();
        await().atMost(Stack.PATIENCE).until(() -> !sentinels.stream().allMatch(RedisProcess::alive));
        for (RedisProcess sentinel : sentinels) {
            if (sentinel.alive()) {
                sentinel.command("SENTINEL", "SIMULATE-FAILURE", "help"); // forgets what was ordered
            }
        }
    }

    /** Of sentinels that try again soon. */
    static LocalRedisBuilder servers(int replicas) {
        return LocalRedis.builder().replicas(replicas).downAfterMillis(1_000).failoverTimeoutMillis(3_000);
    }
}
