package io.tidegate.proxy.cli;

import io.tidegate.proxy.Clock;
import io.tidegate.proxy.config.TidegateConfig.Listener;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAccumulator;
import org.jspecify.annotations.Nullable;

/**
 * A few clients that write and read on every listener, each on a plain socket and with a key of its own, and keep account
 * of what they were told. They know nothing of failovers: whatever they see is what any application would.
 */
final class Workload implements AutoCloseable {
    private static final int CLIENTS_PER_LISTENER = 2;
    private static final long JOIN_MILLIS = 100;

    private final Tally tally = new Tally();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final List<WorkloadClient> clients = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    private Workload() {}

    static Workload start(List<Listener> listeners, Clock clock) {
        Workload workload = new Workload();
        for (Listener listener : listeners) {
            for (int i = 0; i < CLIENTS_PER_LISTENER; i++) {
                int number = workload.threads.size();
                WorkloadClient client =
                        new WorkloadClient(listener, "tidegate-demo:" + number, clock, workload.tally, workload.stop);
                workload.clients.add(client);
                workload.threads.add(new Thread(client, "demo-client-" + number));
            }
        }
        workload.threads.forEach(Thread::start);
        return workload;
    }

    /** What all clients together have seen so far. */
    Result result() {
        return new Result(
                threads.size(),
                tally.ok.get(),
                tally.uncertain.get(),
                tally.errors.get(),
                tally.lost.get(),
                tally.longestNanos.get(),
                tally.lastError.get());
    }

    /** From now on the longest pause is measured anew. */
    void resetLongest() {
        tally.longestNanos.reset();
    }

    /** Ends all clients; what they wait for now is not counted. Idempotent. */
    @Override
    public void close() throws IOException {
        stop.countDown();
        try {
            for (int i = 0; i < threads.size(); i++) {
                // One that was about to connect is not yet there to be closed: then it is next time.
                do {
                    clients.get(i).abort();
                } while (!join(threads.get(i)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean join(Thread thread) throws InterruptedException {
        thread.join(JOIN_MILLIS);
        return !thread.isAlive();
    }

    /** Counts of all clients. */
    static final class Tally {
        final AtomicLong ok = new AtomicLong();
        final AtomicLong uncertain = new AtomicLong();
        final AtomicLong errors = new AtomicLong();
        final AtomicLong lost = new AtomicLong();
        final LongAccumulator longestNanos = new LongAccumulator(Math::max, 0);
        final AtomicReference<@Nullable String> lastError = new AtomicReference<>();

        void error(String what) {
            lastError.set(what);
            errors.incrementAndGet();
        }
    }

    /**
     * What clients were told.
     *
     * @param ok requests answered as Redis would
     * @param uncertain writes of which the reply said that they may have run
     * @param errors requests answered with any other error, and connections that ended
     * @param lost acknowledged writes that a later read of the same client, at a level that must show them, did not show;
     *     after a failover of asynchronous replication there may be some
     * @param longestNanos the longest that a client waited for a reply
     * @param lastError the last of the errors; null if there was none
     */
    record Result(
            int clients,
            long ok,
            long uncertain,
            long errors,
            long lost,
            long longestNanos,
            @Nullable String lastError) {}
}
