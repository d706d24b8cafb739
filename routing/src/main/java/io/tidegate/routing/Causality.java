package io.tidegate.routing;

import static io.tidegate.routing.Instants.UNKNOWN;

/**
 * What one session has seen, as far as level {@code session} needs it: where it reads (its <em>home</em>), when its last
 * reply arrived, and whose acknowledged writes it must see. Confined to the session's event loop, but for the
 * {@link CausalScope}, which sessions may share.
 *
 * <p>The rule: a replica serves the session if it is the home and holds the last acknowledged write, or, to become the
 * home, if it holds everything up to the session's last reply. Read-your-writes follows from the first half, monotonic
 * reads from the second: whatever the session saw had been executed before the reply that showed it arrived.
 */
public final class Causality {
    /** The home of a session whose last read came from the primary, or that has not read. */
    public static final int NO_HOME = -1;

    private final CausalScope scope;
    private int homeId = NO_HOME;
    private long epoch = RoutingTable.NO_EPOCH;
    private long lastReplyNanos = UNKNOWN;
    private long settleAgainNanos = UNKNOWN;

    public Causality(CausalScope scope) {
        this.scope = scope;
    }

    /** A write of this session was acknowledged by a reply read at {@code readNanos}. */
    public void acknowledged(long readNanos) {
        lastReplyNanos = readNanos;
        scope.acknowledged(readNanos);
    }

    /** A read of this session was answered by node {@code nodeId}, replica or not, with a reply read at {@code readNanos}. */
    public void read(int nodeId, boolean replica, long readNanos) {
        homeId = replica ? nodeId : NO_HOME;
        lastReplyNanos = readNanos;
    }

    /** Waiting for a home was in vain: do not wait again before {@code againNanos}, so that lag costs few requests a wait. */
    public void settleFailed(long againNanos) {
        settleAgainNanos = againNanos;
    }

    /**
     * Guarantees hold within an epoch: instants of the old primary say nothing about the new one.
     *
     * @return true if this session had seen another epoch before
     */
    boolean enter(long currentEpoch) {
        boolean changed = epoch != currentEpoch;
        if (changed) {
            boolean first = epoch == RoutingTable.NO_EPOCH;
            epoch = currentEpoch;
            homeId = NO_HOME;
            return !first;
        }
        return false;
    }

    int homeId() {
        return homeId;
    }

    long lastReplyNanos() {
        return lastReplyNanos;
    }

    long lastWriteNanos() {
        return scope.lastWriteNanos();
    }

    boolean maySettle(long nowNanos) {
        return nowNanos >= settleAgainNanos;
    }
}
