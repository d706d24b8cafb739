package io.tidegate.proxy.dispatch;

/**
 * How many may pass: so many per second, evenly, and a hundredth of that at once. What was not used for a while is not
 * saved up.
 */
final class DrainRate {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long BURST_NANOS = SECOND_NANOS / 100;

    private final long intervalNanos;
    /** When the one that passed last would have passed had all come evenly. */
    private long evenNanos;

    /** @param perSecond at least 1 */
    DrainRate(int perSecond) {
        this.intervalNanos = SECOND_NANOS / perSecond;
    }

    boolean mayPass(long nowNanos) {
        return evenNanos <= nowNanos + BURST_NANOS;
    }

    void passed(long nowNanos) {
        evenNanos = Math.max(evenNanos, nowNanos) + intervalNanos;
    }
}
