package io.tidegate.proxy.metrics;

import com.sun.management.OperatingSystemMXBean;
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
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.tidegate.proxy.metrics.LoopStats.Count;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.engine.WarningKind;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The meters of one proxy as Prometheus sees them: every {@link Meter}, read from {@link Metrics} when it is scraped, and
 * those of the JVM and of Netty's allocator. Guarded by its owner.
 */
final class Exposition implements AutoCloseable {
    private static final double NANOS_PER_SECOND = 1e9;

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Metrics counted;
    private final JvmGcMetrics collections = new JvmGcMetrics();

    private final MultiGauge limits = multiGauge(Meter.LIMIT);
    private final MultiGauge loopClients = multiGauge(Meter.LOOP_CLIENT_CONNECTIONS);
    private final MultiGauge gate = multiGauge(Meter.WRITE_GATE);
    private final MultiGauge asOfAge = multiGauge(Meter.REPLICA_AS_OF_AGE);
    private final MultiGauge eligible = multiGauge(Meter.REPLICA_ELIGIBLE);
    private final MultiGauge sentinels = multiGauge(Meter.SENTINEL_UP);
    private final MultiGauge phases = multiGauge(Meter.FAILOVER_PHASE);
    private final MultiGauge warnings = multiGauge(Meter.WARNINGS_STANDING);
    private final MultiGauge certificates = multiGauge(Meter.TLS_CERTIFICATE_EXPIRY);

    // Sums over the loops, as of the last scrape.
    private final Map<Route, Long> routes = new HashMap<>();
    private final Map<String, Long> errors = new HashMap<>();
    private final Map<String, Long> refusals = new HashMap<>();

    /** Those that have their meters. */
    private final Set<Object> failovers = new HashSet<>();

    private final Set<Object> handshakes = new HashSet<>();

    /** Requests that went to a node for the same reason; a null node stands for all beyond the limit. */
    private record Route(@Nullable NodeAddress node, RouteReason reason) {
        Tags tags() {
            return Tags.of("node", NodeStats.name(node), "reason", reason.label());
        }
    }

    Exposition(Metrics counted) {
        this.counted = counted;
        registry.config().meterFilter(new MeterFilter() {
            @Override
            public MeterFilterReply accept(io.micrometer.core.instrument.Meter.Id id) {
                boolean inNanos = id.getName().equals("process.cpu.time"); // ours is in seconds
                return inNanos ? MeterFilterReply.DENY : MeterFilterReply.NEUTRAL;
            }

            @Override
            public io.micrometer.core.instrument.Meter.Id map(io.micrometer.core.instrument.Meter.Id id) {
                return mended(id);
            }
        });
        registerLoops();
        registerDoors();
        registerControl();
        registry.getPrometheusRegistry().register(new DurationCollector(counted.loops()));
        registry.getPrometheusRegistry()
                .register(new BackendCollector(() -> counted.backend().scraped(counted.nowNanos())));
        bindJvm();
    }

