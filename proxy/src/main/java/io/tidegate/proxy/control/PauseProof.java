package io.tidegate.proxy.control;

/**
 * Whether a node that was told {@code CLIENT PAUSE} provably still keeps writes back, by this proxy's clock alone. The pause
 * began no earlier than it was sent, so it lasts at least until its length after that; and it has lasted without a gap if
 * each renewal was answered before the one before it could end. Who was stopped in between finds that nothing is proven.
 * The node measures by its own clock: the margin is for one that runs faster, not for one that is set. Pure.
 */
final class PauseProof {
    private final long provenNanosMax;
    private long untilNanos;
    private boolean begun;
    private boolean broken;

    /** @param marginNanos taken off the length of every pause */
    PauseProof(long lengthNanos, long marginNanos) {
        this.provenNanosMax = lengthNanos - marginNanos;
    }

    /** A pause that was sent at the first instant has been answered by the second. */
    void paused(long sentNanos, long readNanos) {
        broken |= begun && readNanos >= untilNanos;
        begun = true;
        untilNanos = Math.max(untilNanos, sentNanos + provenNanosMax);
    }

    /** Whether nothing that it keeps back was executed since the first pause was answered. */
    boolean holds(long nowNanos) {
        return begun && !broken && nowNanos < untilNanos;
    }
}
