package io.tidegate.routing;

import static io.tidegate.routing.Instants.UNKNOWN;

import io.tidegate.routing.RoutingTable.Node;
import org.jspecify.annotations.Nullable;

/**
 * What one session has seen, as far as level {@code session} needs it: where it reads (its <em>home</em>), when its last
 * reply arrived, and whose acknowledged writes it must see. Confined to the session's event loop, but for the
 * {@link CausalScope}, which sessions may share.
 *
 * <p>The rule: a replica serves the session if it is the home and holds the last acknowledged write, or, to become the
 * home, if it holds everything up to the session's last reply and that write. Read-your-writes follows from the first
 * half, monotonic reads from the second: whatever the session saw had been executed before the reply that showed it
 * arrived.
 *
 * <p>Invariant: the home holds everything that the session has seen of others. So a replica becomes home when it is
 * chosen, not when it answers (a pipeline stays together), and stops being home when anybody else answers. A home is a
 * data set of a process, not an address: a replica that restarts, or that is given its data anew by another replica, may
 * come back with older ones.
 */
public final class Causality {
    private final CausalScope scope;
    private @Nullable Node home;
    private int homeDataSet;
    private long epoch = RoutingTable.NO_EPOCH;
    private long lastReplyNanos = UNKNOWN;
    private long settleAgainNanos = UNKNOWN;

    /**
     * Replicas that failed this session since its last reply, a bit for each id modulo 64. Two nodes may share a bit: then
     * one of them is passed over for a moment although it did not fail.
     */
    private long avoided;

    public Causality(CausalScope scope) {
        this.scope = scope;
    }

    /**
     * A write of this session was answered by a reply read at {@code readNanos}, be it with an error. To be called
     * before the reply is passed on.
     */
    public void acknowledged(long readNanos) {
        lastReplyNanos = Math.max(lastReplyNanos, readNanos);
        avoided = 0;
        scope.acknowledged(readNanos);
    }

    /**
     * A read of this session was answered by a reply read at {@code readNanos}. To be called before the reply is passed
     * on.
     *
     * @param node the process at the other end of the connection that the reply came on
     */
    public void read(Node node, long readNanos) {
        // Replies may be noted out of order: a parked one counts from when it was read, not from when it was released.
        lastReplyNanos = Math.max(lastReplyNanos, readNanos);
        avoided = 0;
        if (home != null && !sameProcess(home, node)) {
            home = null;
        }
    }

    /** The replica of this id could not be asked, or refused: others go first until this session gets a reply. */
    public void failed(int nodeId) {
        avoided |= 1L << nodeId;
    }

    boolean avoids(int nodeId) {
        return (avoided & (1L << nodeId)) != 0;
    }

    boolean avoidsNone() {
        return avoided == 0;
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
        if (epoch == currentEpoch) {
            return false;
        }
        boolean first = epoch == RoutingTable.NO_EPOCH;
        epoch = currentEpoch;
        home = null;
        return !first;
    }

    /** Makes this the home; the caller has compared its as-of with all that this session has seen. */
    void moveTo(Node node, int dataSet) {
        home = node;
        homeDataSet = dataSet;
    }

    /** The home's place among these replicas of {@code currentEpoch}; -1 if there is none, or it is not among them. */
    int homeIn(Lineup lineup, long currentEpoch) {
        if (home == null || epoch != currentEpoch) {
            return -1;
        }
        int place = lineup.place(home);
        return place >= 0 && lineup.dataSet(place) == homeDataSet ? place : -1;
    }

    /** Whether {@code node} with this data set is the home in {@code currentEpoch}. */
    boolean isHome(Node node, int dataSet, long currentEpoch) {
        return home != null && epoch == currentEpoch && homeDataSet == dataSet && sameProcess(home, node);
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

    static boolean sameProcess(Node a, Node b) {
        return a.id() == b.id() && a.runId().equals(b.runId());
    }
}
