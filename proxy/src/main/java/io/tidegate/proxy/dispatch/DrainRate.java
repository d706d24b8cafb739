package io.tidegate.proxy.dispatch;

/**
 * How many may pass: so many per second, evenly, and a hundredth of that at once. What was not used for a while is not
 * saved up.
 */
final class DrainRate {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long BURST_NANOS = SECOND_NANOS / 100;

    /** When the one that passed last would have passed had all come evenly. */
    private long evenNanos;

    boolean mayPass(long nowNanos) {
        return evenNanos <= nowNanos + BURST_NANOS;
    }

    /** @param perSecond how many may, at least 1 */
    void passed(int perSecond, long nowNanos) {
        evenNanos = Math.max(evenNanos, nowNanos) + SECOND_NANOS / perSecond;
    }
}
