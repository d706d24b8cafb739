package io.tidegate.proxy.control;

import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt to connect: at once where the last connection was good, then twice as long
 * each time up to a limit, each with a random part so that proxies do not come in step.
 */
final class Backoff {
    static final long NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(10);
    static final long NANOS_MAX = TimeUnit.SECONDS.toNanos(2);

    private final RandomGenerator random;
    private long boundNanos = NANOS_MIN;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    /** The next wait: between half of the bound and the bound, which then doubles. */
    long nextNanos() {
        long wait = boundNanos / 2 + random.nextLong(boundNanos / 2 + 1);
        boundNanos = Math.min(NANOS_MAX, boundNanos * 2);
        return wait;
    }

    /** A reply has come: the peer is well. */
    void reset() {
        boundNanos = NANOS_MIN;
    }
}
