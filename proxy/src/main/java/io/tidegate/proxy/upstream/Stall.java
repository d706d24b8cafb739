package io.tidegate.proxy.upstream;

/**
 * Too many bytes wait for a server's socket, and whoever sends them waits until they drained. While that lasts nobody adds
 * to them, so a number that does not fall is a server that takes nothing: no reply is owed yet whose delay would show it.
 */
final class Stall {
    private boolean stalled;
    private long pendingBytes;
    private long sinceNanos;
    private boolean timed;

    /** Whether more than {@code bytesMax} wait: then it stalls, if it does not already. */
    boolean begins(long newPendingBytes, long bytesMax) {
        if (newPendingBytes > bytesMax && !stalled) {
            stalled = true;
            timed = false;
        }
        return stalled;
    }

    /** All drained. Whether it had stalled. */
    boolean ends() {
        boolean was = stalled;
        stalled = false;
        return was;
    }

    /** For how many nanoseconds nothing was taken, as far as those tell who ask now and then; 0 if it does not stall. */
    long lasts(long newPendingBytes, long nowNanos) {
        if (!stalled) {
            return 0;
        }
        if (!timed || newPendingBytes != pendingBytes) {
            timed = true;
            pendingBytes = newPendingBytes;
            sinceNanos = nowNanos;
        }
        return nowNanos - sinceNanos;
    }
}
