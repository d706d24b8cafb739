package io.tidegate.routing.sim;

import static io.tidegate.routing.sim.EventQueue.MILLIS;
import static io.tidegate.routing.sim.EventQueue.SECONDS;

import io.tidegate.routing.RandomSource;

/**
 * How busy clients and probes are. What happens is what a run costs, and so decides how many seeds a build can have: most
 * of what can go wrong goes wrong in the seconds after a fault; nothing does before the first client comes; and in the end
 * sentinels take their time to put everything in order, whoever watches. One world in three is as eager as a real proxy.
 */
final class Pace {
    private static final long BUSY_NANOS = 2500 * MILLIS;
    private static final long ROUND_NANOS = 120 * MILLIS;
    private static final long IDLE_ROUND_NANOS = 500 * MILLIS;
    private static final long SENTINEL_ROUND_NANOS = 400 * MILLIS;
    private static final long FIRST_ROUNDS_NANOS = SECONDS;

    private final EventQueue queue;
    private final boolean eager;
    private long busyUntilNanos;
    private boolean begun;
    private boolean peace;

    Pace(EventQueue queue, RandomSource random) {
        this.queue = queue;
        this.eager = random.next(3) == 0;
    }

    /** The first client is here. */
    void begin() {
        begun = true;
    }

    void hurry() {
        busyUntilNanos = queue.nowNanos() + BUSY_NANOS;
    }

    /** Nothing goes wrong any more. */
    void makePeace() {
        peace = true;
    }

    boolean peace() {
        return peace;
    }

    /** Between one round of probes and the next. */
    long roundNanos() {
        if (!begun) {
            return FIRST_ROUNDS_NANOS;
        }
        return busy() ? ROUND_NANOS : IDLE_ROUND_NANOS;
    }

    /** Between two questions to a sentinel that nobody is in a hurry for. */
    long sentinelRoundNanos() {
        return begun ? SENTINEL_ROUND_NANOS : FIRST_ROUNDS_NANOS;
    }

    /** Between two that somebody waits for. */
    long askedNanosMin() {
        return eager ? 10 * MILLIS : 50 * MILLIS;
    }

    long thinkNanos(RandomSource random) {
        if (busy()) {
            return 5 * MILLIS + random.next((int) (eager ? 80 * MILLIS : 160 * MILLIS));
        }
        return 100 * MILLIS + random.next((int) (peace ? 2000 * MILLIS : 1000 * MILLIS));
    }

    private boolean busy() {
        return queue.nowNanos() < busyUntilNanos;
    }
}
