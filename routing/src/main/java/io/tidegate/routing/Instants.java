package io.tidegate.routing;

/**
 * The two instants that no clock gives. Every instant of this project is a {@code long} of nanoseconds on the proxy's
 * own monotonic clock, which starts above zero, so instants are compared with plain {@code <} and {@code >=}.
 */
public final class Instants {
    /** Nothing is known: earlier than everything, so unknown is never fresh. */
    public static final long UNKNOWN = Long.MIN_VALUE;

    /** Later than everything: evidence that needs no proof (fence off). */
    public static final long FOREVER = Long.MAX_VALUE;

    private Instants() {}
}
