package io.tidegate.proxy;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.tidegate.proxy.admin.AdminServer;
import io.tidegate.proxy.admin.AdminSources;
import io.tidegate.proxy.admin.Operations;
import io.tidegate.proxy.admin.Readiness;
import io.tidegate.proxy.answers.LocalCommands;
import io.tidegate.proxy.config.BindAddress;
import io.tidegate.proxy.config.ConfigLoader;
import io.tidegate.proxy.config.ConfigSource;
import io.tidegate.proxy.config.Origin;
import io.tidegate.proxy.config.ReloadPlan;
import io.tidegate.proxy.config.TidegateConfig;
import io.tidegate.proxy.control.ControlPlane;
import io.tidegate.proxy.control.ControlPorts;
import io.tidegate.proxy.control.FailoverFacts;
import io.tidegate.proxy.control.FailoverTimeline;
import io.tidegate.proxy.dispatch.DataPlane;
import io.tidegate.proxy.downstream.Admission;
import io.tidegate.proxy.facade.SentinelPort;
import io.tidegate.proxy.facade.Tier;
import io.tidegate.proxy.loop.Transport;
import io.tidegate.proxy.metrics.BackendView;
import io.tidegate.proxy.metrics.ControlStats;
import io.tidegate.proxy.metrics.Figures;
import io.tidegate.proxy.metrics.Metrics;
import io.tidegate.proxy.metrics.TlsStats;
import io.tidegate.proxy.scripts.ScriptCache;
import io.tidegate.proxy.signals.Facts;
import io.tidegate.proxy.signals.ReloadSignals;
import io.tidegate.proxy.tls.TlsStore;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ProbePacer;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.engine.EngineSettings.Topology;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running proxy: the one place where the parts are made and given to one another. Listeners open at once; requests that
 * come before a primary is found are held, like those of any other moment without one.
 */
