package io.tidegate.proxy.dispatch;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import io.tidegate.proxy.Clock;
import io.tidegate.proxy.loop.FewLines;
import io.tidegate.proxy.loop.FlushBatch;
import io.tidegate.proxy.loop.Names;
import io.tidegate.proxy.loop.Origin;
import io.tidegate.proxy.loop.ReceiveBuffers;
import io.tidegate.proxy.loop.Transport;
import io.tidegate.proxy.metrics.LoopStats;
import io.tidegate.proxy.metrics.Metrics;
import io.tidegate.proxy.pubsub.Audience;
import io.tidegate.proxy.scripts.ScriptCache;
import io.tidegate.proxy.signals.ControlSignals;
import io.tidegate.proxy.signals.Facts;
import io.tidegate.proxy.signals.ReloadSignals;
import io.tidegate.proxy.upstream.Dialer;
import io.tidegate.proxy.upstream.OwnCommands;
import io.tidegate.proxy.upstream.RunPool;
import io.tidegate.proxy.upstream.Upstreams;
import io.tidegate.routing.CausalScope;
import io.tidegate.routing.Causality;
import io.tidegate.routing.Durability;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ProbePacer;
import io.tidegate.routing.RandomSource;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.Router;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.command.CommandTable;
import io.tidegate.routing.engine.Notice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All event loops, and the two tables that they share: the routing table and the command table, each behind one
 * volatile, written by the control plane's thread.
 */
public final class DataPlane {
    private static final Logger log = LoggerFactory.getLogger(DataPlane.class);

    /** For channels to end when the proxy does. */
    private static final long CLOSE_MILLIS_MAX = 2_000;

    private final Clock clock;
    private final ControlSignals signals;
    private final ReloadSignals reloads;
    private final Supplier<List<Facts>> failovers;
    private final Supplier<List<Notice.Warning>> warnings;
    private final ScriptCache scripts;
    private final Supplier<Metrics.Totals> totals;
    private final SlowLog slowLog;
    private final DnsAddressResolverGroup names;
    private final List<DataLoop> loops = new ArrayList<>();
    private final Audience audience = new Audience();
    private final FewLines slowSubscribers;
    private final FewLines shortOfMemory;
    private final AtomicInteger blockedClients = new AtomicInteger();
    private final AtomicLong clientIds = new AtomicLong();
    private final Map<Long, Client> clients = new ConcurrentSkipListMap<>();

    private volatile RoutingTable table = RoutingTable.EMPTY;
    private volatile CommandTable commands = CommandTable.builtin();

    /**
     * Its loops are there, and serve whoever connects.
     *
     * @param failovers the last ones, for clients that ask; called on event loops, so it returns at once
     * @param answerers for each loop whoever answers what the proxy answers by itself
     */
    public DataPlane(
            EventLoopGroup group,
            Transport transport,
            Clock clock,
            LoopSettings settings,
            ControlSignals signals,
            ReloadSignals reloads,
            Supplier<List<Facts>> failovers,
            Supplier<List<Notice.Warning>> warnings,
            ScriptCache scripts,
            Supplier<Metrics.Totals> totals,
            Supplier<LoopStats> newStats,
            Function<DataLoop, Answerer> answerers,
            long seed) {
        this.clock = clock;
        this.slowSubscribers = new FewLines(Listening.LOG, "subscribers that do not read", clock);
        this.shortOfMemory = new FewLines(log, "clients that there was no memory for", clock);
        this.signals = signals;
        this.reloads = reloads;
        this.failovers = failovers;
        this.warnings = warnings;
        this.scripts = scripts;
        this.totals = totals;
        this.slowLog = new SlowLog(settings.dispatch().slowLog().entriesMax());
        this.names = Names.group(transport.datagramClass(), transport.socketClass());
        OwnCommands ownCommands = new OwnCommands();
        long loopSeed = seed;
        for (EventExecutor executor : group) {
            EventLoop loop = (EventLoop) executor;
            LoopStats stats = newStats.get();
            for (ErrorReply error : ErrorReply.values()) {
                stats.mayAnswer(error.label());
            }
            FlushBatch flushes = new FlushBatch(loop);
            ReceiveBuffers receives = new ReceiveBuffers();
            RunPool runs = new RunPool();
            Dialer dialer = new Dialer(loop, transport, names, receives);
            Upstreams upstreams = new Upstreams(dialer, clock, settings.upstream(), stats, flushes, runs, ownCommands);
            Router router = new Router(upstreams.loads(), settings.router(), new RandomSource(loopSeed));
            loops.add(new DataLoop(
                    this,
                    loop,
                    settings.dispatch(),
                    upstreams,
                    router,
                    flushes,
                    receives,
                    runs,
                    stats,
                    answerers,
                    loopSeed++));
        }
    }

