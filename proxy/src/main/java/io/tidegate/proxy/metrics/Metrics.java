package io.tidegate.proxy.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.netty4.NettyAllocatorMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.tidegate.proxy.metrics.Figures.NodeFigures;
import io.tidegate.proxy.metrics.LoopStats.Count;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Brings together what is counted ({@link LoopStats}, {@link ControlStats}) and what is known ({@link RoutingTable}), as
 * Prometheus text and as {@link Figures}. Nothing is computed before somebody asks. Safe for use by several threads.
 */
public final class Metrics implements AutoCloseable {
    private static final double NANOS_PER_SECOND = 1e9;

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final List<LoopStats> loops = new CopyOnWriteArrayList<>();
    private final Supplier<RoutingTable> table;
    private final LongSupplier clock;
    private final ControlStats control;
    private final JvmGcMetrics collections = new JvmGcMetrics();

    private final MultiGauge gate = multiGauge(Meter.WRITE_GATE);
    private final MultiGauge asOfAge = multiGauge(Meter.REPLICA_AS_OF_AGE);
    private final MultiGauge eligible = multiGauge(Meter.REPLICA_ELIGIBLE);
    private final MultiGauge sentinels = multiGauge(Meter.SENTINEL_UP);

    // Sums over the loops, as of the last scrape; guarded by this, like the registering of what is new in them.
    private final Map<Route, Long> routes = new HashMap<>();
    private final Map<String, Long> errors = new HashMap<>();
    private final Map<String, Long> refusals = new HashMap<>();

    /** Requests that went to a node for the same reason; a null node stands for all beyond the limit. */
    private record Route(@Nullable NodeAddress node, RouteReason reason) {
        Tags tags() {
            return Tags.of("node", node == null ? LoopStats.OTHER : node.toString(), "reason", reason.label());
        }
    }

    /**
     * Nothing counted yet.
     *
     * @param table the routing table in use
     * @param clock the proxy's clock, in nanoseconds
     */
    public Metrics(Supplier<RoutingTable> table, LongSupplier clock, ControlStats control) {
        this.table = table;
        this.clock = clock;
        this.control = control;
        registerLoops();
        registerControl();
        bindJvm();
    }

    /** What a new event loop counts with; it is part of all sums from now on. */
    public LoopStats newLoop() {
        LoopStats stats = new LoopStats();
        loops.add(stats);
        return stats;
    }

    /** All meters as Prometheus text, version 0.0.4. */
    public synchronized String scrape() {
        refresh();
        return registry.scrape();
    }

    /** The few of them that a person wants to see. Takes no lock: the control loop asks, too. */
    public Figures figures() {
        RoutingTable now = table.get();
        long nowNanos = clock.getAsLong();
        Map<NodeAddress, Long> requests = new HashMap<>();
        Map<String, Long> answered = new HashMap<>();
        for (LoopStats loop : loops) {
            loop.eachRoute((node, reason, count) -> {
                if (node != null) {
                    requests.merge(node, count, Long::sum);
                }
            });
            loop.errors().forEach((label, count) -> answered.merge(label, count.get(), Long::sum));
        }
        List<NodeFigures> nodes = new ArrayList<>();
        Node primary = now.primary();
        if (primary != null) {
            nodes.add(new NodeFigures(primary.address(), true, requests.getOrDefault(primary.address(), 0L), 0));
        }
        for (Replica replica : now.replicas()) {
            NodeAddress address = replica.node().address();
            nodes.add(new NodeFigures(
                    address, false, requests.getOrDefault(address, 0L), asOfAgeNanos(replica, nowNanos)));
        }
        return new Figures(
                nodes,
                now.writes(),
                leaseNanos(now),
                sum(Count.HOLDS_BEGUN),
                longestHoldNanos(),
                sum(Count.PARKS_BEGUN),
                answered,
                control.bytesKnownLost());
    }

    /** The longest that a request was held, of those whose wait ended since this was last asked; for one who asks. */
    public long takeLongestHoldNanos() {
        return loops.stream().mapToLong(LoopStats::takeLongestHoldNanos).max().orElse(0);
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }

