package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.control.Failover;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.LocalRedisBuilder;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.proxy.local.SplitNetwork;
import io.tidegate.proxy.local.SplitNetwork.Side;
import io.tidegate.routing.ReadLevel.Kind;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Every {@link Fault}, and partitions, under load and with one and two replicas. Whatever happens: what was acknowledged
 * after a promotion is there, and so is, where every replica has to hold a write first, all that ever was; nothing ran
 * twice or changed places, no session missed what it had written, and no error was seen but {@code UNCERTAIN} and, while
 * a replica is missing, {@code UNDERREPLICATED}; nor that, where an operator fails over.
 */
@Tag("alone")
class FaultsIT {
    private static final int CONNECTIONS = 4;
    private static final String FENCED = "";

    @TestFactory
    Stream<DynamicTest> faults() {
        Runs runs = new Runs();
        for (Fault fault : Fault.values()) {
            for (SetUp setUp : SetUp.values()) {
                if (setUp.replicas >= fault.replicasMin()) {
                    runs.add(setUp.name(fault.name()), () -> survives(fault, setUp));
                }
            }
        }
        runs.add("a proxy comes in the middle of a failover", FaultsIT::aProxyComesInTheMiddleOfAFailover);
        return runs.start();
    }

    @TestFactory
    Stream<DynamicTest> partitions() throws IOException {
        assumeThat(SplitNetwork.obstacle()).as("network namespaces").isEmpty();
        Runs runs = new Runs();
        for (SetUp setUp : SetUp.values()) {
            runs.add(setUp.name("the proxy is cut off with the old primary"), () -> partition(Side.B, setUp, FENCED));
            runs.add(setUp.name("the old primary is cut off from the proxy"), () -> partition(Side.A, setUp, FENCED));
        }
        runs.add(
                "without a fence, what is acknowledged by the old primary is lost",
                () -> assertThatThrownBy(() -> partition(Side.B, SetUp.ONE_REPLICA, "fence: off"))
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining("ms after the takeover"));
        return runs.start();
    }

    private static void survives(Fault fault, SetUp setUp) throws Exception {
        try (Stack stack = setUp.stack(Fault.servers(setUp.replicas).start(), "");
                Workload load = new Workload(stack.address(Kind.SESSION), CONNECTIONS)) {
            load.awaitProgress(Fault.PROGRESS);
            try {
                fault.strike(stack, load);
                goOn(stack, load);
                load.stop();
                if (!fault.isFelt() && !setUp.writes.startsWith("replicated")) {
                    assertThat(load.uncertain()).isZero();
                }
                check(stack, List.of(load));
            } catch (Throwable e) {
                e.addSuppressed(new AssertionError(stack.redis.logTails()));
                throw e;
            }
        }
    }

    private static void aProxyComesInTheMiddleOfAFailover() throws Exception {
        try (Stack stack = Stack.before(Fault.servers(2).start(), "");
                Workload load = new Workload(stack.address(Kind.SESSION), CONNECTIONS)) {
            load.awaitProgress(Fault.PROGRESS);
            RedisProcess old = stack.redis.primary();
            old.freeze();
            ServerLog.awaitLine(stack.redis.sentinels(), "+try-failover");
            old.thaw();
            try (Tidegate late = Tidegate.start(Stack.config(stack.redis, ""));
                    Workload lateLoad = new Workload(
                            "late",
                            () -> new PlainConnection(RedisCommandClient.connect(
                                    late.listeners().get(2).address().socketAddress(), Stack.PATIENCE)),
                            CONNECTIONS,
                            1)) {
                lateLoad.awaitProgress(Fault.PROGRESS);
                load.awaitProgress(Fault.PROGRESS);
                load.stop();
                lateLoad.stop();
                check(stack, List.of(load, lateLoad));
            }
        }
    }

