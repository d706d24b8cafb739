package io.tidegate.proxy.loop;

/**
 * How long a client may take when it is its turn; looked at once a second. 0 = for ever, but for the first.
 *
 * @param handshakeNanosMax to authenticate, where it has to
 * @param idleNanosMax without a request, when nothing is owed to it
 * @param requestNanosMax to go on with a request that it has begun, where too little of it comes
 * @param writeNanosMax to take some of the replies that wait for it
 */
public record Patience(long handshakeNanosMax, long idleNanosMax, long requestNanosMax, long writeNanosMax) {
    /** For ever. */
    public static final Patience ENDLESS = new Patience(Long.MAX_VALUE, 0, 0, 0);
}