    /** Takes over a new routing table; called by one thread, the control plane's. */
    public void publish(RoutingTable newTable) {
        RoutingTable old = table;
        table = newTable;
        boolean structural = structurallyDifferent(old, newTable);
        for (DataLoop loop : loops) {
            loop.tableChanged(structural);
        }
    }

    /** More changed than freshness and evidence: connections or waiting sessions may be concerned. */
    private static boolean structurallyDifferent(RoutingTable a, RoutingTable b) {
        if (a.epoch() != b.epoch()
                || a.writes() != b.writes()
                || a.primaryLost() != b.primaryLost()
                || !Objects.equals(a.primary(), b.primary())
                || !Objects.equals(a.successor(), b.successor())
                || a.replicas().size() != b.replicas().size()) {
            return true;
        }
        for (int i = 0; i < a.replicas().size(); i++) {
            Replica before = a.replicas().get(i);
            Replica after = b.replicas().get(i);
            if (!before.node().equals(after.node()) || before.silent() != after.silent()) {
                return true;
            }
        }
        return false;
    }

    public void publishCommands(CommandTable newCommands) {
        commands = newCommands;
    }

    public RoutingTable table() {
        return table;
    }

    public CommandTable commands() {
        return commands;
    }

    public List<DataLoop> loops() {
        return List.copyOf(loops);
    }

    /** Takes over new settings: each loop does when its thread comes to it, between two pieces of work. */
    public void reconfigure(LoopSettings settings) {
        slowLog.resize(settings.dispatch().slowLog().entriesMax());
        for (DataLoop loop : loops) {
            loop.eventLoop().execute(() -> loop.reconfigure(settings));
        }
    }

    /** The loop that owns channels registered with {@code eventLoop}. */
    public DataLoop loopOf(EventLoop eventLoop) {
        for (DataLoop loop : loops) {
            if (loop.eventLoop() == eventLoop) {
                return loop;
            }
        }
        throw new IllegalArgumentException("not an event loop of this data plane: " + eventLoop);
    }

    /**
     * How fresh the replicas should be kept, by what was read of late in any loop.
     *
     * @param pacer knows how often a level wants a probe
     */
    public ProbePacer.Demand demand(ProbePacer pacer, long nowNanos) {
        long interval = Long.MAX_VALUE;
        long last = Instants.UNKNOWN;
        for (DataLoop loop : loops) {
            ReadDemand demand = loop.demand();
            for (ReadLevel.Kind kind : ReadLevel.Kind.values()) {
                long lastOfKind = demand.lastNanos(kind);
                last = Math.max(last, lastOfKind);
                if (lastOfKind != Instants.UNKNOWN && nowNanos - lastOfKind < ProbePacer.IDLE_NANOS) {
                    interval = Math.min(interval, pacer.intervalNanos(demand.level(kind)));
                }
            }
        }
        return new ProbePacer.Demand(interval, interval == Long.MAX_VALUE ? Instants.UNKNOWN : last, false);
    }

    /**
     * Ends sessions where nothing of them is under way, and returns when all have ended or {@code nanosMax} have passed:
     * how many are left then. Whoever calls it has closed the listeners.
     */
    public int drain(long nanosMax) throws InterruptedException {
        long deadlineNanos = clock.nowNanos() + nanosMax;
        List<Promise<Void>> empty = new ArrayList<>();
        for (DataLoop loop : loops) {
            Promise<Void> whenEmpty = loop.eventLoop().newPromise();
            empty.add(whenEmpty);
            loop.eventLoop().execute(() -> loop.drain().begin(whenEmpty));
        }
        for (Promise<Void> each : empty) {
            each.await(Math.max(0, deadlineNanos - clock.nowNanos()), TimeUnit.NANOSECONDS);
        }
        return clients.size();
    }

    /**
     * Ends the sessions that came in by {@code entrance}, where its listener is closed, as {@link #drain} would, and
     * returns at once.
     */
    public void dismiss(Entrance entrance, long nanosMax) {
        entrance.close();
        for (DataLoop loop : loops) {
            loop.eventLoop().execute(() -> loop.drain().dismiss(entrance, nanosMax));
        }
    }