    private void registerLoops() {
        for (ReadLevel.Kind level : ReadLevel.Kind.values()) {
            counter(
                    Meter.REQUESTS,
                    Tags.of("level", level.name().toLowerCase(Locale.ROOT)),
                    metrics -> metrics.loops.stream()
                            .mapToLong(loop -> loop.requests(level))
                            .sum());
        }
        counter(Meter.LOCAL_ANSWERS, Count.LOCAL_ANSWERS);
        counter(Meter.REPLAYED, Count.REPLAYED);
        counter(Meter.UPLOADS, Count.UPLOADS);
        counter(Meter.UPLOADED, Count.UPLOADED_BYTES);
        gauge(Meter.CLIENT_CONNECTIONS, metrics -> metrics.open(Count.CLIENTS_OPENED, Count.CLIENTS_CLOSED));
        counter(Meter.CLIENT_CONNECTIONS_OPENED, Count.CLIENTS_OPENED);
        counter(Meter.CLIENT_CONNECTIONS_REFUSED, Count.CLIENTS_REFUSED);
        counter(Meter.CLIENT_CONNECTIONS_TOO_SLOW, Count.CLIENTS_TOO_SLOW);
        counter(Meter.CLIENT_RECEIVED, Count.CLIENT_BYTES_READ);
        counter(Meter.CLIENT_SENT, Count.CLIENT_BYTES_WRITTEN);
        gauge(Meter.UPSTREAM_CONNECTIONS, metrics -> metrics.open(Count.UPSTREAMS_OPENED, Count.UPSTREAMS_CLOSED));
        counter(Meter.UPSTREAM_CONNECTIONS_OPENED, Count.UPSTREAMS_OPENED);
        counter(Meter.UPSTREAM_CONNECTIONS_REFUSED, Count.UPSTREAMS_REFUSED);
        counter(Meter.UPSTREAM_RECEIVED, Count.UPSTREAM_BYTES_READ);
        counter(Meter.UPSTREAM_SENT, Count.UPSTREAM_BYTES_WRITTEN);
        gauge(Meter.HELD, metrics -> metrics.open(Count.HOLDS_BEGUN, Count.HOLDS_ENDED));
        counter(Meter.HOLDS, Count.HOLDS_BEGUN);
        counter(Meter.SPILL_HOLDS, Count.SPILL_HOLDS);
        gauge(Meter.HOLD_LONGEST, metrics -> metrics.longestHoldNanos() / NANOS_PER_SECOND);
        gauge(Meter.PARKED, metrics -> metrics.open(Count.PARKS_BEGUN, Count.PARKS_ENDED));
        gauge(Meter.PARKED_BYTES, metrics -> metrics.open(Count.PARKED_BYTES_BEGUN, Count.PARKED_BYTES_ENDED));
        counter(Meter.PARKS, Count.PARKS_BEGUN);
    }

    private void registerControl() {
        gauge(Meter.EPOCH, metrics -> metrics.table.get().epoch());
        gauge(Meter.LEASE, metrics -> seconds(metrics.leaseNanos(metrics.table.get())));
        counter(Meter.FAILOVERS, Tags.empty(), metrics -> metrics.control.failovers());
        counter(Meter.STREAM_LOST, Tags.empty(), metrics -> metrics.control.bytesKnownLost());
        counter(Meter.PROBE_ROUNDS, Tags.empty(), metrics -> metrics.control.probeRounds());
    }

    private void bindJvm() {
        collections.bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        if (ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider allocator) {
            new NettyAllocatorMetrics(allocator).bindTo(registry);
        }
    }

    /** Brings up to date what has tags that come and go. */
    private void refresh() {
        sumUp();
        RoutingTable now = table.get();
        long nowNanos = clock.getAsLong();
        List<Row<?>> states = new ArrayList<>();
        for (WriteGate state : WriteGate.values()) {
            states.add(Row.of(Tags.of("state", state.name().toLowerCase(Locale.ROOT)), state == now.writes() ? 1 : 0));
        }
        gate.register(states, true);
        asOfAge.register(rows(now, replica -> seconds(asOfAgeNanos(replica, nowNanos))), true);
        eligible.register(rows(now, replica -> replica.health() == RouteReason.ELIGIBLE ? 1.0 : 0.0), true);
        List<Row<?>> links = new ArrayList<>();
        control.sentinels()
                .forEach((sentinel, up) -> links.add(Row.of(Tags.of("sentinel", sentinel.toString()), up ? 1 : 0)));
        sentinels.register(links, true);
    }

