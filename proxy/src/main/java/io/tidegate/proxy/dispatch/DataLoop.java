package io.tidegate.proxy.dispatch;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.proxy.Clock;
import io.tidegate.proxy.loop.FlushBatch;
import io.tidegate.proxy.loop.Patience;
import io.tidegate.proxy.loop.ReceiveBuffers;
import io.tidegate.proxy.metrics.LoopStats;
import io.tidegate.proxy.signals.ControlSignals;
import io.tidegate.proxy.upstream.Run;
import io.tidegate.proxy.upstream.RunPool;
import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.proxy.upstream.Upstreams;
import io.tidegate.routing.Instants;
import io.tidegate.routing.Router;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Successor;
import io.tidegate.routing.command.CommandTable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One event loop with all that belongs to it: its sessions, their waiting and parked ones, its upstream connections, its
 * router, its counters. Nothing of it is touched by another thread but {@link #waits} and the tables, which are volatile.
 */
public final class DataLoop {
    private static final long HOUSEKEEPING_MILLIS = 1_000;

    /** What a replaced primary answers anyway it answers by then. */
    private static final long REFUSAL_MILLIS = 300;

    private final DataPlane plane;
    private final EventLoop eventLoop;
    private final Upstreams upstreams;
    private final Router router;
    private final FlushBatch flushes;
    private final ReceiveBuffers receives;
    private final LoopStats stats;
    private final RunPool runs;
    private final ReadDemand demand = new ReadDemand();
    private final Set<Session> sessions = new HashSet<>();
    private final Set<Relay> relays = new HashSet<>();
    private final SlowCommands slowCommands;
    private final HotKeys hotKeys;
    private final Waiting waiting;
    private final DryRun dryRun;
    private final Pause pause = new Pause(this);
    private final Parking parking = new Parking(this);
    private final Drain drain = new Drain(this);
    private final Sweep sweep = new Sweep(this);
    private final Rewinds rewinds;
    private final OverdueReads overdueReads;
    private final Scripts scripts;
    private final Subscriptions subscriptions = new Subscriptions(this);
    private final ClientFigures figures;
    private final Inquiries inquiries;
    private final Standing standing;
    private final Dispatcher dispatcher;
    private final Explain explain = new Explain(this);
    private final HouseKeeping houseKeeping;
    private final ScheduledFuture<?> houseKeepingTimer;

    /** Read at each command, hence of this thread alone. */
    private DispatchSettings settings;

    private long houseKeepingDueNanos;

    /**
     * Whether sessions of this loop wait for what a table may bring; the publisher leaves the loop alone otherwise. A table
     * that comes between a session's look at the old one and this mark is found by the tick of those who wait.
     */
    private volatile boolean waits;

    /** The node and the claim to come that connections were opened for last. */
    private @Nullable Node prepared;

    private long preparedEpoch = RoutingTable.NO_EPOCH;

    /** Whether it will be looked whether refusals are still awaited. */
    private boolean reminding;

    /** The table by which the session is dispatched whose turn it is; null while there is none. */
    private @Nullable RoutingTable dispatchedBy;

    /** Whether the loop is to look at the table already: however many come before it does, it looks at the last. */
    private final AtomicBoolean tablePending = new AtomicBoolean();

    DataLoop(
            DataPlane plane,
            EventLoop eventLoop,
            DispatchSettings settings,
            Upstreams upstreams,
            Router router,
            FlushBatch flushes,
            ReceiveBuffers receives,
            RunPool runs,
            LoopStats stats,
            Function<DataLoop, Answerer> answerers,
            long seed) {
        this.plane = plane;
        this.eventLoop = eventLoop;
        this.settings = settings;
        this.upstreams = upstreams;
        this.router = router;
        this.flushes = flushes;
        this.receives = receives;
        this.runs = runs;
        this.stats = stats;
        CommandAt commandAt = new CommandAt(this);
        this.slowCommands =
                new SlowCommands(plane.slowLog(), commandAt, settings().slowLog());
        this.hotKeys = new HotKeys(commandAt, settings().sampleEvery(), seed);
        this.waiting = new Waiting(this);
        this.dryRun = new DryRun(this);
        this.rewinds = new Rewinds(this);
        this.overdueReads = new OverdueReads(this);
        this.scripts = new Scripts(this, plane.scripts());
        this.figures = new ClientFigures(this);
        this.inquiries = new Inquiries(this);
        this.standing = new Standing(this, inquiries);
        this.dispatcher = new Dispatcher(this, answerers.apply(this));
        upstreams.watcher(waiting::retryAll);
        houseKeepingDueNanos = nowNanos() + TimeUnit.MILLISECONDS.toNanos(HOUSEKEEPING_MILLIS);
        houseKeeping = partsOfHouseKeeping();
        houseKeepingTimer = eventLoop.scheduleWithFixedDelay(
                this::houseKeep, HOUSEKEEPING_MILLIS, HOUSEKEEPING_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Called by the publisher's thread. {@code structural}: more than freshness and evidence changed. */
    void tableChanged(boolean structural) {
        if ((structural || waits) && tablePending.compareAndSet(false, true)) {
            eventLoop.execute(this::onTable);
        }
    }

    /** Other settings hold from here on; on the loop. */
    void reconfigure(LoopSettings newSettings) {
        DispatchSettings before = settings;
        settings = newSettings.dispatch();
        upstreams.settings(newSettings.upstream());
        router.settings(newSettings.router());
        slowCommands.slowerThan(settings.slowLog());
        if (settings.sampleEvery() != before.sampleEvery()) {
            hotKeys.sampleEvery(settings.sampleEvery());
        }
        waiting.retryAll();
    }

    private HouseKeeping partsOfHouseKeeping() {
        return new HouseKeeping()
                .with("housekeeping of connections", nowNanos -> upstreams.houseKeep())
                .with("housekeeping of subscriptions", subscriptions::houseKeep)
                .with("housekeeping of redirected invalidations", this::houseKeepSinks)
                .with("the look for clients that are late", sweep::look)
                .with("the count of what holding would do", dryRun::expire)
                .with("the aging of hot keys", nowNanos -> hotKeys.tick())
                .with("the look for streams that wait for too long", this::checkRelays);
    }

    private void houseKeep() {
        long nowNanos = nowNanos();
        stats.delayed(nowNanos - houseKeepingDueNanos);
        houseKeepingDueNanos = nowNanos + TimeUnit.MILLISECONDS.toNanos(HOUSEKEEPING_MILLIS);
        houseKeeping.run(nowNanos);
    }

    private void houseKeepSinks(long nowNanos) {
        List<Session> redirectedTo =
                sessions.stream().filter(session -> session.sink != null).toList();
        for (Session session : redirectedTo) {
            TrackingSink sink = session.sink;
            if (sink != null) {
                session.guarded(() -> sink.houseKeep(nowNanos));
            }
        }
    }

    private void checkRelays(long nowNanos) {
        for (Relay relay : List.copyOf(relays)) {
            relay.checkTime(nowNanos);
        }
    }

    private void onTable() {
        tablePending.set(false);
        RoutingTable table = table();
        HouseKeeping.guarded("a new table's look at connections", () -> upstreams.onTable(table));
        HouseKeeping.guarded("the opening of connections to a successor", () -> prepare(table));
        if (table.writes().open()) {
            HouseKeeping.guarded("the count of what holding would do", () -> dryRun.primaryFound(nowNanos()));
        }
        parking.onTable();
        for (Relay relay : List.copyOf(relays)) {
            if (relay.onTable()) {
                relays.remove(relay);
            }
        }
        waiting.retryAll();
        waits = waiting.size() > 0 || parking.size() > 0 || !relays.isEmpty() || refusalsAwaited();
    }

    /** Whether somebody waits for what a replaced primary may refuse; then the control plane is told if that takes long. */
    private boolean refusalsAwaited() {
        boolean awaited = upstreams.refuser() != null;
        if (awaited && !reminding) {
            reminding = true;
            eventLoop.schedule(this::remindOfRefusals, REFUSAL_MILLIS, TimeUnit.MILLISECONDS);
        }
        return awaited;
    }

    private void remindOfRefusals() {
        reminding = false;
        Node replaced = upstreams.refuser();
        if (replaced != null) {
            signals().refusalWanted(replaced.address());
            refusalsAwaited();
        }
    }

    /** Writes may soon go to another node: no first one shall wait for a handshake, so all that is wanted is opened now. */
    private void prepare(RoutingTable table) {
        Successor next = table.successor();
        if (next == null || (next.epoch() == preparedEpoch && next.node().equals(prepared))) {
            return;
        }
        prepared = next.node();
        preparedEpoch = next.epoch();
        for (Session session : List.copyOf(sessions)) {
            if (upstreams.full()) {
                return;
            }
            upstreams.shared(table, next.node(), session.key);
        }
    }

    /**
     * Of {@code run}, which has writes, the replies from the {@code from}-th up to the {@code to}-th, the last of them read
     * at {@code readNanos}, went out. They are counted for what the next failover may cost, under the claim of their
     * connection. If that one is over, and they provably survived it, they are no part of what it cost, nor were they the
     * successor's to acknowledge.
     */
    void told(Run run, UpstreamConnection connection, int from, int to, long readNanos) {
        long epoch = connection.epoch();
        RoutingTable table = table();
        if (epoch != table.epoch()
                && table.fork().keeps(epoch, connection.node().runId(), readNanos)) {
            return;
        }
        boolean first = stats.writesTold(
                epoch, run.writesAtLeast(to) - run.writesAtLeast(from), run.writesAtMost(to) - run.writesAtMost(from));
        if (first) {
            stats.firstWriteTold(epoch, nowNanos());
        }
    }

    /**
     * Reads were sent to a replica: how old is counted that what they find may be, by the table as it is now, for what that
     * says was proven before they are executed.
     */
    void noteStaleness(Session session, Run run, UpstreamConnection connection) {
        if (run.read() && !connection.greeting().primary()) {
            long asOfNanos = table().asOfNanos(connection.nodeId());
            if (asOfNanos != Instants.UNKNOWN) {
                stats.readStale(session.level.kind(), connection.node(), run.reads(), session.arrivalNanos - asOfNanos);
            }
        }
    }

    /** Somebody waits for a table from here on. */
    void waitsForTable() {
        waits = true;
    }

    /**
     * Ends every session and connection; on the loop. Tells {@code ended} when all have let go of their buffers: a channel
     * may take a while to close, and hears of its end only as long as its loop turns.
     */
    void close(Promise<Void> ended) {
        houseKeepingTimer.cancel(false);
        closeAll(ended);
    }

    private void closeAll(Promise<Void> ended) {
        if (sessions.isEmpty() && upstreams.size() == 0) {
            receives.close();
            ended.trySuccess(null);
            return;
        }
        for (Session session : List.copyOf(sessions)) {
            session.close();
        }
        // Once more each time: a session that is not closed yet may just have asked for another.
        upstreams.closeAll();
        eventLoop.schedule(() -> closeAll(ended), 1, TimeUnit.MILLISECONDS);
    }

    /** How long a client may take. */
    public Patience patience() {
        return settings().patience();
    }

    /** What the sockets of this loop's clients are read into. */
    public ReceiveBuffers receives() {
        return receives;
    }

    /**
     * The newest, or while a session is dispatched the one that this began with. What a table proves it proves for ever, but
     * what was found in one must not be put together with what another says: a write that is gone for one claim is no reason
     * to send it under the next.
     */
    public RoutingTable table() {
        RoutingTable one = dispatchedBy;
        return one == null ? plane.table() : one;
    }

    /** Does {@link Dispatcher#drain} by one table, however many are published meanwhile. */
    void dispatch(Session session) {
        if (dispatchedBy != null) {
            dispatcher.drain(session);
            return;
        }
        dispatchedBy = plane.table();
        try {
            dispatcher.drain(session);
        } finally {
            dispatchedBy = null;
        }
    }

    CommandTable commands() {
        return plane.commands();
    }

    public DispatchSettings settings() {
        return settings;
    }

    public ControlSignals signals() {
        return plane.signals();
    }

    Clock clock() {
        return plane.clock();
    }

    public long nowNanos() {
        return plane.clock().nowNanos();
    }

    public DataPlane plane() {
        return plane;
    }

    EventLoop eventLoop() {
        return eventLoop;
    }

    public Upstreams upstreams() {
        return upstreams;
    }

    Router router() {
        return router;
    }

    public FlushBatch flushes() {
        return flushes;
    }

    public LoopStats stats() {
        return stats;
    }

    RunPool runs() {
        return runs;
    }

    ReadDemand demand() {
        return demand;
    }

    Set<Session> sessions() {
        return sessions;
    }

    /** Its sessions as they are now; on the loop. */
    public List<Session> allSessions() {
        return List.copyOf(sessions);
    }

    Set<Relay> relays() {
        return relays;
    }

    DryRun dryRun() {
        return dryRun;
    }

    /** Whether what would wait for a primary is counted instead, and answered at once. */
    boolean onlyCounts() {
        return settings.dryRun() && !table().writes().open();
    }

    Drain drain() {
        return drain;
    }

    SlowCommands slowCommands() {
        return slowCommands;
    }

    HotKeys hotKeys() {
        return hotKeys;
    }

    Waiting waiting() {
        return waiting;
    }

    /** How many sessions of this loop wait for a node. */
    public int waitingSessions() {
        return waiting.size();
    }

    public Pause pause() {
        return pause;
    }

    Parking parking() {
        return parking;
    }

    /** How many sessions of this loop have replies that are not yet proven. */
    public int parkedSessions() {
        return parking.size();
    }

    /** Of these replies, so many bytes. */
    public long parkedBytes() {
        return parking.bytes();
    }

    Subscriptions subscriptions() {
        return subscriptions;
    }

    Scripts scripts() {
        return scripts;
    }

    ClientFigures figures() {
        return figures;
    }

    Inquiries inquiries() {
        return inquiries;
    }

    Standing standing() {
        return standing;
    }

    Rewinds rewinds() {
        return rewinds;
    }

    OverdueReads overdueReads() {
        return overdueReads;
    }

    Explain explain() {
        return explain;
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }
}
