package io.tidegate.proxy.downstream;

import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import io.tidegate.protocol.Limits;
import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.Clock;
import io.tidegate.proxy.answers.LocalCommands;
import io.tidegate.proxy.dispatch.Answerer;
import io.tidegate.proxy.dispatch.DataLoop;
import io.tidegate.proxy.dispatch.DataPlane;
import io.tidegate.proxy.dispatch.DispatchSettings;
import io.tidegate.proxy.dispatch.DispatchSettings.SlowLogSettings;
import io.tidegate.proxy.dispatch.LoopSettings;
import io.tidegate.proxy.dispatch.Profile;
import io.tidegate.proxy.dispatch.SubscriberLimits;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.proxy.loop.Patience;
import io.tidegate.proxy.loop.Transport;
import io.tidegate.proxy.metrics.BackendView;
import io.tidegate.proxy.metrics.ControlStats;
import io.tidegate.proxy.metrics.Metrics;
import io.tidegate.proxy.metrics.TlsStats;
import io.tidegate.proxy.scripts.ScriptCache;
import io.tidegate.proxy.signals.ControlSignals;
import io.tidegate.proxy.signals.OperatorAnswer;
import io.tidegate.proxy.signals.ReloadSignals;
import io.tidegate.proxy.tls.Door;
import io.tidegate.proxy.tls.TlsClient;
import io.tidegate.proxy.tls.TlsStore;
import io.tidegate.proxy.upstream.Identity;
import io.tidegate.proxy.upstream.UpstreamSettings;
import io.tidegate.routing.CausalScope;
import io.tidegate.routing.Durability;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RouterSettings;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.command.CommandTable;
import io.tidegate.routing.engine.Acknowledged;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The real data plane in front of real servers, with routing tables made by the test instead of a control plane: what
 * the proxy does with a table is tested here, who makes the tables elsewhere.
 */
final class HandFedProxy implements AutoCloseable {
    private static final long SECOND_NANOS = 1_000_000_000L;

    final Clock clock = Clock.start();
    final AtomicLong evidenceWantedNanos = new AtomicLong(Instants.UNKNOWN);
    final AtomicLong replicationWantedNanos = new AtomicLong(Instants.UNKNOWN);
    final AtomicLong inheritanceWantedNanos = new AtomicLong(Instants.UNKNOWN);
    /** By whom somebody waits to be refused. */
    final Queue<NodeAddress> refusalsWanted = new ConcurrentLinkedQueue<>();
    /** What was said against a primary. */
    final Queue<String> suspicions = new ConcurrentLinkedQueue<>();
    /** Whether the next signal is to fail, as nothing that is called ever should. */
    final AtomicBoolean signalFails = new AtomicBoolean();

    final DataPlane plane;
    private final Metrics metrics =
            new Metrics(this::table, clock::nowNanos, new ControlStats(), Map.of(), BackendView.off(), new TlsStats());
    final Admission admission;
    private final Door door;
    private final Transport transport;
    private final EventLoopGroup group;
    private final List<Listener> listeners = new ArrayList<>();
    private final List<RedisProcess> known = new ArrayList<>();
    private long generation;

    HandFedProxy() {
        this(new Options());
    }

    HandFedProxy(Duration holdMax, Duration parkMax, long queryBytesMax) {
        this(Options.with(options -> {
            options.holdMax = holdMax;
            options.parkMax = parkMax;
            options.queryBytesMax = queryBytesMax;
        }));
    }

    HandFedProxy(Options options) {
        admission = new Admission(options.admission, metrics.doors(), clock);
        door = options.door;
        transport = options.transport;
        group = transport.newGroup(options.loops, "test-data");
        plane = new DataPlane(
                group,
                transport,
                clock,
                new LoopSettings(
                        new DispatchSettings(
                                Limits.redisDefaults(),
                                options.inFlightMax,
                                options.queryBytesMax,
                                options.uploadBytesMin,
                                options.outputBytesHigh,
                                options.outputBytesMax,
                                options.subscriberLimits,
                                options.patience,
                                options.holdMax.toNanos(),
                                options.heldSessionsMax,
                                16 << 20,
                                options.drainPerSecond,
                                options.dryRun,
                                options.parkMax.toNanos(),
                                100,
                                options.parkedBytesMax,
                                options.settleMax.toNanos(),
                                options.silenceMax.toNanos(),
                                options.passthrough,
                                options.cluster,
                                options.clusterHost,
                                options.slowLog,
                                options.sampleEvery,
                                Set.of()),
                        new UpstreamSettings(
                                options.service,
                                Limits.redisDefaults(),
                                options.connectMax.toNanos(),
                                options.replyMax.toNanos(),
                                options.holdMax.toNanos(),
                                4 << 20,
                                4,
                                options.connectionsMax,
                                options.attemptsMax,
                                options.nodes),
                        new RouterSettings(10 * SECOND_NANOS, 2_000_000, 64, options.spillMax)),
                new Signals(),
                ReloadSignals.NONE,
                List::of,
                List::of,
                new ScriptCache(options.scriptBytesMax, options.scriptsMax, metrics.scripts()),
                metrics::totals,
                metrics::newLoop,
                options.answerers,
                1);
        // As a server with nothing renamed has it told: see RenamedIT for others.
        plane.publishCommands(CommandTable.builtin().withServerFacts(List.of(), true));
    }

