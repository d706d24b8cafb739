package io.tidegate.proxy.upstream;

/** How big the reply is that is arriving on one connection. */
final class ReplySize {
    /**
     * A reply of more than this is big: nobody waits behind it. It is what some thousand small replies are together, and
     * half a millisecond of a fast network; a value of 64 KiB, or a few of them in one reply, is far below.
     */
    static final long BIG_BYTES = 512 * 1024;

    private long arrivedBytes;
    private boolean big;

    /** A chunk was scanned; {@code bytes} at its end belong to a reply of which more is to come, all of it if {@code goesOn}. */
    void scanned(boolean goesOn, int bytes) {
        arrivedBytes = goesOn ? arrivedBytes + bytes : bytes;
        big &= goesOn;
    }

    /** Whether the reply, of which at least {@code moreBytes} are to come, is now known to be big, and was not before. */
    boolean turnsBig(long moreBytes) {
        boolean known = big;
        big = arrivedBytes + moreBytes > BIG_BYTES;
        return big && !known;
    }

    boolean big() {
        return big;
    }
}
