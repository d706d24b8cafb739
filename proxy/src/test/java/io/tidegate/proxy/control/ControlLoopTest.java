package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.Clock;
import io.tidegate.proxy.config.TidegateConfig.Credentials;
import io.tidegate.proxy.config.TidegateConfig.Upstream;
import io.tidegate.proxy.metrics.BackendView;
import io.tidegate.proxy.tls.UpstreamTls;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ProbePacer.Demand;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.engine.Action;
import io.tidegate.routing.engine.EngineSettings;
import io.tidegate.routing.engine.EngineSettings.Fence;
import io.tidegate.routing.engine.EngineSettings.Restart;
import io.tidegate.routing.engine.EngineSettings.Topology;
import io.tidegate.routing.engine.Event;
import io.tidegate.routing.engine.Notice;
import io.tidegate.routing.engine.WarningKind;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The loop under an engine that does what the test says. */
class ControlLoopTest {
    private static final RoutingTable OPEN = new RoutingTable(
            7,
            3,
            new Node(0, new NodeAddress("127.0.0.1", 1), "run", true),
            WriteGate.OPEN,
            Instants.FOREVER,
            List.of(),
            false);

    /** Answers events by its script; remembers them, and that it was never entered twice at once. */
    private abstract static class ScriptedEngine implements Engine {
        final List<Event> events = new CopyOnWriteArrayList<>();
        final List<Thread> threads = new CopyOnWriteArrayList<>();
        private boolean inside;
        volatile boolean reentered;

        @Override
        public List<Action> start(long nowNanos) {
            return List.of(new Action.Publish(OPEN));
        }

        @Override
        public List<Action> step(Event event, long nowNanos) {
            reentered |= inside;
            inside = true;
            events.add(event);
            threads.add(Thread.currentThread());
            List<Action> actions = on(event);
            inside = false;
            return actions;
        }

        abstract List<Action> on(Event event);
    }

    private final List<RoutingTable> tables = new CopyOnWriteArrayList<>();
    private final List<Notice> notices = new CopyOnWriteArrayList<>();
    private final List<String> log = new CopyOnWriteArrayList<>();
    private @Nullable ControlPlane started;

    @AfterEach
    void close() {
        if (started != null) {
            started.close();
        }
    }

    @Test
    void ticksAndSignalsReachTheEngineOnOneThread() {
        ScriptedEngine engine = new ScriptedEngine() {
            @Override
            List<Action> on(Event event) {
                return List.of(new Action.Tell(new Notice.Warning(
                        WarningKind.TOO_MANY, event.getClass().getSimpleName())));
            }
        };
        ControlPlane control = start(engine);
        NodeAddress node = new NodeAddress("127.0.0.1", 1);
        control.suspect(node, 3, "closed");
        control.evidenceWanted(42);
        await(() -> engine.events.contains(new Event.DataPlaneSuspicion(node, 3, "closed"))
                && engine.events.contains(new Event.EvidenceWanted(42))
                && engine.events.stream().filter(Event.Tick.class::isInstance).count() >= 3);
        assertThat(engine.threads.stream().distinct()).hasSize(1);
        assertThat(notices).contains(new Notice.Warning(WarningKind.TOO_MANY, "EvidenceWanted"));
        assertThat(log).contains("epoch 3: EvidenceWanted");
        assertThat(control.alive()).isTrue();
    }

    @Test
    void anEngineThatThrowsEndsInATableThatLetsNothingThrough() {
        ControlPlane control = start(new ScriptedEngine() {
            @Override
            List<Action> on(Event event) {
                throw new IllegalStateException("a bug");
            }
        });
        await(() -> !control.alive() && tables.size() == 2);
        RoutingTable last = tables.get(1);
        assertThat(last.generation()).isGreaterThan(OPEN.generation());
        assertThat(last.epoch()).as("never goes back").isEqualTo(OPEN.epoch());
        assertThat(last.primary()).isNull();
        assertThat(last.writes()).isEqualTo(WriteGate.NO_CLAIM);
        assertThat(last.evidenceNanos()).isEqualTo(Instants.UNKNOWN);
        assertThat(log).hasSize(1).first().asString().startsWith("the control plane has failed");
        control.evidenceWanted(1);
        control.freshnessWanted(1);
    }

    @Test
    void actionsThatRaiseEventsDoNotEnterTheEngineAgain() throws IOException {
        try (ScriptedServer server = new ScriptedServer((command, connection) -> connection.close())) {
            ScriptedEngine engine = new ScriptedEngine() {
                @Override
                List<Action> on(Event event) {
                    // Whatever is heard, the link is made anew: it may be lost in any state.
                    return List.of(
                            new Action.ForgetNode(server.address()),
                            new Action.WatchNode(server.address()),
                            new Action.AskNode(server.address()),
                            new Action.AskSentinels());
                }
            };
            start(engine);
            await(() -> engine.events.stream()
                            .filter(Event.NodeLost.class::isInstance)
                            .count()
                    >= 3);
            assertThat(engine.reentered).isFalse();
        }
    }

    private ControlPlane start(Engine engine) {
        EngineSettings settings = new EngineSettings(
                new Topology.Static(List.of(), Restart.ACCEPT),
                Fence.ROLE,
                false,
                TimeUnit.SECONDS.toNanos(10),
                TimeUnit.SECONDS.toNanos(1),
                0,
                0,
                TimeUnit.MILLISECONDS.toNanos(200),
                null,
                Map.of(),
                16);
        ControlPlane control = new ControlPlane(
                settings,
                engine,
                new Upstream(
                        settings.topology(),
                        Credentials.NONE,
                        Credentials.NONE,
                        TimeUnit.SECONDS.toNanos(1),
                        TimeUnit.SECONDS.toNanos(1)),
                UpstreamTls.NONE,
                Clock.start(),
                new ControlPorts(
                        tables::add,
                        commands -> {},
                        notices::add,
                        () -> new Demand(0, Instants.UNKNOWN, false),
                        new FakeAccounts(),
                        failover -> {},
                        () -> System.nanoTime(),
                        BackendView.off()),
                new NoticeLog((level, line, fields, cause) -> log.add(line)));
        started = control;
        control.start();
        return control;
    }

    private void await(Callable<Boolean> condition) {
        Bench.await("the condition", () -> tables + " " + notices + " " + log, condition);
    }
}