    /** Of all loops. */
    public int clientCount() {
        return clients.size();
    }

    public void close() {
        for (DataLoop loop : loops) {
            Promise<Void> ended = loop.eventLoop().newPromise();
            loop.eventLoop().execute(() -> loop.close(ended));
            ended.awaitUninterruptibly(CLOSE_MILLIS_MAX);
        }
        names.close();
    }

    Client newClient(Channel channel, Profile profile) {
        Client client = new Client(
                clientIds.incrementAndGet(),
                Client.addressOf(Origin.of(channel)),
                Client.addressOf(channel.localAddress()),
                profile,
                clock.nowNanos());
        clients.put(client.id, client);
        return client;
    }

    /** By id; those of all loops. */
    Map<Long, Client> clients() {
        return clients;
    }

    /** The latest commands that were slow, the newest first. */
    public List<Facts> slowLog(int countMax, boolean keys) {
        long nowNanos = clock.nowNanos();
        return slowLog.latest(countMax).stream()
                .map(entry -> entry.facts(nowNanos, keys))
                .toList();
    }

    /** The keys that are used most of late, of a sample of commands, the first of them most. */
    public List<Facts> hotKeys(boolean keys) {
        return KeyTables.used(
                loops.stream().map(loop -> loop.hotKeys().used().snapshot()).toList(), keys);
    }

    /** The keys that brought the most bytes in big replies since the start. */
    public List<Facts> bigReplies(boolean keys) {
        return KeyTables.big(
                loops.stream().map(loop -> loop.hotKeys().big().snapshot()).toList(), keys);
    }

    /**
     * Where a command of a new connection would go, as {@code PROXY EXPLAIN} says it; {@code told} is called on an event
     * loop.
     *
     * @param words at least the name
     */
    public void explain(List<String> words, ReadLevel level, Consumer<List<String>> told) {
        DataLoop loop = loops.get(0);
        loop.eventLoop().execute(() -> {
            Explain.Standpoint standpoint = new Explain.Standpoint(
                    level, Durability.ACKNOWLEDGED, new Causality(new CausalScope()), false, loop.nowNanos());
            told.accept(loop.explain().lines(standpoint, new Explain.Words(words)));
        });
    }

    /** Sessions of all loops, of each those first that have something under way; {@code told} is called on an event loop. */
    public void sessions(Consumer<List<Facts>> told) {
        List<Facts> all = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger left = new AtomicInteger(loops.size());
        for (DataLoop loop : loops) {
            loop.eventLoop().execute(() -> {
                all.addAll(SessionFacts.of(loop.sessions()));
                if (left.decrementAndGet() == 0) {
                    told.accept(List.copyOf(all));
                }
            });
        }
    }

    public SlowLog slowLog() {
        return slowLog;
    }

    public List<Facts> failovers() {
        return failovers.get();
    }

    /** Of all loops: in a command that blocks, or kept by a pause. */
    public int blockedClientCount() {
        return blockedClients.get();
    }

    /** The counter of {@link #blockedClientCount}. */
    AtomicInteger blockedClients() {
        return blockedClients;
    }

    /** Who is subscribed to what, of all loops. */
    Audience audience() {
        return audience;
    }

    /** What is odd about the shard now. */
    public List<Notice.Warning> warnings() {
        return warnings.get();
    }

    /** Of all loops. */
    public Metrics.Totals totals() {
        return totals.get();
    }

    ScriptCache scripts() {
        return scripts;
    }

    ControlSignals signals() {
        return signals;
    }

    public ReloadSignals reloads() {
        return reloads;
    }

    Clock clock() {
        return clock;
    }

    /** Where it is told of them, however many there are. */
    FewLines slowSubscribers() {
        return slowSubscribers;
    }

    /** A failure of ours ends this client's session. For want of memory it ends many. */
    public void failed(Client client, Throwable failure) {
        if (failure instanceof OutOfMemoryError) {
            shortOfMemory.warn(
                    "client {} of {} is disconnected for want of memory: {}",
                    client.id,
                    client.address,
                    String.valueOf(failure.getMessage()));
        } else {
            log.error("client {} of {} is disconnected by a failure of this proxy", client.id, client.address, failure);
        }
    }
}