    /** What a test wants otherwise than usual, which is that nothing ends because the machine stood still for a while. */
    static final class Options {
        Transport transport = Transport.best();
        int loops = 1;
        Admission.Limits admission = new Admission.Limits(2_000, 0);
        Duration holdMax = Duration.ofSeconds(30);
        int heldSessionsMax = 100;
        int drainPerSecond = 10_000;
        boolean dryRun;
        Duration parkMax = Duration.ofSeconds(30);
        long queryBytesMax = 1 << 30;
        long uploadBytesMin = 1 << 20;
        long outputBytesHigh = 1 << 20;
        long outputBytesMax = 64 << 20;
        SubscriberLimits subscriberLimits = SubscriberLimits.REDIS_DEFAULTS;
        Patience patience = Patience.ENDLESS;
        long parkedBytesMax = 16 << 20;
        Duration settleMax = Duration.ofMillis(2);
        Duration silenceMax = Duration.ofSeconds(2);
        Duration connectMax = Duration.ofSeconds(10);
        Duration replyMax = Duration.ofSeconds(30);
        int connectionsMax = 1_000;
        int attemptsMax = 16;
        int inFlightMax = 1_024;
        int spillMax = 1_000;
        boolean passthrough;
        boolean cluster;
        String clusterHost = "";
        int sampleEvery = 64;
        SlowLogSettings slowLog = new SlowLogSettings(10_000_000, 128);
        long scriptBytesMax = 1 << 20;
        int scriptsMax = 100;
        Function<DataLoop, Answerer> answerers = LocalCommands::new;
        Identity service = Identity.SERVICE;
        /** How clients come in. */
        Door door = TlsStore.plaintext();
        /** How nodes are spoken to; null = in plaintext. */
        @Nullable TlsClient nodes;

        static Options with(Consumer<Options> change) {
            Options options = new Options();
            change.accept(options);
            return options;
        }
    }

    private final class Signals implements ControlSignals {
        @Override
        public void evidenceWanted(long readNanos) {
            if (signalFails.compareAndSet(true, false)) {
                throw new AssertionError("a failure that a test asked for");
            }
            evidenceWantedNanos.accumulateAndGet(readNanos, Math::max);
        }

        @Override
        public void freshnessWanted(long asOfNanos) {
            // The test publishes tables when it wants to.
        }

        @Override
        public void replicationWanted(long readNanos) {
            replicationWantedNanos.set(readNanos);
        }

        @Override
        public void inheritanceWanted(long readNanos) {
            inheritanceWantedNanos.set(readNanos);
        }

        @Override
        public void refusalWanted(NodeAddress replaced) {
            refusalsWanted.add(replaced);
        }

        @Override
        public void suspect(NodeAddress node, long epoch, String evidence) {
            suspicions.add(evidence);
        }

        @Override
        public void fenceAsked(@Nullable NodeAddress release, Consumer<OperatorAnswer> answer) {
            answer.accept(new OperatorAnswer(release == null, List.of("asked about " + release)));
        }
    }

    private RoutingTable table() {
        return plane.table();
    }

    /** The value of the counter with this name, and its labels if it has some. */
    long counted(String name) {
        return metrics.scrape()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no counter " + name));
    }

    /** The writes that were counted under the claim of this epoch. */
    Acknowledged.Writes written(long epoch) {
        return metrics.writes(epoch);
    }

    /** How many bytes were read of all clients. */
    long received() {
        return counted("tidegate_client_received_bytes_total");
    }

