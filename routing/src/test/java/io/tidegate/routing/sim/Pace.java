package io.tidegate.routing.sim;

import static io.tidegate.routing.sim.EventQueue.MILLIS;
import static io.tidegate.routing.sim.EventQueue.SECONDS;

import io.tidegate.routing.RandomSource;

/** How busy the clients are: most of what can go wrong goes wrong in the seconds after a fault. */
final class Pace {
    private static final long BUSY_NANOS = 3 * SECONDS;

    private final EventQueue queue;
    private long busyUntilNanos;

    Pace(EventQueue queue) {
        this.queue = queue;
    }

    void hurry() {
        busyUntilNanos = queue.nowNanos() + BUSY_NANOS;
    }

    long thinkNanos(RandomSource random) {
        boolean busy = queue.nowNanos() < busyUntilNanos;
        return busy ? 5 * MILLIS + random.next((int) (80 * MILLIS)) : 50 * MILLIS + random.next((int) (600 * MILLIS));
    }
}
