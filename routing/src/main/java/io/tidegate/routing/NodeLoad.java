package io.tidegate.routing;

/** What the calling event loop knows of the load on a node. Implemented by the proxy; both answers are plain reads. */
public interface NodeLoad {
    /** Commands of this event loop that the node has not yet answered. */
    int outstanding(int nodeId);

    /** Reads of this event loop that are at the primary, unanswered, and not there because their level asks for it. */
    int spilled();

    /**
     * Smoothed time from sending a command to its reply, in nanoseconds; 0 while unknown. Must fade while nothing is
     * sent: a node that was slow once would otherwise never be tried again.
     */
    long latencyNanos(int nodeId);
}