    String scrape() {
        refresh();
        return registry.scrape();
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
                    metrics -> metrics.loops().stream()
                            .mapToLong(loop -> loop.requests(level))
                            .sum());
        }
        counter(Meter.LOCAL_ANSWERS, Count.LOCAL_ANSWERS);
        counter(Meter.REPLAYED, Count.REPLAYED);
        counter(Meter.GONE, Count.GONE);
        counter(Meter.UPLOADS, Count.UPLOADS);
        counter(Meter.UPLOADED, Count.UPLOADED_BYTES);
        counter(Meter.MOVED, Count.MOVED);
        counter(Meter.SCRIPTS_LOADED, Count.SCRIPTS_LOADED);
        gauge(Meter.SCRIPTS_KEPT, metrics -> metrics.scripts().count());
        gauge(Meter.SCRIPTS_KEPT_BYTES, metrics -> metrics.scripts().bytes());
        counter(
                Meter.SCRIPTS_EVICTED,
                Tags.empty(),
                metrics -> metrics.scripts().evictions());
        gauge(Meter.CLIENT_CONNECTIONS, metrics -> metrics.open(Count.CLIENTS_OPENED, Count.CLIENTS_CLOSED));
        gauge(
                Meter.SENTINEL_PORT_CONNECTIONS,
                metrics -> metrics.sentinelPortClients().get());
        counter(Meter.CLIENT_CONNECTIONS_OPENED, Count.CLIENTS_OPENED);
        counter(Meter.CLIENT_CONNECTIONS_TOO_SLOW, Count.CLIENTS_TOO_SLOW);
        counter(Meter.SUBSCRIBERS_TOO_SLOW, Count.SUBSCRIBERS_TOO_SLOW);
        counter(Meter.SUBSCRIPTION_MESSAGES, Count.SUBSCRIPTION_MESSAGES);
        counter(Meter.SUBSCRIPTION_GAPS, Count.SUBSCRIPTION_GAPS);
        counter(Meter.CLIENT_RECEIVED, Count.CLIENT_BYTES_READ);
        counter(Meter.CLIENT_SENT, Count.CLIENT_BYTES_WRITTEN);
        gauge(Meter.UPSTREAM_CONNECTIONS, metrics -> metrics.open(Count.UPSTREAMS_OPENED, Count.UPSTREAMS_CLOSED));
        gauge(Meter.UPSTREAM_CONNECTIONS_LENT, metrics -> metrics.open(Count.LENDINGS_BEGUN, Count.LENDINGS_ENDED));
        counter(Meter.UPSTREAM_CONNECTIONS_OPENED, Count.UPSTREAMS_OPENED);
        counter(Meter.UPSTREAM_CONNECTIONS_REFUSED, Count.UPSTREAMS_REFUSED);
        counter(Meter.UPSTREAM_CONNECTIONS_SET_APART, Count.UPSTREAMS_SET_APART);
        counter(Meter.UPSTREAM_PAUSES, Count.UPSTREAM_PAUSES);
        counter(Meter.UPSTREAM_RECEIVED, Count.UPSTREAM_BYTES_READ);
        counter(Meter.UPSTREAM_SENT, Count.UPSTREAM_BYTES_WRITTEN);
        gauge(Meter.PAUSED, metrics -> metrics.open(Count.PAUSES_BEGUN, Count.PAUSES_ENDED));
        gauge(Meter.HELD, metrics -> metrics.open(Count.HOLDS_BEGUN, Count.HOLDS_ENDED));
        gauge(Meter.HELD_BYTES, metrics -> metrics.open(Count.WAITING_BYTES_BEGUN, Count.WAITING_BYTES_ENDED));
        counter(Meter.HOLDS, Count.HOLDS_BEGUN);
        counter(Meter.SPILL_HOLDS, Count.SPILL_HOLDS);
        counter(Meter.DRAIN_SLOWED, Count.DRAIN_SLOWED);
        dryRun("sent", Count.WOULD_BE_SENT);
        dryRun("no_primary", Count.WOULD_FIND_NO_PRIMARY);
        dryRun("overloaded", Count.WOULD_BE_OVERLOADED);
        gauge(Meter.HOLD_LONGEST, metrics -> metrics.longestHoldNanos() / NANOS_PER_SECOND);
        gauge(Meter.PARKED, metrics -> metrics.open(Count.PARKS_BEGUN, Count.PARKS_ENDED));
        gauge(Meter.PARKED_BYTES, metrics -> metrics.open(Count.PARKED_BYTES_BEGUN, Count.PARKED_BYTES_ENDED));
        counter(Meter.PARKS, Count.PARKS_BEGUN);
        counter(Meter.REPLICA_WAITS, Count.REPLICA_WAITS_BEGUN);
        counter(Meter.REPLICA_WAIT, Tags.empty(), metrics -> metrics.sum(Count.REPLICA_WAIT_NANOS) / NANOS_PER_SECOND);
    }

    private void registerDoors() {
        for (DoorStats.TurnedAway why : DoorStats.TurnedAway.values()) {
            counter(
                    Meter.CLIENT_CONNECTIONS_REFUSED,
                    Tags.of("reason", DoorStats.label(why)),
                    metrics -> metrics.doors().count(why));
        }
        for (DoorStats.Header outcome : DoorStats.Header.values()) {
            counter(
                    Meter.PROXY_HEADERS,
                    Tags.of("outcome", DoorStats.label(outcome)),
                    metrics -> metrics.doors().count(outcome));
        }
        for (DoorStats.TimedOut what : DoorStats.TimedOut.values()) {
            counter(
                    Meter.CLIENT_CONNECTIONS_TIMED_OUT,
                    Tags.of("reason", DoorStats.label(what)),
                    metrics -> metrics.doors().count(what));
        }
    }

    private void registerControl() {
        gauge(Meter.EPOCH, metrics -> metrics.table().epoch());
        gauge(Meter.LEASE, metrics -> seconds(metrics.leaseNanos(metrics.table())));
        counter(
                Meter.PRIMARY_RESTARTS,
                Tags.empty(),
                metrics -> metrics.control().restarts());
        gauge(Meter.SECOND_PRIMARIES, metrics -> metrics.control().secondPrimaries(metrics.table()));
        counter(Meter.FENCE_RELEASES, Tags.empty(), metrics -> metrics.control().fenceReleases());
        counter(Meter.STREAM_LOST, Tags.empty(), metrics -> metrics.control().bytesKnownLost());
        for (WarningKind kind : WarningKind.values()) {
            counter(
                    Meter.WARNINGS,
                    Tags.of("kind", kind.label()),
                    metrics -> metrics.control().warned(kind));
        }
        counter(
                Meter.TLS_RELOADS,
                Tags.of("outcome", "used"),
                metrics -> metrics.tls().reloads(true));
        counter(
                Meter.TLS_RELOADS,
                Tags.of("outcome", "unfit"),
                metrics -> metrics.tls().reloads(false));
        for (ConfigStats.Outcome outcome : ConfigStats.Outcome.values()) {
            counter(
                    Meter.CONFIG_RELOADS,
                    Tags.of("outcome", outcome.label()),
                    metrics -> metrics.config().reloads(outcome));
        }
        gauge(Meter.CONFIG_REFUSED, metrics -> metrics.config().lastRefused() ? 1 : 0);
        gauge(Meter.CONFIG_WAITING, metrics -> metrics.config().waiting());
        gauge(
                Meter.CONFIG_AGE,
                metrics -> seconds(metrics.nowNanos() - metrics.config().readNanos()));
        counter(Meter.PROBE_ROUNDS, Tags.empty(), metrics -> metrics.control().probeRounds());
    }

    /** What promtool finds wrong with the meters that are not ours. */
    private static io.micrometer.core.instrument.Meter.Id mended(io.micrometer.core.instrument.Meter.Id id) {
        if (id.getName().equals("system.cpu.count")) {
            return id.withName("system.cpus"); // only histograms end in _count
        }
        return id.getDescription() == null
                ? new io.micrometer.core.instrument.Meter.Id(
                        id.getName(), Tags.of(id.getTags()), id.getBaseUnit(), "See Micrometer.", id.getType())
                : id;
    }

    private void bindJvm() {
        collections.bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            FunctionCounter.builder("process.cpu", system, bean -> bean.getProcessCpuTime() / NANOS_PER_SECOND)
                    .description("Processor time that this process has taken.")
                    .baseUnit("seconds")
                    .register(registry);
        }
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        if (ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider allocator) {
            new NettyAllocatorMetrics(allocator).bindTo(registry);
        }
    }

    /** Brings up to date what has tags that come and go. */
    private void refresh() {
        sumUp();
        RoutingTable now = counted.table();
        long nowNanos = counted.nowNanos();
        List<Row<?>> configured = new ArrayList<>();
        counted.limits().forEach((setting, limit) -> configured.add(Row.of(Tags.of("setting", setting), limit)));
        limits.register(configured, true);
        List<Row<?>> states = new ArrayList<>();
        for (WriteGate state : WriteGate.values()) {
            states.add(Row.of(Tags.of("state", state.name().toLowerCase(Locale.ROOT)), state == now.writes() ? 1 : 0));
        }
        gate.register(states, true);
        loopClients.register(clientsOfLoops(), true);
        asOfAge.register(rows(now, replica -> seconds(Metrics.asOfAgeNanos(replica, nowNanos))), true);
        eligible.register(rows(now, replica -> replica.health() == RouteReason.ELIGIBLE ? 1.0 : 0.0), true);
        List<Row<?>> links = new ArrayList<>();
        counted.control()
                .sentinels()
                .forEach((sentinel, up) -> links.add(Row.of(Tags.of("sentinel", sentinel.toString()), up ? 1 : 0)));
        sentinels.register(links, true);
        refreshFailovers();
        warnings.register(warningsStanding(), true);
        refreshTls();
    }

    private void refreshTls() {
        List<Row<?>> expiries = new ArrayList<>();
        counted.tls()
                .certificates()
                .forEach((setting, notAfter) ->
                        expiries.add(Row.of(Tags.of("setting", setting), notAfter.getEpochSecond())));
        certificates.register(expiries, true);
        counted.tls().handshakes().forEach((ended, count) -> {
            if (handshakes.add(ended)) {
                Tags tags = Tags.of("peer", ended.peer(), "outcome", ended.outcome());
                counter(Meter.TLS_HANDSHAKES, tags, metrics -> count.get());
            }
        });
    }

    private void refreshFailovers() {
        counted.control().failovers().forEach((ending, ended) -> {
            if (failovers.add(ending)) {
                Tags tags = Tags.of("kind", ending.kind(), "outcome", ending.outcome());
                counter(Meter.FAILOVERS, tags, metrics -> ended.count.get());
                counter(Meter.FAILOVER_PAUSE, tags, metrics -> ended.pauseNanos.get() / NANOS_PER_SECOND);
            }
        });
        counted.control().switchovers().forEach((outcome, count) -> {
            if (failovers.add(List.of(Meter.SWITCHOVERS, outcome))) {
                counter(Meter.SWITCHOVERS, Tags.of("outcome", outcome), metrics -> count.get());
            }
        });
        counted.control().writesAtRisk().forEach((bound, count) -> {
            if (failovers.add(bound)) {
                counter(Meter.WRITES_AT_RISK, Tags.of("bound", bound), metrics -> count.get());
            }
        });
        List<Row<?>> rows = new ArrayList<>();
        counted.control()
                .phases()
                .forEach((phase, nanos) -> rows.add(Row.of(Tags.of("phase", phase), nanos / NANOS_PER_SECOND)));
        phases.register(rows, true);
    }

    private List<Row<?>> warningsStanding() {
        List<Row<?>> rows = new ArrayList<>();
        for (WarningKind kind : WarningKind.values()) {
            if (kind.stands()) {
                rows.add(Row.of(Tags.of("kind", kind.label()), counted.control().standing(kind)));
            }
        }
        return rows;
    }

    private void sumUp() {
        // Emptied of their values but not of their keys: a key that is there has its meter.
        routes.replaceAll((route, count) -> 0L);
        errors.replaceAll((label, count) -> 0L);
        refusals.replaceAll((label, count) -> 0L);
        for (LoopStats loop : counted.loops()) {
            loop.nodes().eachRoute((node, reason, count) -> {
                Route route = new Route(node, reason);
                if (routes.put(route, routes.getOrDefault(route, 0L) + count) == null) {
                    counter(Meter.ROUTED, route.tags(), metrics -> routes.getOrDefault(route, 0L));
                }
            });
            sumUp(loop.errors(), Meter.ERRORS, errors);
            sumUp(loop.refusals(), Meter.REFUSALS, refusals);
        }
    }

    private void sumUp(LabelCounters addends, Meter meter, Map<String, Long> sums) {
        addends.each((label, count) -> {
            if (sums.put(label, sums.getOrDefault(label, 0L) + count) == null) {
                counter(meter, Tags.of("error", label), metrics -> sums.getOrDefault(label, 0L));
            }
        });
    }

    private List<Row<?>> clientsOfLoops() {
        List<Row<?>> rows = new ArrayList<>();
        for (LoopStats loop : counted.loops()) {
            rows.add(Row.of(
                    Tags.of("loop", Integer.toString(rows.size())),
                    loop.open(Count.CLIENTS_OPENED, Count.CLIENTS_CLOSED)));
        }
        return rows;
    }

    private static List<Row<?>> rows(RoutingTable table, Function<Replica, Double> value) {
        List<Row<?>> rows = new ArrayList<>();
        for (Replica replica : table.replicas()) {
            rows.add(Row.of(Tags.of("node", replica.node().address().toString()), value.apply(replica)));
        }
        return rows;
    }

    private static double seconds(long nanos) {
        if (nanos == Long.MAX_VALUE) {
            return Double.POSITIVE_INFINITY;
        }
        return nanos == Long.MIN_VALUE ? Double.NEGATIVE_INFINITY : nanos / NANOS_PER_SECOND;
    }

    private void dryRun(String outcome, Count count) {
        counter(Meter.DRY_RUN, Tags.of("outcome", outcome), metrics -> metrics.sum(count));
    }

    private void counter(Meter meter, Count count) {
        counter(meter, Tags.empty(), metrics -> metrics.sum(count));
    }

    private void counter(Meter meter, Tags tags, ToDoubleFunction<Metrics> value) {
        FunctionCounter.builder(meter.micrometerName(), counted, value)
                .description(meter.meaning())
                .baseUnit(baseUnit(meter))
                .tags(tags)
                .register(registry);
    }

    private void gauge(Meter meter, ToDoubleFunction<Metrics> value) {
        Gauge.builder(meter.micrometerName(), counted, value)
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
