package io.tidegate.proxy.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Until when a command runs. A signal makes the JVM run its shutdown hooks and halt; ours asks the command to return and
 * then waits until it has closed everything, or until that takes too long.
 */
final class Lifetime {
    private static final Duration CLOSING_MAX = Duration.ofSeconds(15);

    private volatile Supplier<Duration> endTakes = () -> Duration.ZERO;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    /** Ends with this process. */
    static Lifetime ofProcess() {
        Lifetime lifetime = new Lifetime();
        Runtime.getRuntime().addShutdownHook(new Thread(lifetime::stopAndAwaitEnd, "tidegate-shutdown"));
        return lifetime;
    }

    /** Asks the command to return. */
    void stop() {
        stop.countDown();
    }

    /** The command takes up to so long to come to its end in order, and only then closes everything. */
    void endTakes(Supplier<Duration> limit) {
        endTakes = limit;
    }

    /** The command has returned. */
    void ended() {
        ended.countDown();
    }

    boolean stopped() {
        return stop.getCount() == 0;
    }

    /** Returns when the command is to return. */
    void await() throws InterruptedException {
        stop.await();
    }

    /** Returns when the command is to return, then true, or when that time has passed. */
    boolean await(Duration limit) throws InterruptedException {
        return stop.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void stopAndAwaitEnd() {
        stop();
        try {
            ended.await(endTakes.get().plus(CLOSING_MAX).toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