    /**
     * Sends these commands, whose words have blanks between them. Returns when the event loop, of which there is one, has read
     * them and done with them what can be done at once: nothing else of any client may be on its way.
     */
    void send(RedisCommandClient client, String... commands) throws Exception {
        long bytes = received();
        for (String command : commands) {
            String[] words = command.split(" ", -1);
            client.write(words);
            bytes += RawClient.command(words).length();
        }
        awaitReceived(bytes);
    }

    /** Waits until so many bytes were read of all clients, and the event loop has done with them what can be done at once. */
    void awaitReceived(long bytes) throws Exception {
        await().until(() -> received() >= bytes);
        settled();
    }

    /**
     * The reply to this command, which is asked again for as long as it is not executed. Where requests may wait for a short
     * time only, a busy machine may need longer than that to open a connection.
     */
    static RespValue served(RedisCommandClient client, String... command) throws IOException {
        while (true) {
            try {
                return client.command(command);
            } catch (RedisErrorException e) {
                if (!String.valueOf(e.getMessage()).startsWith("NOPRIMARY not executed")) {
                    throw e;
                }
            }
        }
    }

    /** Waits until the event loop is done with what it was told so far. */
    void settled() throws Exception {
        group.iterator().next().submit(() -> {}).get();
    }

    /** Tasks that wait for the event loop. */
    int pendingTasks() {
        return ((SingleThreadEventExecutor) group.iterator().next()).pendingTasks();
    }

    /** Runs {@code work} on the event loop, which does nothing else meanwhile. */
    void onLoop(Runnable work) {
        group.iterator().next().execute(work);
    }

    InetSocketAddress listen(ReadLevel level) throws IOException {
        return listen(new Profile(level, Durability.ACKNOWLEDGED, user -> new CausalScope()));
    }

    InetSocketAddress listen(Profile profile) throws IOException {
        return listen(profile, false);
    }

    /** For a load balancer. */
    InetSocketAddress listenForBalancer() throws IOException {
        return listen(new Profile(ReadLevel.SESSION, Durability.ACKNOWLEDGED, user -> new CausalScope()), true);
    }

    private InetSocketAddress listen(Profile profile, boolean proxyHeader) throws IOException {
        Listener listener = Listener.open(
                group,
                transport,
                plane,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new Listener.Terms(profile, door, proxyHeader),
                admission,
                false);
        listener.accept();
        listeners.add(listener);
        return listener.address();
    }

    RedisCommandClient connect(ReadLevel level) throws IOException {
        return RedisCommandClient.connect(listen(level), Duration.ofSeconds(45));
    }

    /** A table with this primary, its gate open and its word believed for ever, and no replicas. */
    void primary(long epoch, RedisProcess primary) throws IOException {
        table(epoch, primary, WriteGate.OPEN, Instants.FOREVER, List.of());
    }

    void table(long epoch, RedisProcess primary, WriteGate gate, long evidenceNanos, List<Replica> replicas)
            throws IOException {
        plane.publish(new RoutingTable(++generation, epoch, node(primary), gate, evidenceNanos, replicas, false));
    }

    /** The node behind a process, with the run id that it has now. */
    Node node(RedisProcess process) throws IOException {
        if (!known.contains(process)) {
            known.add(process);
        }
        try (RedisCommandClient client = process.connect()) {
            return new Node(
                    known.indexOf(process),
                    new NodeAddress("127.0.0.1", process.port()),
                    client.info("server").getOrDefault("run_id", ""),
                    true);
        }
    }

    Replica fresh(RedisProcess replica) throws IOException {
        return new Replica(node(replica), Instants.FOREVER - 1, RouteReason.ELIGIBLE);
    }

    /** Of one that has said that it follows this server. */
    Replica fresh(RedisProcess replica, RedisProcess followed) throws IOException {
        NodeAddress follows = new NodeAddress("127.0.0.1", followed.port());
        return new Replica(node(replica), Instants.FOREVER - 1, RouteReason.ELIGIBLE, true, false, follows, 0);
    }

    static LocalRedis servers(int replicas) {
        return LocalRedis.builder().replicas(replicas).sentinels(0).start();
    }

    @Override
    public void close() {
        for (Listener listener : listeners) {
            listener.close();
        }
        plane.close();
        metrics.close();
        group.shutdownGracefully(0, 1_000, java.util.concurrent.TimeUnit.MILLISECONDS)
                .syncUninterruptibly();
    }
}
