package io.tidegate.proxy.control;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.lettuce.core.protocol.CommandType;
import io.netty.channel.EventLoop;
import io.tidegate.proxy.Clock;
import io.tidegate.proxy.signals.OperatorAnswer;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ProbePacer;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.engine.Action;
import io.tidegate.routing.engine.Event;
import io.tidegate.routing.engine.Event.DataPlaneSuspicion;
import io.tidegate.routing.engine.Role;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Event in, actions out: drives the engine and does what it says. All of it happens on one event loop, the links' I/O
 * included, in turns: a turn is whatever a reply, a message, a timer or a signal has a link do, and then a step of the
 * engine for each event that this brought. So events are worked off in the order in which they are read, and no queue
 * stands between a link and the engine; {@link #pending} holds what one turn brings, which is an event or two, and at
 * most one loss per link.
 */
final class ControlLoop implements Signals.Receiver {
    private final Clock clock;
    private final Engine engine;
    private final TickPace pace;
    private final ControlPorts ports;
    private final NoticeLog log;
    private final FailoverTimeline timeline;
    private final Links links;
    private final CommandsReader commands;
    private final Alarm ticker;

    private final WriteHold hold = new WriteHold();
    private final FenceAnswers fenceAnswers = new FenceAnswers();
    private final Deque<Event> pending = new ArrayDeque<>();
    private final Action.Handler deeds = new Deeds();
    private Consumer<NodeAddress> refusers = replaced -> {};
    private boolean turning;
    private long stepNanos;
    private RoutingTable table = RoutingTable.EMPTY;

    private boolean closed;

    /** Set once, here; read by everybody. */
    private volatile boolean failed;

    /** @param links makes the links, which give their events to the consumer */
    ControlLoop(
            EventLoop loop,
            Clock clock,
            Engine engine,
            TickPace pace,
            ControlPorts ports,
            NoticeLog log,
            FailoverTimeline timeline,
            Function<ControlLoop, Links> links) {
        this.clock = clock;
        this.engine = engine;
        this.pace = pace;
        this.ports = ports;
        this.log = log;
        this.timeline = timeline;
        this.links = links.apply(this);
        this.commands = new CommandsReader(
                (primary, consumer) -> this.links.askCommands(primary.address(), primary.runId(), consumer),
                ports.commands(),
                text -> complain("commands", text));
        this.ticker = new Alarm(loop, this::turn);
    }

    void start() {
        turn(() -> {
            long nowNanos = clock.nowNanos();
            perform(engine.start(nowNanos), nowNanos);
            tick();
        });
    }

    void close() {
        closed = true;
        ticker.cancel();
        links.close();
        fenceAnswers.close();
    }

    /** Whether an error of ours has ended this loop. */
    boolean failed() {
        return failed;
    }

    /** What the engine found last. On the loop. */
    RoutingTable table() {
        return table;
    }

    /** The sentinels that are watched. On the loop. */
    List<NodeAddress> sentinels() {
        return links.sentinels();
    }

    /** Keeps writes back under the claim in use, until {@link #releaseWrites} or another claim. On the loop. */
    void holdWrites() {
        endRest();
        hold.begin(table.epoch());
        ports.tables().accept(hold.over(table));
    }

    /** Lets them through again, if the engine does. On the loop. */
    void releaseWrites() {
        hold.end();
        ports.tables().accept(hold.over(table));
    }

    /** Has every node say what it is, as that has changed. On the loop. */
    void lookAround() {
        turn(() -> links.prober().askSince(clock.nowNanos()));
    }

    long probeRounds() {
        return links.prober().rounds();
    }

    /** Does this, then steps through what it and its consequences brought. Within a turn it is a part of that. On the loop. */
    void turn(Runnable work) {
        if (closed) {
            return;
        }
        if (turning) {
            work.run();
            return;
        }
        turning = true;
        try {
            work.run();
            for (Event event = pending.poll(); event != null; event = pending.poll()) {
                step(event);
            }
        } catch (RuntimeException | Error e) {
            fail(e);
        } finally {
            turning = false;
        }
    }

    /** Something was heard. On the loop. */
    void accept(Event event) {
        turn(() -> pending.add(event));
    }

    /** What a link complains of. On the loop. */
    void complain(String about, String text) {
        log.complaint(about, text, table.epoch(), clock.nowNanos());
    }

    @Override
    public void evidenceWanted(long readNanos) {
        endRest();
        accept(new Event.EvidenceWanted(readNanos));
    }

    @Override
    public void freshnessWanted(long asOfNanos) {
        endRest();
        turn(() -> links.prober().wanted(asOfNanos));
    }

    @Override
    public void replicationWanted(long readNanos) {
        endRest();
        turn(() -> links.prober().replicationWanted(readNanos));
    }

    @Override
    public void inheritanceWanted(long readNanos) {
        endRest();
        turn(() -> links.prober().askSince(readNanos));
    }

    /** Who is told of replaced primaries that commands wait for. To be called before {@link #start}. */
    void onRefusalWanted(Consumer<NodeAddress> consumer) {
        refusers = consumer;
    }

    @Override
    public void refusalWanted(NodeAddress replaced) {
        refusers.accept(replaced);
    }

    @Override
    public void suspected(DataPlaneSuspicion suspicion) {
        endRest();
        accept(suspicion);
    }

    @Override
    public void fenceAsked(@Nullable NodeAddress release, Consumer<OperatorAnswer> answer) {
        endRest();
        long request = fenceAnswers.expect(answer); // answered at once if this loop is closed
        accept(new Event.FenceAsked(request, release));
    }

    /** Other limits hold for what nodes may do and not do. On the loop. */
    void patience(long lagNanosMax, long silenceNanosMax, long probationNanos) {
        turn(() -> {
            links.prober().pacer(new ProbePacer(lagNanosMax, silenceNanosMax));
            accept(new Event.PatienceChanged(silenceNanosMax, probationNanos));
        });
    }

    private void endRest() {
        if (pace.endRest(clock.nowNanos())) {
            turn(this::tick);
        }
    }

    private void tick() {
        long nowNanos = clock.nowNanos();
        ticker.set(pace.nextNanos(table.writes().open(), nowNanos), this::tick);
        accept(new Event.Tick());
        timeline.tick(nowNanos);
        commands.tick(table, nowNanos);
        links.prober().pace();
    }

    private void step(Event event) {
        long nowNanos = clock.nowNanos();
        perform(engine.step(event, nowNanos), nowNanos);
        if (event instanceof Event.NodeLost lost) {
            links.prober().lost(lost.node());
        } else if (event instanceof Event.NodeRole told && told.role() instanceof Role.Primary) {
            timeline.saidPrimary(told.node(), nowNanos);
        } else if (event instanceof Event.NodeInfo told && told.info().primary()) {
            timeline.saidPrimary(told.node(), nowNanos);
        }
        if (event instanceof Event.SentinelMessage told && told.channel().equals(SentinelLink.SWITCH)) {
            // Where a partition has ended its sentinel hears of the new primary before our own next attempts. A client
            // that follows the sentinel connects to it now.
            links.hurry();
        }
        chaseReplicas(event);
    }

    /** What somebody waits for may need one more question, now that the engine has weighed this answer. */
    private void chaseReplicas(Event event) {
        if (event instanceof Event.NodeRole told && links.prober().chasing()) {
            if (told.role() instanceof Role.Primary) {
                // What the primary said counts once it is proven, which a lease has done in advance.
                accept(new Event.EvidenceWanted(told.readNanos()));
            }
            for (RoutingTable.Replica replica : table.replicas()) {
                if (replica.node().address().equals(told.node())) {
                    links.prober().weighed(told.node(), replica.asOfNanos());
                }
            }
        }
    }

    private void perform(List<Action> actions, long nowNanos) {
        stepNanos = nowNanos;
        actions.forEach(action -> action.dispatch(deeds));
    }

    private void publish(RoutingTable next) {
        table = next;
        ports.tables().accept(hold.over(next));
        if (!next.writes().open()) {
            endRest();
        }
        Node primary = next.primary();
        if (primary != null) {
            links.prober().primary(primary.address());
        }
    }

    /** Whoever has thrown knows nothing any more, so no evidence is given and no write is let through. */
    private void fail(Throwable cause) {
        failed = true;
        log.fatal("the control plane has failed: writes are held and this process should be restarted", cause);
        close();
        ports.tables()
                .accept(hold.over(new RoutingTable(
                        table.generation() + 1,
                        table.epoch(),
                        null,
                        WriteGate.NO_CLAIM,
                        Instants.UNKNOWN,
                        List.of(),
                        true)));
    }

    /** What the engine wants done, in the step at {@link #stepNanos}. */
    private final class Deeds implements Action.Handler {
        @Override
        public void on(Action.Publish action) {
            publish(action.table());
        }

        @Override
        public void on(Action.WatchNode action) {
            links.watchNode(action.node());
        }

        @Override
        public void on(Action.ForgetNode action) {
            links.forgetNode(action.node());
        }

        @Override
        public void on(Action.WatchSentinel action) {
            links.watchSentinel(action.sentinel());
        }

        @Override
        public void on(Action.ForgetSentinel action) {
            links.forgetSentinel(action.sentinel());
            timeline.sentinelForgotten(action.sentinel());
        }

        @Override
        public void on(Action.AskNode action) {
            links.askNode(action.node());
        }

        @Override
        public void on(Action.AskSentinels action) {
            links.askSentinels();
        }

        @Override
        public void on(Action.AnswerFence action) {
            fenceAnswers.give(action.request(), new OperatorAnswer(action.granted(), action.lines()));
        }

        @Override
        public void on(Action.PauseWrites action) {
            links.order(
                    action.node(),
                    action.link(),
                    Query.of(
                            CommandType.CLIENT, "PAUSE", Long.toString(NANOSECONDS.toMillis(action.nanos())), "WRITE"));
        }

        @Override
        public void on(Action.Demote action) {
            NodeAddress primary = action.primary();
            links.order(
                    action.node(),
                    action.link(),
                    Query.of(CommandType.REPLICAOF, primary.host(), Integer.toString(primary.port())));
        }

        @Override
        public void on(Action.Tell action) {
            log.notice(action.notice(), table.epoch(), stepNanos);
            timeline.heard(action.notice(), stepNanos);
            ports.notices().accept(action.notice());
        }
    }
}
