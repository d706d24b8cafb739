package io.tidegate.proxy.metrics;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** What is counted of reloads. Written by the thread that does them, read by whoever asks. */
public final class ConfigStats {
    /** How a reload ended. */
    public enum Outcome {
        /** What could be changed was. */
        APPLIED,
        /** There was nothing to change, but perhaps for what waits for a restart. */
        UNCHANGED,
        /** There was a mistake, and nothing was changed. */
        REFUSED;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Filled in the constructor, and never changed then. */
    private final Map<Outcome, AtomicLong> reloads = new EnumMap<>(Outcome.class);

    private volatile long readNanos;
    private volatile int waiting;
    private volatile boolean refused;

    /**
     * Nothing was reloaded so far.
     *
     * @param nowNanos when the configuration was read that is in use
     */
    public ConfigStats(long nowNanos) {
        this.readNanos = nowNanos;
        for (Outcome outcome : Outcome.values()) {
            reloads.put(outcome, new AtomicLong());
        }
    }

    /** There was a mistake, and nothing was changed. */
    public void refused() {
        count(Outcome.REFUSED).incrementAndGet();
        refused = true;
    }

    /**
     * The configuration was read, and is in use as far as it can be.
     *
     * @param waiting how many changes wait for a restart
     */
    public void read(boolean changed, int waiting, long nowNanos) {
        count(changed ? Outcome.APPLIED : Outcome.UNCHANGED).incrementAndGet();
        this.waiting = waiting;
        this.readNanos = nowNanos;
        refused = false;
    }

    /** Whether what was read last is not what is in use. */
    boolean lastRefused() {
        return refused;
    }

    long reloads(Outcome outcome) {
        return count(outcome).get();
    }

    private AtomicLong count(Outcome outcome) {
        return Objects.requireNonNull(reloads.get(outcome));
    }

    int waiting() {
        return waiting;
    }

    long readNanos() {
        return readNanos;
    }
}