public final class Tidegate implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Tidegate.class);

    /** An event loop ends when nothing has happened on it for so long. */
    private static final long LOOP_QUIET_MILLIS = 50;

    private static final long LOOP_END_MILLIS_MAX = 2_000;

    /** What is in use; replaced by reloads. */
    private volatile TidegateConfig config;

    private final Clock clock = Clock.start();
    private final ControlStats controlStats = new ControlStats();
    private final TlsStore tls;
    private final BackendView backend;
    private final Metrics metrics;
    private final Readiness readiness;
    private final EventLoopGroup loops;
    private final ControlPlane control;
    private final DataPlane plane;
    private final ScriptCache scripts;
    private final @Nullable Reloads reloads;
    private final int loopCount;
    /** Replaced by reloads. */
    private volatile ProbePacer pacer;

    private final EnoughReplicas enoughReplicas;
    private final Listeners listeners;
    private final Admission admission;
    private final @Nullable AdminServer admin;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final @Nullable SentinelPort sentinelPort;
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile boolean draining;
    private volatile Runnable whenToldToEnd = () -> {};
    private volatile Consumer<TidegateConfig.Log> logging = log -> {};
    /** Of what is in use; nothing where it came from nowhere. Replaced by reloads. */
    private volatile List<Origin> origins;

    /** Without a source it stays as it is begun. */
    private Tidegate(TidegateConfig config, ConfigLoader.@Nullable Loaded loaded, @Nullable ConfigSource source)
            throws IOException {
        this.config = config;
        this.origins = loaded == null ? List.of() : loaded.origins();
        Transport transport = transport(config);
        TlsStats tlsStats = new TlsStats();
        tls = TlsStore.open(config, tlsStats, clock); // before there is anything to close if a file is wrong
        loopCount = config.eventLoops() > 0
                ? config.eventLoops()
                : Runtime.getRuntime().availableProcessors();
        log.info("{} event loops on {}", loopCount, transport);
        pacer = pacer(config);
        loops = transport.newGroup(loopCount, "tidegate-data");
        enoughReplicas = new EnoughReplicas(config.listeners(), log::warn);
        backend = config.metricsBackend() ? BackendView.on() : BackendView.off();
        metrics = new Metrics(
                this::table, clock::nowNanos, controlStats, LayerSettings.gaugeLimits(config), backend, tlsStats);
        readiness = new Readiness(config.ready(), config.hold().nanosMax(), clock.nowNanos());
        FailoverAccounts accounts = new FailoverAccounts(metrics, controlStats);
        control = new ControlPlane(
                LayerSettings.engine(config, config.activeFence()),
                config.upstream(),
                tls.upstream(),
                clock,
                new ControlPorts(
                        this::publish,
                        commands -> plane().publishCommands(commands),
                        controlStats::heard,
                        () -> plane().demand(pacer, clock.nowNanos()),
                        accounts,
                        accounts::ended,
                        metrics::clientBytes,
                        backend));
        controlStats.probeRounds(control::probeRounds);
        SwitchoverFigures.count(control, controlStats);
        scripts = new ScriptCache(config.scripts().bytesMax(), config.scripts().countMax(), metrics.scripts());
        reloads = loaded == null || source == null
                ? null
                : new Reloads(loaded, source, this::apply, metrics.config(), clock);
        plane = new DataPlane(
                loops,
                transport,
                clock,
                LayerSettings.loop(config, loopCount, tls.upstream().nodes()),
                control,
                reloads == null ? ReloadSignals.NONE : reloads,
                this::failoverFacts,
                controlStats::warnings,
                scripts,
                metrics::totals,
                metrics::newLoop,
                LocalCommands::new,
                new SecureRandom().nextLong());
        admission = new Admission(LayerSettings.admission(config), metrics.doors(), clock);
        listeners = new Listeners(loops, transport, plane, admission, tls, clock);
        try {
            control.start(); // it takes longest until somebody can be served, and need not wait for the ports
            listeners.open(config);
            sentinelPort = sentinelPort(transport);
            BindAddress adminAddress = config.admin();
            admin = adminAddress == null
                    ? null
                    : AdminServer.start(adminAddress, config.reusePort(), tls::admin, adminSources());
        } catch (IOException e) {
            closeDataPlane();
            throw e;
        }
    }

    /**
     * Starts a proxy.
     *
     * @throws IOException naming the address, if one cannot be bound; nothing is left running then
     */
    public static Tidegate start(TidegateConfig config) throws IOException {
        return new Tidegate(config, null, null);
    }

    /**
     * Starts a proxy that reads its configuration again when it is told to.
     *
     * @throws IOException naming the address, if one cannot be bound; nothing is left running then
     */
    public static Tidegate start(ConfigLoader.Loaded loaded, ConfigSource source) throws IOException {
        return new Tidegate(loaded.config(), loaded, source);
    }

    /** The process was sent SIGHUP: the configuration is read again. Returns at once. */
    public void hangUp() {
        if (reloads != null) {
            reloads.hangUp();
        }
    }

    /** How long {@link #drain} may take. */
    public Duration drainMax() {
        TidegateConfig.Drain drain = config.drain();
        return Duration.ofNanos(drain.delayNanos() + drain.nanosMax());
    }

    /** The listeners, with the ports that the kernel chose where the configuration said 0. */
    public List<TidegateConfig.Listener> listeners() {
        return listeners.bound();
    }

    /** Null if there is no admin port. */
    public @Nullable BindAddress adminAddress() {
        return admin == null ? null : admin.address();
    }

    /** Null if there is no port that answers as a sentinel. */
    public @Nullable InetSocketAddress sentinelPortAddress() {
        return sentinelPort == null ? null : sentinelPort.address();
    }

    public RoutingTable table() {
        return plane().table();
    }

    /** Whether each known sentinel answers; before the first one has, those of the configuration are known. */
    public Map<NodeAddress, Boolean> sentinels() {
        Map<NodeAddress, Boolean> heardOf = controlStats.sentinels();
        return heardOf.isEmpty() && config.upstream().topology() instanceof Topology.Sentinel sentinel
                ? sentinel.sentinels().stream()
                        .distinct()
                        .collect(Collectors.toMap(address -> address, address -> false))
                : heardOf;
    }

    public Figures figures() {
        return metrics.figures();
    }

    public FailoverTimeline timeline() {
        return control.timeline();
    }

    public Clock clock() {
        return clock;
    }

    /**
     * Lets clients go without an error: not ready from now on, though serving for {@code drain.delay} as before, and then
     * nobody is let in, and every connection ends where nothing of it is under way, within {@code drain.time-max}.
     */
    public void drain() throws InterruptedException {
        draining = true;
        if (admin != null && config.reusePort()) {
            admin.leave(); // who asks whether this address is ready means the next proxy there
        }
        stopReloading();
        TidegateConfig.Drain limits = config.drain();
        log.info("draining: not ready any more, {} clients", plane.clientCount());
        boolean closed = closing.await(limits.delayNanos(), TimeUnit.NANOSECONDS);
        if (closed) {
            return;
        }
        stopListening();
        long begunNanos = clock.nowNanos();
        int left = plane.drain(limits.nanosMax());
        log.info(
                "drained for {} ms: {}",
                TimeUnit.NANOSECONDS.toMillis(clock.nowNanos() - begunNanos),
                left == 0 ? "all clients have ended" : left + " clients had not ended what they began");
    }

    /** What to do when an operator says, on the admin port, that this process is to let its clients go and end. */
    public void whenToldToEnd(Runnable work) {
        whenToldToEnd = work;
    }

    /** What to do when a reload has found that the log is to be another. */
    public void logsBy(Consumer<TidegateConfig.Log> setUp) {
        logging = setUp;
    }

    private static ProbePacer pacer(TidegateConfig config) {
        return new ProbePacer(config.reads().lagNanosMax(), config.reads().silenceNanosMax());
    }

    private List<Facts> configuration() {
        return origins.stream()
                .map(origin -> new Facts()
                        .add("setting", origin.path())
                        .add("value", origin.value())
                        .add("from", origin.from())
                        .add("waiting", origin.waiting()))
                .toList();
    }

    /** Closes listeners, sessions and connections, in this order; returns when all threads of the proxy have ended. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        closing.countDown();
        stopReloading();
        if (admin != null) {
            admin.close();
        }
        closeDataPlane();
    }

    /** From one moment on, for each thread at its own; on that of the reloads. */
    private void apply(ReloadPlan plan) throws IOException {
        TidegateConfig next = plan.next().config();
        Listeners.Next opened = listeners.prepare(next, plan.kept()); // all that can go wrong
        TidegateConfig before = config;
        config = next;
        plane.reconfigure(LayerSettings.loop(next, loopCount, tls.upstream().nodes()));
        tls.upstream().handshakeNanosMax(next.upstream().connectNanosMax());
        pacer = pacer(next);
        control.reconfigure(LayerSettings.engine(next, next.activeFence()), next.upstream());
        scripts.limits(next.scripts().bytesMax(), next.scripts().countMax());
        if (!next.log().equals(before.log())) {
            logging.accept(next.log());
        }
        readiness.policy(next.ready(), next.hold().nanosMax());
        backend.turn(next.metricsBackend());
        metrics.limits(LayerSettings.gaugeLimits(next));
        origins = plan.next().origins();
        admission.limits(LayerSettings.admission(next));
        enoughReplicas.listeners(next.listeners());
        listeners.take(opened, next.drain().nanosMax());
    }

    private void stopReloading() {
        if (reloads != null) {
            reloads.close();
        }
    }

    private void stopListening() {
        listeners.close();
        if (sentinelPort != null) {
            sentinelPort.close();
        }
    }

    private void closeDataPlane() {
        stopListening();
        control.close();
        plane.close();
        // With io_uring a channel has closed only when the kernel has said so: a loop that ended at once would complain
        // of it.
        loops.shutdownGracefully(LOOP_QUIET_MILLIS, LOOP_END_MILLIS_MAX, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly();
        metrics.close();
        tls.close();
    }

    private void publish(RoutingTable table) {
        plane().publish(table);
        readiness.published(table, clock.nowNanos());
        enoughReplicas.look(table);
    }

    /** The control plane is made before the data plane and publishes only after it was started. */
    private DataPlane plane() {
        return plane;
    }

    private static Transport transport(TidegateConfig config) throws IOException {
        if (config.transport() == TidegateConfig.Transport.AUTO) {
            return Transport.best();
        }
        Transport wanted = Transport.valueOf(config.transport().name());
        Throwable unavailable = wanted.unavailabilityCause();
        if (unavailable != null) {
            throw new IOException(
                    "transport " + wanted + " cannot be used here: " + unavailable.getMessage(), unavailable);
        }
        return wanted;
    }

    private @Nullable SentinelPort sentinelPort(Transport transport) throws IOException {
        TidegateConfig.SentinelPort wanted = config.sentinelPort();
        if (wanted == null) {
            return null;
        }
        Tier tier = new Tier(
                wanted.name(),
                local -> wanted.announce().isEmpty() ? List.of(firstListener(local)) : wanted.announce(),
                () -> table().epoch());
        return SentinelPort.open(
                loops,
                transport,
                wanted.address().socketAddress(),
                tier,
                tls::sentinelPort,
                () -> LayerSettings.patience(config),
                metrics.sentinelPortClients(),
                config.reusePort());
    }

    /** Where a client reaches it that has come to this local address. */
    private NodeAddress firstListener(InetSocketAddress local) {
        InetSocketAddress first = listeners.firstAddress();
        InetAddress host = first.getAddress().isAnyLocalAddress() ? local.getAddress() : first.getAddress();
        return new NodeAddress(host.getHostAddress(), first.getPort());
    }

    private AdminSources adminSources() {
        return new AdminSources(
                metrics::scrape,
                this::table,
                clock::nowNanos,
                this::listeners,
                () -> draining,
                this::sentinels,
                this::failoverFacts,
                controlStats::warnings,
                control::alive,
                readiness,
                control::freshnessWanted,
                Map.of(
                        "/slowlog",
                        (keys, told) -> told.accept(plane.slowLog(Integer.MAX_VALUE, keys)),
                        "/hotkeys",
                        (keys, told) -> told.accept(plane.hotKeys(keys)),
                        "/bigreplies",
                        (keys, told) -> told.accept(plane.bigReplies(keys)),
                        "/sessions",
                        (keys, told) -> plane.sessions(told),
                        "/config",
                        (keys, told) -> told.accept(configuration())),
                plane::explain,
                new Operations(
                        () -> config.adminToken(),
                        control.switchover(),
                        control::fenceAsked,
                        () -> whenToldToEnd.run()),
                threads());
    }

    /** Those without which nobody is served. */
    private Map<String, Executor> threads() {
        Map<String, Executor> threads = new LinkedHashMap<>();
        threads.put("control loop", control.thread());
        int number = 0;
        for (EventExecutor loop : loops) {
            threads.put("event loop " + number++, loop);
        }
        return threads;
    }

    private List<Facts> failoverFacts() {
        long nowNanos = clock.nowNanos();
        return timeline().failovers().stream()
                .map(failover -> FailoverFacts.of(failover, nowNanos))
                .toList();
    }
}
