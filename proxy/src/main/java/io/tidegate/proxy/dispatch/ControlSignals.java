package io.tidegate.proxy.dispatch;

import io.tidegate.routing.NodeAddress;

/**
 * What the data plane tells the control plane. Called from event loops, so an implementation returns at once: it
 * neither blocks nor does the work itself, and signals that come faster than they are worked off become one.
 */
public interface ControlSignals {

    /** Replies of the primary read up to {@code readNanos} are parked and wait for evidence that reaches that instant. */
    void evidenceWanted(long readNanos);

    /** A read waits for a replica whose as-of reaches {@code asOfNanos}: probe now, as fast as round trips allow. */
    void freshnessWanted(long asOfNanos);

    /**
     * A connection opened under {@code epoch} did what that of a primary in good health does not.
     *
     * @param evidence what was seen, for the log: "connection closed", "READONLY", …; no data of clients
     */
    void suspect(NodeAddress node, long epoch, String evidence);
}
