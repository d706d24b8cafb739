package io.tidegate.proxy.control;

import io.netty.channel.EventLoop;
import io.tidegate.proxy.Clock;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ProbePacer;
import io.tidegate.routing.ProbePacer.Demand;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the replicas' as-of as fresh as somebody needs it. A round asks the primary first and, upon its answer, all
 * replicas at once: a replica that has reached the offset of that answer then holds everything up to the instant before
 * the primary was asked. Asked the other way round it would nearly always be a little behind.
 *
 * <p>While the reply to a write waits for replicas there is no time for turns: all are asked at once, which is enough for a
 * replica that is ahead of the primary's answer, and again upon that answer, and those that are still behind after theirs
 * once more and once more. So the reply waits one round trip at best, and two as a rule.
 *
 * <p>A round ends with the primary's answer: who is slow among the replicas holds up nobody else, and is asked again
 * only when it has answered. When the next one begins is the {@link ProbePacer}'s decision. Lives on the control loop.
 */
final class Prober {

    /** A node that can be probed. */
    interface Node {
        /** Asks for its offset, now or as soon as what is outstanding is answered; false if there is no connection. */
        boolean askRole();

        /** Before which instant what it answered last was asked; {@link Instants#UNKNOWN} if it never answered. */
        long answeredNanos();

        /** How long its last answer took. */
        long roundTripNanos();
    }

    /** For so long after it was last said, the reply to a write counts as waiting for replicas. */
    private static final long CHASE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** A replica that is behind what a reply waits for is asked again after so long at the latest. */
    private static final long CHASE_PAUSE_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(5);

    private static final Demand REST = new Demand(ProbePacer.IDLE_NANOS, Instants.UNKNOWN, false);

    private final Clock clock;
    private final RandomGenerator random;
    private ProbePacer pacer;
    private final Supplier<Demand> demand;
    private final Map<NodeAddress, ? extends Node> nodes;
    private final Alarm alarm;

    private @Nullable NodeAddress primary;

    /** Without the primary no probe makes anything fresher, however much is wanted: then probes are at rest. */
    private boolean primaryReachable;

    private boolean awaitingPrimary;

    /** When the last round began. */
    private long sentNanos = Instants.UNKNOWN;

    /** What the alarm is set to; {@link Instants#UNKNOWN} if it is not. */
    private long roundDueNanos = Instants.UNKNOWN;

    private long lot;

    /** Before which instant the primary was last asked, for an answer that has come. */
    private long sampledNanos = Instants.UNKNOWN;

    /** The latest instant that a request waits for. */
    private long wantedNanos = Instants.UNKNOWN;

    /** The latest instant that the reply to a write waits for replicas to reach, and when that was last said. */
    private long replicationNanos = Instants.UNKNOWN;

    private long replicationSaidNanos = Instants.UNKNOWN;

    /** Replicas that were behind it when they answered; as many as there are. */
    private final Set<NodeAddress> behind = new LinkedHashSet<>();

    private final Alarm chase;

    private final AtomicLong rounds = new AtomicLong();

    /** @param nodes all nodes that are watched, the primary among them; the caller's own, read here */
    Prober(
            EventLoop loop,
            Executor turns,
            Clock clock,
            RandomGenerator random,
            ProbePacer pacer,
            Supplier<Demand> demand,
            Map<NodeAddress, ? extends Node> nodes) {
        this.clock = clock;
        this.random = random;
        this.pacer = pacer;
        this.demand = demand;
        this.nodes = nodes;
        this.alarm = new Alarm(loop, turns);
        this.chase = new Alarm(loop, turns);
    }

    /** Other limits hold for replicas, so that they are asked as often as those need. */
    void pacer(ProbePacer newPacer) {
        pacer = newPacer;
        pace();
    }

    /** Who is asked first from now on. */
    void primary(@Nullable NodeAddress node) {
        if (node != null && !node.equals(primary)) {
            awaitingPrimary = false;
            primaryReachable = true;
            primary = node;
            pace();
        }
    }

    /**
     * A request waits until as-of reaches this instant. Whatever it asks for, the next round reaches no further than now: a
     * wish for an instant to come would be met by no round before that, and would have them follow one another till then.
     */
    void wanted(long asOfNanos) {
        wantedNanos = Math.max(wantedNanos, Math.min(asOfNanos, clock.nowNanos()));
        pace();
    }

