package io.tidegate.bench.drill;

import io.tidegate.proxy.cli.drill.Answer;
import io.tidegate.proxy.cli.drill.History;
import io.tidegate.proxy.cli.drill.Outcome;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection's thread: makes one write after the other at a fixed pace. What it misses while it waits for an answer it
 * does not make up for, so that a pause is followed by no flood.
 */
final class Writer extends Thread {
    /** What an application waits for after an error, at least. */
    private static final long AFTER_ERROR_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Clients clients;
    private final String key;
    private final long intervalNanos;
    private final long delayNanos;
    private final History history = new History();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch stop = new CountDownLatch(1);

    /** Written by this thread before it ends. */
    private @Nullable RuntimeException failure;

    /**
     * Begins with {@link #start}.
     *
     * @param key of its stream, which is nobody else's
     * @param delayNanos until the first write, so that not all make theirs at the same instant
     */
    Writer(Clients clients, String key, long intervalNanos, long delayNanos) {
        super(key);
        this.clients = clients;
        this.key = key;
        this.intervalNanos = intervalNanos;
        this.delayNanos = delayNanos;
        setDaemon(true);
    }

    @Override
    public void run() {
        try (Appender appender = clients.open()) {
            long dueNanos = System.nanoTime() + delayNanos;
            while (!stop.await(dueNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                long sentMicros = nowMicros();
                Answer answer = appender.append(key, history.next());
                history.add(answer, sentMicros, nowMicros());
                boolean acknowledged = answer.outcome() == Outcome.ACKNOWLEDGED;
                if (acknowledged) {
                    begun.countDown();
                }
                dueNanos = acknowledged
                        ? Math.max(dueNanos + intervalNanos, System.nanoTime())
                        : System.nanoTime() + Math.max(AFTER_ERROR_NANOS, intervalNanos);
            }
        } catch (InterruptedException e) {
            interrupt();
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    /** Waits for its first acknowledgement. Returns whether there was one in time. */
    boolean awaitBegun(long nanos) throws InterruptedException {
        return begun.await(nanos, TimeUnit.NANOSECONDS);
    }

    /**
     * What it was told. It has ended.
     *
     * @throws IllegalStateException if it ended by a mistake of its own, and so keeps no full account
     */
    History history() {
        if (failure != null) {
            throw new IllegalStateException(key, failure);
        }
        return history;
    }

    /** Lets it end after the write that it is at. */
    void finish() {
        stop.countDown();
    }

    String key() {
        return key;
    }

    /** The wall clock, since servers have that in common with us. */
    private static long nowMicros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }
}