    /**
     * The old primary and one sentinel are on side A, the others on side B. The proxy is on the side that is not cut off,
     * and has a lease when that happens.
     */
    private static void partition(Side cutOff, SetUp setUp, String fence) throws Exception {
        try (SplitNetwork network = SplitNetwork.create();
                Stack stack = setUp.stack(split(network, setUp.replicas).start(), fence);
                Workload load = new Workload(stack.address(Kind.SESSION), CONNECTIONS)) {
            RedisProcess old = stack.redis.primary();
            stack.awaitLease();
            load.awaitProgress(Fault.PROGRESS);
            long epoch = stack.tidegate.table().epoch();
            network.cut(cutOff);
            ServerLog.awaitLine(stack.redis.replicas(), "MASTER MODE enabled");
            ServerLog.awaitLine(stack.redis.sentinels().subList(1, 3), "+switch-master");
            if (cutOff == Side.A) {
                stack.awaitOtherPrimary(old);
                Fault.goOnWithoutOne(stack, load);
            }
            network.heal(cutOff);
            stack.awaitClaimAfter(epoch);
            goOn(stack, load);
            load.stop();
            check(stack, List.of(load));
            assertThat(stack.tidegate.timeline().failovers())
                    .extracting(Failover::kind)
                    .as("nobody wanted it, whoever heard the sentinels say so")
                    .containsOnly(Failover.UNPLANNED);
        }
    }

    private static LocalRedisBuilder split(SplitNetwork network, int replicas) {
        int firstSentinel = 1 + replicas;
        return Fault.servers(replicas)
                .places(index -> network.place(index == 0 || index == firstSentinel ? Side.A : Side.B));
    }

    /** Writes that wait for replicas are acknowledged once all of these are there again, and not before. */
    private static void goOn(Stack stack, Workload load) throws Exception {
        if (stack.waitsForReplicas()) {
            if (!stack.redis.servers().stream().allMatch(RedisProcess::alive)) {
                Fault.goOnWithoutOne(stack, load);
            }
            stack.completeReplicas();
            load.awaitAcknowledged(Fault.PROGRESS);
        } else {
            load.awaitProgress(Fault.PROGRESS);
        }
    }

    private static void check(Stack stack, List<Workload> loads) throws IOException {
        RedisProcess survivor = stack.primary();
        assertThat(survivor).isNotNull();
        long owedFromNanos = stack.waitsForReplicas() ? Ledger.FROM_THE_START : takeoverNanos(stack, survivor);
        try (RedisCommandClient direct = survivor.connect()) {
            for (Workload load : loads) {
                load.check(direct, owedFromNanos);
            }
        }
    }

    private static long takeoverNanos(Stack stack, RedisProcess survivor) throws IOException {
        long promoted = ServerLog.promotedNanos(survivor);
        return promoted == Ledger.FROM_THE_START ? ServerLog.orderedNanos(stack.redis.sentinels(), survivor) : promoted;
    }

    /** How many replicas there are, and which of them must hold a write before it is acknowledged. */
    private enum SetUp {
        ONE_REPLICA(1, "acknowledged"),
        TWO_REPLICAS(2, "acknowledged"),
        ONE_REPLICA_HOLDS(1, "replicated(1)"),
        TWO_REPLICAS_HOLD(2, "replicated(all)");

        private final int replicas;
        private final String writes;

        SetUp(int replicas, String writes) {
            this.replicas = replicas;
            this.writes = writes;
        }

        /** A reply is parked long enough for a replica that is there, and not much longer than that for one that is not. */
        Stack stack(LocalRedis redis, String moreConfig) {
            String park = writes.equals("acknowledged") ? "" : "park: {time-max: 250ms}\n";
            return Stack.before(redis, writes, park + moreConfig);
        }

        String name(String what) {
            return what.replace('_', ' ').toLowerCase(Locale.ROOT) + ", " + replicas
                    + (replicas == 1 ? " replica, " : " replicas, ") + writes;
        }
    }
}
