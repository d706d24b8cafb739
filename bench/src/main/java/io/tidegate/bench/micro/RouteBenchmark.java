package io.tidegate.bench.micro;

import io.tidegate.routing.CausalScope;
import io.tidegate.routing.Causality;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.NodeLoad;
import io.tidegate.routing.RandomSource;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.Router;
import io.tidegate.routing.RouterSettings;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One decision of the router, on a table whose replicas are all fresh. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {MicroBenchmarks.COLLECTOR, MicroBenchmarks.NO_LEAK_SAMPLES})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RouteBenchmark {
    private static final int PRIMARY = 0;
    private static final long NOW_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final long BEFORE_NANOS = NOW_NANOS - TimeUnit.MILLISECONDS.toNanos(1);
    private static final RouterSettings SETTINGS =
            new RouterSettings(TimeUnit.SECONDS.toNanos(10), TimeUnit.MILLISECONDS.toNanos(2), 64, 1_024);

    /** A shard of a primary and some replicas, and one session on it. */
    @State(Scope.Thread)
    public static class Shard {
        @Param({"2", "5"})
        public int replicas = 2;

        private final Causality session = new Causality(new CausalScope());
        private Router router = router(0);
        private RoutingTable table = RoutingTable.EMPTY;
        private Node primary = node(PRIMARY);

        @Setup
        public void prepare() {
            List<Replica> all = new ArrayList<>();
            for (int id = 1; id <= replicas; id++) {
                all.add(new Replica(node(id), NOW_NANOS, RouteReason.ELIGIBLE));
            }
            primary = node(PRIMARY);
            table = new RoutingTable(1, 1, primary, WriteGate.OPEN, NOW_NANOS, all, false);
            router = router(replicas);
        }

        private static Node node(int id) {
            return new Node(id, new NodeAddress("10.0.0.1", 6379 + id), Integer.toHexString(id), true);
        }

        private static Router router(int replicas) {
            return new Router(new SteadyLoad(replicas + 1), SETTINGS, new RandomSource(1));
        }

        private int read(ReadLevel level) {
            return router.read(table, level, session, false, NOW_NANOS, NOW_NANOS);
        }
    }

    /** The level of a read. */
    @State(Scope.Thread)
    public static class Level {
        @Param({"eventual", "bounded(200ms)", "session", "strong"})
        public String level = "session";

        private ReadLevel parsed = ReadLevel.SESSION;

        @Setup
        public void parse() {
            parsed = ReadLevel.parse(level);
        }
    }

    /** A read; that of a session finds its home as it left it. */
    @Benchmark
    public int read(Shard shard, Level level) {
        return shard.read(level.parsed);
    }

    /** A session's read after the primary has answered it, which cost it its home: it has to find one. */
    @Benchmark
    public int readWithoutHome(Shard shard) {
        shard.session.read(shard.primary, BEFORE_NANOS);
        return shard.read(ReadLevel.SESSION);
    }

    @Benchmark
    public int write(Shard shard) {
        return shard.router.write(shard.table);
    }

    /** Some load on each node, never the same on two, so that two drawn at random are really compared. */
    private static final class SteadyLoad implements NodeLoad {
        private final int[] outstanding;
        private final long[] latencyNanos;

        SteadyLoad(int nodes) {
            outstanding = new int[nodes];
            latencyNanos = new long[nodes];
            for (int id = 0; id < nodes; id++) {
                outstanding[id] = id;
                latencyNanos[id] = TimeUnit.MICROSECONDS.toNanos(100 + id);
            }
        }

        @Override
        public int outstanding(int nodeId) {
            return outstanding[nodeId];
        }

        @Override
        public int spilled() {
            return 0;
        }

        @Override
        public long latencyNanos(int nodeId) {
            return latencyNanos[nodeId];
        }
    }
}
