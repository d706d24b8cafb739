package io.tidegate.proxy.it;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A thread of an application that does the same again and again, with rising numbers, until it is stopped, and what it was
 * told: of errors it takes {@code UNCERTAIN} alone, and any other ends it.
 */
final class Tally implements AutoCloseable {
    /** One round; what it throws is what the client library makes of an error. */
    interface Round {
        void of(long number) throws Exception;
    }

    /** Several of them and their servers share few processors, and a sentinel that gets no turn sees faults of its own. */
    private static final long PAUSE_MILLIS = 1;

    private final Thread thread;
    private final CountDownLatch stop = new CountDownLatch(1);

    // Guarded by this.
    private final Set<Long> acknowledged = new LinkedHashSet<>();
    private long uncertain;
    private @Nullable Throwable failure;

    Tally(String name, Round round) {
        this.thread = new Thread(() -> run(round), name);
        thread.start();
    }

    private void run(Round round) {
        try {
            for (long number = 0; !stop.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS); number++) {
                try {
                    round.of(number);
                    done(number);
                } catch (Exception e) {
                    if (!uncertain(e)) {
                        throw e;
                    }
                    uncertain();
                }
            }
        } catch (Throwable e) {
            synchronized (this) {
                failure = e;
            }
        }
    }

    private synchronized void done(long number) {
        acknowledged.add(number);
    }

    /** One more command was answered so. */
    synchronized void uncertain() {
        uncertain++;
    }

    /** Whether an error is Tidegate's word that the command may have run, however a library has wrapped it. */
    static boolean uncertain(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (String.valueOf(cause.getMessage()).startsWith("UNCERTAIN may have run")) {
                return true;
            }
        }
        return false;
    }

    synchronized int rounds() {
        if (failure != null) {
            throw new AssertionError(thread.getName() + " ended after " + acknowledged.size() + " rounds", failure);
        }
        return acknowledged.size();
    }

    synchronized Set<Long> acknowledged() {
        return new LinkedHashSet<>(acknowledged);
    }

    synchronized long uncertainCount() {
        return uncertain;
    }

    /** Lets it end its round; fails if it has failed. */
    int stop() throws InterruptedException {
        stop.countDown();
        thread.join(Stack.PATIENCE.toMillis());
        if (thread.isAlive()) {
            throw new AssertionError(thread.getName() + " does not end: " + List.of(thread.getStackTrace()));
        }
        return rounds();
    }

    @Override
    public void close() {
        stop.countDown();
        thread.interrupt();
    }
}
