package io.tidegate.routing.sim;

import static io.tidegate.routing.sim.EventQueue.SECONDS;

import io.tidegate.routing.Instants;
import io.tidegate.routing.engine.Event;
import io.tidegate.routing.sim.Violation.Invariant;
import java.util.HashMap;
import java.util.Map;

/** What a proxy has heard of what sentinels do, and what it must not do from then on. */
final class Heard {
    /** How long an attempt to fail over that was heard must keep writes back, if nothing else is heard of it. */
    private static final long HEARD_NANOS = 3 * SECONDS;

    private final EventQueue queue;
    private final Truth truth;
    private final Map<Truth.Attempt, Long> attempts = new HashMap<>();
    private final Map<Truth.Reconfiguration, Long> known = new HashMap<>();

    /** When the process woke up, until a sentinel was asked and heard since; else unknown. */
    private long wokeNanos = Instants.UNKNOWN;

    Heard(EventQueue queue, Truth truth) {
        this.queue = queue;
        this.truth = truth;
    }

    void takeIn(Event event) {
        if (event instanceof Event.SentinelMessage message) {
            takeIn(message);
        } else if (event instanceof Event.SentinelReport report) {
            takeIn(report);
        }
    }

    /** Of an attempt one hears by who makes it, or by a vote: by one that is heard after it has elected somebody. */
    private void takeIn(Event.SentinelMessage message) {
        if (message.channel().equals("+try-failover")) {
            truth.attempts(message.sentinel()).forEach(attempt -> attempts.put(attempt, queue.nowNanos()));
        } else if (message.channel().equals("+vote-for-leader")) {
            Truth.Attempt elected = truth.electedBy(message.payload());
            if (elected != null) {
                attempts.putIfAbsent(elected, queue.nowNanos());
            }
        }
    }

    private void takeIn(Event.SentinelReport report) {
        for (Truth.Reconfiguration change : truth.reconfigurations()) {
            if (change.sentinel().equals(report.sentinel()) && report.writtenNanos() >= change.atNanos()) {
                known.putIfAbsent(change, queue.nowNanos());
            }
        }
        if (report.writtenNanos() >= wokeNanos) {
            wokeNanos = Instants.UNKNOWN;
        }
    }

    boolean of(Truth.Attempt attempt) {
        return attempts.containsKey(attempt);
    }

    boolean of(Truth.Reconfiguration change, long byNanos) {
        return known.getOrDefault(change, Long.MAX_VALUE) <= byNanos;
    }

    /** The process was stopped for longer than a lease is used ahead, and goes on. */
    void woke() {
        wokeNanos = queue.nowNanos();
    }

    /** What sentinels said before a pause of the process proves nothing of the time after it: they must be asked again. */
    void checkEvidence(long evidenceNanos) {
        if (wokeNanos != Instants.UNKNOWN && evidenceNanos >= wokeNanos) {
            throw new Violation(
                    Invariant.I11_EVIDENCE_ROUNDED_AGAINST_US,
                    "evidence to " + evidenceNanos + ", nobody was heard since it woke up at " + wokeNanos);
        }
    }

    /** Nothing is sent under a claim that an attempt is about to end: one that promotes its very node is not. */
    void checkSending(Request request, Upstream upstream) {
        attempts.forEach((attempt, sinceNanos) -> {
            boolean holds = truth.stateLost()
                    || attempt.epoch() <= upstream.epoch
                    || !truth.underWay(attempt)
                    || truth.promotes(attempt, upstream.node.address())
                    || queue.nowNanos() - sinceNanos > HEARD_NANOS;
            if (!holds) {
                throw new Violation(
                        Invariant.I3_NO_WRITE_ACROSS_FENCE,
                        request + " to " + upstream.node + " of epoch " + upstream.epoch + " during " + attempt);
            }
        });
    }
}
