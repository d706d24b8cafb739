package io.tidegate.proxy.local;

import io.tidegate.proxy.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Waiting for a condition, with an error that says what was missing. */
final class Await {
    private static final long POLL_MILLIS = 10;

    private Await() {}

    /**
     * Returns as soon as {@code obstacle} is empty.
     *
     * @param what the awaited condition, as the subject of the error: "the replicas' links"
     * @param obstacle what still stands against the condition; it may throw {@link LocalRedisException} to give up
     * @param logs called once, when the time is up, to be shown below the error
     */
    static void until(String what, Duration timeout, Supplier<Optional<String>> obstacle, Supplier<String> logs) {
        Clock clock = Clock.start();
        long endNanos = clock.nowNanos() + timeout.toNanos();
        Optional<String> missing = obstacle.get();
        while (missing.isPresent()) {
            if (clock.nowNanos() > endNanos) {
                throw new LocalRedisException("gave up waiting for " + what + " after " + timeout.toMillis() + " ms: "
                        + missing.get() + "\n" + logs.get());
            }
            pause(what);
            missing = obstacle.get();
        }
    }

    private static void pause(String what) {
        try {
            // A latch that nobody counts down: a timed wait that, unlike parking, reports an interrupt.
            boolean counted = new CountDownLatch(1).await(POLL_MILLIS, TimeUnit.MILLISECONDS);
            assert !counted;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalRedisException("interrupted while waiting for " + what, e);
        }
    }
}
