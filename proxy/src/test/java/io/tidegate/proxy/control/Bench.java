package io.tidegate.proxy.control;

import io.tidegate.proxy.Clock;
import io.tidegate.proxy.config.TidegateConfig.Credentials;
import io.tidegate.proxy.config.TidegateConfig.Upstream;
import io.tidegate.proxy.metrics.BackendView;
import io.tidegate.proxy.tls.UpstreamTls;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ProbePacer;
import io.tidegate.routing.ProbePacer.Demand;
import io.tidegate.routing.engine.EngineSettings.Restart;
import io.tidegate.routing.engine.EngineSettings.Topology;
import io.tidegate.routing.engine.Event;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Links under test, without an engine: the events that they give are collected. */
final class Bench implements AutoCloseable {
    static final long REPLY_NANOS_MAX = TimeUnit.SECONDS.toNanos(2);

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    final Clock clock = Clock.start();
    final List<Event> events = new CopyOnWriteArrayList<>();
    final List<String> complaints = new CopyOnWriteArrayList<>();
    final Connector connector = new Connector(
            new Upstream(
                    new Topology.Static(List.of(), Restart.ACCEPT),
                    Credentials.NONE,
                    Credentials.NONE,
                    TimeUnit.SECONDS.toNanos(5),
                    REPLY_NANOS_MAX),
            UpstreamTls.NONE);
    final BackendView backend = BackendView.on();
    final Link.Context context = new Link.Context(
            connector,
            clock,
            new SplittableRandom(1),
            Runnable::run,
            new AtomicLong()::incrementAndGet,
            events::add,
            (about, text) -> complaints.add(about + ": " + text),
            backend);

    private final List<Link<?>> links = new CopyOnWriteArrayList<>();

    SentinelLink sentinel(ScriptedServer server) {
        SentinelLink sentinel = new SentinelLink(context, server.address(), "mymaster", new LeasePace(0));
        open(sentinel);
        return sentinel;
    }

    NodeLink node(NodeAddress address) {
        Prober prober = new Prober(
                connector.loop(),
                Runnable::run,
                clock,
                new SplittableRandom(1),
                new ProbePacer(TimeUnit.SECONDS.toNanos(10), TimeUnit.SECONDS.toNanos(2)),
                () -> new Demand(0, Instants.UNKNOWN, false),
                Map.of());
        NodeLink node = new NodeLink(context, address, prober);
        open(node);
        return node;
    }

    private void open(Link<?> opened) {
        links.add(opened);
        connector.loop().execute(opened::open);
    }

    /** Does something on the control loop, where links live, and returns when it is done. */
    void onLoop(Runnable action) {
        connector.loop().submit(action).syncUninterruptibly();
    }

    <E extends Event> List<E> events(Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** Waits as a scripted server does until the test lets it go on. */
    static void await(CountDownLatch latch) {
        try {
            if (!latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("nobody let the server go on");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    void await(String what, Callable<Boolean> condition) {
        await(what, () -> events + " " + complaints, condition);
    }

    /** Waits for the condition, or fails with what was waited for and how things stand then. */
    static void await(String what, Supplier<String> state, Callable<Boolean> condition) {
        try {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(2))
                    .until(condition);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("waited in vain for " + what + "; so far: " + state.get(), e);
        }
    }

    @Override
    public void close() {
        onLoop(() -> links.forEach(Link::close));
        connector.close();
    }
}