    private void sumUp() {
        // Emptied of their values but not of their keys: a key that is there has its meter.
        routes.replaceAll((route, count) -> 0L);
        errors.replaceAll((label, count) -> 0L);
        refusals.replaceAll((label, count) -> 0L);
        for (LoopStats loop : loops) {
            loop.eachRoute((node, reason, count) -> {
                Route route = new Route(node, reason);
                if (routes.put(route, routes.getOrDefault(route, 0L) + count) == null) {
                    counter(Meter.ROUTED, route.tags(), metrics -> metrics.routes.getOrDefault(route, 0L));
                }
            });
            sumUp(loop.errors(), Meter.ERRORS, errors, metrics -> metrics.errors);
            sumUp(loop.refusals(), Meter.REFUSALS, refusals, metrics -> metrics.refusals);
        }
    }

    private void sumUp(
            Map<String, AtomicLong> counted,
            Meter meter,
            Map<String, Long> sums,
            Function<Metrics, Map<String, Long>> sumsOf) {
        counted.forEach((label, count) -> {
            if (sums.put(label, sums.getOrDefault(label, 0L) + count.get()) == null) {
                counter(
                        meter,
                        Tags.of("error", label),
                        metrics -> sumsOf.apply(metrics).getOrDefault(label, 0L));
            }
        });
    }

    private static List<Row<?>> rows(RoutingTable table, Function<Replica, Double> value) {
        List<Row<?>> rows = new ArrayList<>();
        for (Replica replica : table.replicas()) {
            rows.add(Row.of(Tags.of("node", replica.node().address().toString()), value.apply(replica)));
        }
        return rows;
    }

    private long sum(Count count) {
        return loops.stream().mapToLong(loop -> loop.count(count)).sum();
    }

    private long open(Count begun, Count ended) {
        return loops.stream().mapToLong(loop -> loop.open(begun, ended)).sum();
    }

    private long longestHoldNanos() {
        return loops.stream()
                .mapToLong(loop -> loop.count(Count.HOLD_NANOS_MAX))
                .max()
                .orElse(0);
    }

    private long leaseNanos(RoutingTable now) {
        long evidenceNanos = now.evidenceNanos();
        return evidenceNanos == Instants.UNKNOWN || evidenceNanos == Instants.FOREVER
                ? evidenceNanos
                : evidenceNanos - clock.getAsLong();
    }

    private static long asOfAgeNanos(Replica replica, long nowNanos) {
        return replica.asOfNanos() == Instants.UNKNOWN ? Long.MAX_VALUE : nowNanos - replica.asOfNanos();
    }

    private static double seconds(long nanos) {
        if (nanos == Long.MAX_VALUE) {
            return Double.POSITIVE_INFINITY;
        }
        return nanos == Long.MIN_VALUE ? Double.NEGATIVE_INFINITY : nanos / NANOS_PER_SECOND;
    }

    private void counter(Meter meter, Count count) {
        counter(meter, Tags.empty(), metrics -> metrics.sum(count));
    }

    private void counter(Meter meter, Tags tags, ToDoubleFunction<Metrics> value) {
        FunctionCounter.builder(meter.micrometerName(), this, value)
                .description(meter.meaning())
                .baseUnit(baseUnit(meter))
                .tags(tags)
                .register(registry);
    }

    private void gauge(Meter meter, ToDoubleFunction<Metrics> value) {
        Gauge.builder(meter.micrometerName(), this, value)
                .description(meter.meaning())
                .baseUnit(baseUnit(meter))
                .register(registry);
    }

    private MultiGauge multiGauge(Meter meter) {
        MultiGauge.Builder builder = MultiGauge.builder(meter.micrometerName()).description(meter.meaning());
        String unit = baseUnit(meter);
        return (unit == null ? builder : builder.baseUnit(unit)).register(registry);
    }

    private static @Nullable String baseUnit(Meter meter) {
        return meter.unit() == Meter.Unit.NONE ? null : meter.unit().label();
    }
}
