package io.tidegate.proxy;

/**
 * The proxy's own monotonic clock, in nanoseconds. It starts at one second and never goes back, so that every instant
 * is strictly positive and two of them are compared with plain {@code <} and {@code >=}; it has no relation to the time
 * of day. One clock is made per process and handed to whoever stamps: an instant of one clock means nothing on another.
 */
@FunctionalInterface
public interface Clock {
    long nowNanos();

    /** A clock that starts now; the only reader of {@link System#nanoTime()} in the proxy. */
    static Clock start() {
        long origin = System.nanoTime() - 1_000_000_000L;
        return () -> System.nanoTime() - origin;
    }
}
