package io.tidegate.proxy.control;

import io.tidegate.proxy.Clock;
import io.tidegate.proxy.config.TidegateConfig.Upstream;
import io.tidegate.proxy.signals.ControlSignals;
import io.tidegate.proxy.signals.OperatorAnswer;
import io.tidegate.proxy.signals.SwitchoverSignals;
import io.tidegate.proxy.tls.UpstreamTls;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ProbePacer;
import io.tidegate.routing.engine.EngineSettings;
import io.tidegate.routing.engine.RoutingEngine;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who is primary, how fresh the replicas are and which commands there are, and publishes that. {@link #start}
 * and {@link #close} are for the thread that owns the proxy's life, once each; signals and figures for any thread.
 */
public final class ControlPlane implements ControlSignals, AutoCloseable {
    /** How a switchover may end. */
    public static final List<String> SWITCHOVER_OUTCOMES = Switchover.OUTCOMES;

    private final Connector connector;
    private final FailoverTimeline timeline;
    private final ControlLoop loop;
    private final Signals signals;
    private final Switchovers switchovers;

    /** A control plane that has not begun yet. */
    public ControlPlane(EngineSettings settings, Upstream upstream, UpstreamTls tls, Clock clock, ControlPorts ports) {
        this(settings, Engine.of(new RoutingEngine(settings)), upstream, tls, clock, ports, NoticeLog.toLogger());
    }

    ControlPlane(
            EngineSettings settings,
            Engine engine,
            Upstream upstream,
            UpstreamTls tls,
            Clock clock,
            ControlPorts ports,
            NoticeLog log) {
        connector = new Connector(upstream, tls);
        timeline = new FailoverTimeline(ports.accounts(), ended -> {
            log.failover(ended, clock.nowNanos());
            ports.failovers().accept(ended);
        });
        loop = new ControlLoop(
                connector.loop(),
                clock,
                engine,
                new TickPace(settings.tickNanos(), ports.clientBytes()),
                ports,
                log,
                timeline,
                it -> new Links(
                        new Link.Context(
                                connector,
                                clock,
                                new SplittableRandom(),
                                it::turn,
                                new AtomicLong()::incrementAndGet,
                                it::accept,
                                it::complain,
                                ports.backend()),
                        settings.topology(),
                        new LeasePace(settings.leaseMarginNanos()),
                        new ProbePacer(settings.lagNanosMax(), settings.silenceNanosMax()),
                        ports.freshness()));
        signals = new Signals(connector.loop(), loop);
        switchovers = new Switchovers(connector, clock, loop, timeline, settings.topology());
        if (settings.topology() instanceof EngineSettings.Topology.Sentinel) {
            loop.onRefusalWanted(new Completion(connector, clock, loop)::wanted);
        }
    }

    /** Begins to look; the first tables come within a round trip to the sentinels and nodes, where they can be reached. */
    public void start() {
        connector.loop().execute(loop::start);
    }

    /** Closes every connection and returns when the control plane's thread has done its last. No table is published after it. */
    @Override
    public void close() {
        connector.loop().submit(switchovers::close).awaitUninterruptibly();
        connector.loop().submit(loop::close).awaitUninterruptibly();
        connector.close();
    }

    /**
     * Other limits hold for what nodes may do, and other credentials for connections that are opened from now on; those that
     * are open stay. Of {@code settings} these are {@code lagNanosMax}, {@code silenceNanosMax} and {@code probationNanos}.
     */
    public void reconfigure(EngineSettings settings, Upstream upstream) {
        connector.loop().execute(() -> {
            connector.upstream(upstream);
            loop.patience(settings.lagNanosMax(), settings.silenceNanosMax(), settings.probationNanos());
        });
    }

    /** False if an error of ours has ended the control plane: writes are held, and only a new process helps. */
    public boolean alive() {
        return !loop.failed();
    }

    /** Runs tasks on the control loop, between its turns; for whoever watches whether that thread gets on. */
    public Executor thread() {
        return connector.loop();
    }

    /** How often the primary was asked so that as-of can advance. */
    public long probeRounds() {
        return loop.probeRounds();
    }

    /** The last failovers. */
    public FailoverTimeline timeline() {
        return timeline;
    }

    /** Tells how each switchover ended that was begun or refused, by its word. To be called before {@link #start}. */
    public void onSwitchover(Consumer<String> ended) {
        switchovers.onEnd(ended);
    }

    @Override
    public SwitchoverSignals switchover() {
        return switchovers;
    }

    @Override
    public void evidenceWanted(long readNanos) {
        signals.evidenceWanted(readNanos);
    }

    @Override
    public void freshnessWanted(long asOfNanos) {
        signals.freshnessWanted(asOfNanos);
    }

    @Override
    public void replicationWanted(long readNanos) {
        signals.replicationWanted(readNanos);
    }

    @Override
    public void inheritanceWanted(long readNanos) {
        signals.inheritanceWanted(readNanos);
    }

    @Override
    public boolean speaksFrom(String address) {
        return connector.speaksFrom(address);
    }

    @Override
    public void refusalWanted(NodeAddress replaced) {
        signals.refusalWanted(replaced);
    }

    @Override
    public void suspect(NodeAddress node, long epoch, String evidence) {
        signals.suspect(node, epoch, evidence);
    }

    @Override
    public void fenceAsked(@Nullable NodeAddress release, Consumer<OperatorAnswer> answer) {
        signals.fenceAsked(release, answer);
    }
}
