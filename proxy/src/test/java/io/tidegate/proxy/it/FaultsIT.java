package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.tidegate.proxy.Tidegate;
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
import org.junit.jupiter.api.TestFactory;

/**
 * Every {@link Fault}, and partitions, under load and with one and two replicas. Whatever happens: what was acknowledged
 * after a promotion is there, nothing ran twice or changed places, no session missed what it had written, and no error was
 * seen but {@code UNCERTAIN}.
 */
class FaultsIT {
    private static final int CONNECTIONS = 4;
    private static final String FENCED = "";

    @TestFactory
    Stream<DynamicTest> faults() {
        Runs runs = new Runs();
        for (Fault fault : Fault.values()) {
            for (int replicas = fault.replicasMin(); replicas <= 2; replicas++) {
                int count = replicas;
                runs.add(name(fault.name(), replicas), () -> survives(fault, count));
            }
        }
        runs.add("a proxy comes in the middle of a failover", FaultsIT::aProxyComesInTheMiddleOfAFailover);
        return runs.start();
    }

    @TestFactory
    Stream<DynamicTest> partitions() throws IOException {
        assumeThat(SplitNetwork.obstacle()).as("network namespaces").isEmpty();
        Runs runs = new Runs();
        for (int replicas = 1; replicas <= 2; replicas++) {
            int count = replicas;
            runs.add(
                    name("the proxy is cut off with the old primary", replicas),
                    () -> partition(Side.B, count, FENCED));
            runs.add(
                    name("the old primary is cut off from the proxy", replicas),
                    () -> partition(Side.A, count, FENCED));
        }
        runs.add(
                "without a fence, what is acknowledged by the old primary is lost",
                () -> assertThatThrownBy(() -> partition(Side.B, 1, "fence: off"))
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining("ms after the takeover"));
        return runs.start();
    }

    private static void survives(Fault fault, int replicas) throws Exception {
        try (Stack stack = Stack.before(Fault.servers(replicas).start(), "");
                Workload load = new Workload(stack.address(Kind.SESSION), CONNECTIONS)) {
            load.awaitProgress(Fault.PROGRESS);
            try {
                fault.strike(stack, load);
                load.awaitProgress(Fault.PROGRESS);
                load.stop();
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
    private static void partition(Side cutOff, int replicas, String fence) throws Exception {
        try (SplitNetwork network = SplitNetwork.create();
                Stack stack = Stack.before(split(network, replicas).start(), fence);
                Workload load = new Workload(stack.address(Kind.SESSION), CONNECTIONS)) {
            RedisProcess old = stack.redis.primary();
            stack.awaitLease();
            load.awaitProgress(Fault.PROGRESS);
            network.cut(cutOff);
            ServerLog.awaitLine(stack.redis.replicas(), "MASTER MODE enabled");
            ServerLog.awaitLine(stack.redis.sentinels().subList(1, 3), "+switch-master");
            if (cutOff == Side.A) {
                stack.awaitOtherPrimary(old);
                load.awaitProgress(Fault.PROGRESS);
            }
            network.heal(cutOff);
            stack.awaitOtherPrimary(old);
            load.awaitProgress(Fault.PROGRESS);
            load.stop();
            check(stack, List.of(load));
        }
    }

    private static LocalRedisBuilder split(SplitNetwork network, int replicas) {
        int firstSentinel = 1 + replicas;
        return Fault.servers(replicas)
                .places(index -> network.place(index == 0 || index == firstSentinel ? Side.A : Side.B));
    }

    private static void check(Stack stack, List<Workload> loads) throws IOException {
        RedisProcess survivor = stack.primary();
        assertThat(survivor).isNotNull();
        try (RedisCommandClient direct = survivor.connect()) {
            for (Workload load : loads) {
                load.check(direct, ServerLog.promotedNanos(survivor));
            }
        }
    }

    private static String name(String what, int replicas) {
        return what.replace('_', ' ').toLowerCase(Locale.ROOT) + ", " + replicas
                + (replicas == 1 ? " replica" : " replicas");
    }
}
