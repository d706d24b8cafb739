package io.tidegate.routing.sim;

import static io.tidegate.routing.sim.EventQueue.MILLIS;
import static io.tidegate.routing.sim.EventQueue.SECONDS;

import io.tidegate.routing.RandomSource;

/**
 * How busy clients and probes are: most of what can go wrong goes wrong in the seconds after a fault, and nothing does
 * before the first client comes.
 */
final class Pace {
    private static final long BUSY_NANOS = 3 * SECONDS;
    private static final long ROUND_NANOS = 120 * MILLIS;
    private static final long IDLE_ROUND_NANOS = 500 * MILLIS;

    private final EventQueue queue;
    private long busyUntilNanos;
    private boolean begun;

    Pace(EventQueue queue) {
        this.queue = queue;
    }

    /** The first client is here. */
    void begin() {
        begun = true;
    }

    /** Between one round of probes and the next. */
    long roundNanos() {
        return begun ? ROUND_NANOS : IDLE_ROUND_NANOS;
    }

    void hurry() {
        busyUntilNanos = queue.nowNanos() + BUSY_NANOS;
    }

    long thinkNanos(RandomSource random) {
        boolean busy = queue.nowNanos() < busyUntilNanos;
        return busy ? 5 * MILLIS + random.next((int) (80 * MILLIS)) : 50 * MILLIS + random.next((int) (600 * MILLIS));
    }
}
