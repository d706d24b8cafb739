package io.tidegate.routing.sim;

import static io.tidegate.routing.sim.EventQueue.MILLIS;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RandomSource;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.engine.Action;
import io.tidegate.routing.engine.Event;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A proxy: the real engine with a control plane as thin as the real one should be. It connects, asks, stamps what it hears
 * (a query before it is written, a reply after it was read), and does what the engine wants. The data plane is {@link
 * SimDataPlane}.
 */
final class SimProxy extends SimProcess implements Action.Handler {
    static final long TICK_NANOS = 100 * MILLIS;

    /** So far ahead a lease is used, at the most. */
    private static final int LEASE_TICKS_AHEAD = 2;

    final Truth truth;
    final Invariants invariants;
    final SimNetwork network;
    final SimDataPlane dataPlane;
    final Pace pace;

    private final Engine engine;

    private final Map<NodeAddress, NodeWatch> nodes = new LinkedHashMap<>();
    private final Map<NodeAddress, SentinelWatch> sentinels = new LinkedHashMap<>();

    /** Events on their way to the engine: it is not re-entrant, and doing what it wants makes new ones. */
    private final Deque<Event> events = new ArrayDeque<>();

    private boolean stepping;
    private long links;
    private long releases;
    private RoutingTable table = RoutingTable.EMPTY;

    SimProxy(
            NodeAddress address,
            SimNetwork network,
            RandomSource random,
            Truth truth,
            Invariants invariants,
            Pace pace,
            Engine engine,
            Slip slip,
            boolean strongByReplica) {
        super(address, network.queue());
        this.network = network;
        this.truth = truth;
        this.invariants = invariants;
        this.engine = engine;
        this.pace = pace;
        dataPlane = new SimDataPlane(this, slip, strongByReplica, random);
    }

    void start() {
        stepping = true;
        doAll(engine.start(queue.nowNanos()));
        stepping = false;
        drain();
        later(TICK_NANOS, this::tick);
        later(pace.roundNanos(), this::round);
    }

    @Override
    void woke(long stoppedNanos) {
        if (stoppedNanos > LEASE_TICKS_AHEAD * TICK_NANOS) {
            invariants.woke(this);
        }
    }

    RoutingTable table() {
        return table;
    }

    private void tick() {
        nodes.values().forEach(NodeWatch::giveUpIfSilent);
        sentinels.values().forEach(SentinelWatch::giveUpIfSilent);
        feed(new Event.Tick());
        dataPlane.tick();
        later(TICK_NANOS, this::tick);
    }

    private void round() {
        probe();
        later(pace.roundNanos(), this::round);
    }

    /** Asks the primary, and the replicas upon its answer: asked the other way round they would always be behind. */
    void probe() {
        NodeWatch primary = primaryWatch();
        if (primary != null && primary.connection() != null) {
            primary.askInTurn();
        } else {
            nodes.values().forEach(NodeWatch::askInTurn);
        }
    }

    /** Asks every node that was not asked since, once. */
    void askSince(long nanos) {
        nodes.values().forEach(node -> node.askSince(nanos));
    }

    /** A node told its offset. */
    void sampled(NodeWatch node) {
        if (node == primaryWatch()) {
            nodes.values().stream().filter(other -> other != node).forEach(NodeWatch::askInTurn);
        }
    }

    private @Nullable NodeWatch primaryWatch() {
        RoutingTable.Node primary = table.primary();
        return primary == null ? null : nodes.get(primary.address());
    }

    void feed(Event event) {
        events.add(event);
        drain();
    }

    private void drain() {
        if (stepping) {
            return;
        }
        stepping = true;
        while (!events.isEmpty()) {
            Event event = events.remove();
            PromisesByHand byHand = invariants.byHand(this);
            if (byHand != null) {
                byHand.hears(event);
            }
            doAll(engine.step(event, queue.nowNanos()));
            invariants.stepped(this, event);
        }
        stepping = false;
    }

    private void doAll(List<Action> actions) {
        actions.forEach(action -> action.dispatch(this));
    }

    @Override
    public void on(Action.Publish publish) {
        table = publish.table();
        invariants.published(this, table);
        dataPlane.tableChanged();
    }

    @Override
    public void on(Action.WatchNode watch) {
        nodes.computeIfAbsent(watch.node(), to -> new NodeWatch(this, to)).openIfClosed();
    }

    @Override
    public void on(Action.ForgetNode forget) {
        forget(nodes.remove(forget.node()));
    }

    @Override
    public void on(Action.WatchSentinel watch) {
        sentinels
                .computeIfAbsent(watch.sentinel(), to -> new SentinelWatch(this, to))
                .openIfClosed();
    }

    @Override
    public void on(Action.ForgetSentinel forget) {
        forget(sentinels.remove(forget.sentinel()));
    }

    @Override
    public void on(Action.AskNode ask) {
        NodeWatch watch = nodes.get(ask.node());
        if (watch != null) {
            watch.askInfo();
        }
    }

    @Override
    public void on(Action.AskSentinels ask) {
        sentinels.values().forEach(SentinelWatch::askSoon);
    }

    /** An operator says at this proxy that this node is primary. */
    void release(NodeAddress node) {
        feed(new Event.FenceAsked(++releases, node));
    }

    @Override
    public void on(Action.AnswerFence answer) {
        truth.note(this + " answers " + answer.lines());
        PromisesByHand byHand = invariants.byHand(this);
        if (answer.granted() && byHand != null) {
            byHand.released();
        }
    }

    @Override
    public void on(Action.PauseWrites pause) {
        throw new IllegalStateException("the active fence is off here");
    }

    @Override
    public void on(Action.Demote demote) {
        throw new IllegalStateException("the active fence is off here");
    }

    @Override
    public void on(Action.Tell tell) {
        truth.note(this + ": " + tell.notice());
    }

    private static void forget(@Nullable Watch watch) {
        if (watch != null) {
            watch.forget();
        }
    }

    /** Whether this node has ended its connection to this proxy, which has not heard of it: its word is void. */
    boolean isToHearTheEndOf(SimNode node) {
        NodeWatch watch = nodes.get(node.address);
        SimConnection connection = watch == null ? null : watch.connection();
        return connection != null && connection.endIsUnderWay();
    }

    /** Whether the last that this proxy has heard of the node is that it is primary. */
    boolean believes(NodeAddress node) {
        NodeWatch watch = nodes.get(node);
        return watch != null && watch.heardAsPrimary();
    }

    /** Whether the node was given these data by another after all that this proxy has heard of it. */
    boolean isToHearOf(NodeAddress node, int dataSet) {
        NodeWatch watch = nodes.get(node);
        return watch != null && watch.isToHearOf(dataSet);
    }

    /** Connections are numbered, for the engine to tell what comes late over an old one. */
    long newLink() {
        return ++links;
    }

    /** A message on a sentinel's subscription. */
    void hear(SimConnection connection, String channel, String payload) {
        for (SentinelWatch watch : sentinels.values()) {
            if (watch.isOver(connection)) {
                feed(new Event.SentinelMessage(watch.to, watch.link(), queue.nowNanos(), channel, payload));
            }
        }
    }
}
