package io.tidegate.proxy.dispatch;

/**
 * How long a client may take when it is its turn; looked at once a second. 0 = for ever, but for the first.
 *
 * @param handshakeNanosMax to authenticate, where it has to
 * @param idleNanosMax without a request, when nothing is owed to it
 * @param requestNanosMax to go on with a request that it has begun, see {@link Lateness#REQUEST_BYTES_PER_SECOND_MIN}
 * @param writeNanosMax to take some of the replies that wait for it
 */
public record Patience(long handshakeNanosMax, long idleNanosMax, long requestNanosMax, long writeNanosMax) {
    /** For ever. */
    public static final Patience ENDLESS = new Patience(Long.MAX_VALUE, 0, 0, 0);
}
