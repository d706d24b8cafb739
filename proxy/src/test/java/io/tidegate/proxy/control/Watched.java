package io.tidegate.proxy.control;

import io.tidegate.proxy.Clock;
import io.tidegate.proxy.config.Secret;
import io.tidegate.proxy.config.TidegateConfig.Credentials;
import io.tidegate.proxy.config.TidegateConfig.Upstream;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.proxy.metrics.BackendView;
import io.tidegate.proxy.tls.UpstreamTls;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ProbePacer.Demand;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.command.CommandTable;
import io.tidegate.routing.engine.EngineSettings;
import io.tidegate.routing.engine.EngineSettings.Fence;
import io.tidegate.routing.engine.EngineSettings.Restart;
import io.tidegate.routing.engine.EngineSettings.Topology;
import io.tidegate.routing.engine.Notice;
import io.tidegate.routing.engine.RoutingEngine;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A control plane on real servers, and everything that it publishes. */
final class Watched implements AutoCloseable {
    final Clock clock;
    final List<RoutingTable> tables = new CopyOnWriteArrayList<>(List.of(RoutingTable.EMPTY));
    final List<CommandTable> commands = new CopyOnWriteArrayList<>();
    final List<Notice> notices = new CopyOnWriteArrayList<>();
    final List<String> log = new CopyOnWriteArrayList<>();
    final ControlPlane control;

    private Watched(Topology topology, Fence fence, Credentials nodes, Credentials sentinels, Clock clock) {
        this.clock = clock;
        EngineSettings settings = new EngineSettings(
                topology,
                fence,
                false,
                TimeUnit.SECONDS.toNanos(10),
                TimeUnit.SECONDS.toNanos(1),
                TimeUnit.SECONDS.toNanos(1),
                TimeUnit.MILLISECONDS.toNanos(50),
                TimeUnit.MILLISECONDS.toNanos(25),
                null,
                Map.of(),
                64);
        Upstream upstream =
                new Upstream(topology, nodes, sentinels, TimeUnit.SECONDS.toNanos(1), TimeUnit.SECONDS.toNanos(1));
        control = new ControlPlane(
                settings,
                Engine.of(new RoutingEngine(settings)),
                upstream,
                UpstreamTls.NONE,
                clock,
                new ControlPorts(
                        tables::add,
                        commands::add,
                        notices::add,
                        () -> new Demand(0, Instants.UNKNOWN, false),
                        new FakeAccounts(),
                        failover -> {},
                        () -> System.nanoTime(),
                        BackendView.off()),
                new NoticeLog((level, line, fields, cause) -> log.add(line)));
        control.start();
    }

    static Watched sentinel(String shard, List<NodeAddress> sentinels, @Nullable String password) {
        return sentinel(shard, sentinels, password, Clock.start());
    }

    static Watched sentinel(String shard, List<NodeAddress> sentinels, @Nullable String password, Clock clock) {
        return new Watched(
                new Topology.Sentinel(shard, sentinels),
                Fence.LEASE,
                credentials(password),
                credentials(password),
                clock);
    }

    static Watched fixed(List<NodeAddress> nodes) {
        return new Watched(
                new Topology.Static(nodes, Restart.ACCEPT),
                Fence.ROLE,
                Credentials.NONE,
                Credentials.NONE,
                Clock.start());
    }

    static NodeAddress address(RedisProcess process) {
        return NodeAddress.parse(process.endpoint());
    }

    static List<NodeAddress> addresses(List<RedisProcess> processes) {
        return processes.stream().map(Watched::address).toList();
    }

    RoutingTable table() {
        return tables.get(tables.size() - 1);
    }

    long asOfNanos(RedisProcess replica) {
        return replica(replica).asOfNanos();
    }

    Replica replica(RedisProcess process) {
        return table().replicas().stream()
                .filter(each -> each.node().address().equals(address(process)))
                .findFirst()
                .orElseThrow(() -> new AssertionError(process + " is not in " + table()));
    }

    /** Waits for such a table. */
    RoutingTable await(String what, Predicate<RoutingTable> wanted) {
        awaitThat(what, () -> wanted.test(table()));
        return table();
    }

    void awaitThat(String what, Callable<Boolean> condition) {
        Bench.await(what, () -> table() + " " + log, condition);
    }

    @Override
    public void close() {
        control.close();
    }

    private static Credentials credentials(@Nullable String password) {
        return password == null ? Credentials.NONE : new Credentials(null, new Secret(password));
    }
}