    /** The reply to a write, read at this instant, waits for replicas. To be said again for as long as it does. */
    void replicationWanted(long readNanos) {
        replicationNanos = Math.max(replicationNanos, readNanos);
        replicationSaidNanos = clock.nowNanos();
        wanted(readNanos);
    }

    /**
     * Has every node answer a question that is asked after this instant. Who has done so is not asked again, however often
     * this is said, nor is who does not answer: there may be no end to what it is said for.
     */
    void askSince(long readNanos) {
        for (Node node : nodes.values()) {
            if (node.answeredNanos() < readNanos) {
                node.askRole();
            }
        }
    }

    /** Whether the reply to a write waits for replicas, as far as is known. */
    boolean chasing() {
        return replicationSaidNanos != Instants.UNKNOWN && clock.nowNanos() - replicationSaidNanos < CHASE_NANOS;
    }

    /**
     * A replica's answer has been weighed: it has come up to {@code asOfNanos}. If that is not enough it is asked again, after
     * an eighth of the time that the reply has waited: at once while that is short, and seldom if the replica does not move.
     */
    void weighed(NodeAddress node, long asOfNanos) {
        if (asOfNanos >= replicationNanos) {
            behind.remove(node);
        } else if (behind.add(node)) {
            long waitedNanos = clock.nowNanos() - replicationNanos;
            chase.set(Math.min(waitedNanos / 8, CHASE_PAUSE_NANOS_MAX), this::askThoseBehind);
        }
    }

    private void askThoseBehind() {
        for (NodeAddress address : behind) {
            Node node = nodes.get(address);
            if (node != null) {
                node.askRole();
            }
        }
        behind.clear();
    }

    /** This node has answered a query, written at that instant, with its offset. */
    void sampled(NodeAddress node, long writtenNanos) {
        if (!node.equals(primary)) {
            return;
        }
        primaryReachable = true;
        // An answer to what was written before the round began does not reach its instant; the round's own follows.
        if (awaitingPrimary && writtenNanos >= sentNanos) {
            awaitingPrimary = false;
            sampledNanos = writtenNanos;
            askReplicas();
        }
        pace();
    }

    /** This node does not answer any more, or not what it was asked. */
    void lost(NodeAddress node) {
        if (!node.equals(primary)) {
            return;
        }
        primaryReachable = false;
        if (awaitingPrimary) {
            awaitingPrimary = false;
            askReplicas();
        }
        pace();
    }

    /** Looks at the demand again, which may have risen; to be called now and then. */
    void pace() {
        if (awaitingPrimary) {
            return;
        }
        long nowNanos = clock.nowNanos();
        // A round ends with the primary's answer; when it is about writes, the slowest of all does
        // not hold up the next.
        long apartNanos = chasing() ? 0 : roundTripNanos();
        long dueNanos = sentNanos == Instants.UNKNOWN
                ? nowNanos
                : pacer.dueNanos(primaryReachable ? demand() : REST, sentNanos, apartNanos, lot, nowNanos);
        if (dueNanos != roundDueNanos) { // nearly every look finds the same
            roundDueNanos = dueNanos;
            alarm.set(dueNanos - nowNanos, this::round);
        }
    }

    void close() {
        alarm.cancel();
        chase.cancel();
    }

    /** How many there were; for any thread. */
    long rounds() {
        return rounds.get();
    }

    private Demand demand() {
        Demand wish = demand.get();
        return new Demand(wish.intervalNanos(), wish.lastNanos(), wish.settling() || wantedNanos > sampledNanos);
    }

    private void round() {
        roundDueNanos = Instants.UNKNOWN;
        rounds.incrementAndGet();
        sentNanos = clock.nowNanos();
        lot = random.nextLong();
        Node node = primary == null ? null : nodes.get(primary);
        primaryReachable = node != null && node.askRole();
        awaitingPrimary = primaryReachable;
        if (primaryReachable && chasing()) {
            askReplicas();
        }
        if (!primaryReachable) {
            askReplicas(); // their offsets still tell which of them is the freshest
            pace();
        }
    }

    private void askReplicas() {
        nodes.forEach((address, node) -> {
            if (!address.equals(primary)) {
                node.askRole();
            }
        });
    }

    private long roundTripNanos() {
        long slowestNanos = 0;
        for (Node node : nodes.values()) {
            slowestNanos = Math.max(slowestNanos, node.roundTripNanos());
        }
        return slowestNanos;
    }
}
