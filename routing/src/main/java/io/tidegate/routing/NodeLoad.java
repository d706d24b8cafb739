package io.tidegate.routing;

/** What the calling event loop knows of the load on a node. Implemented by the proxy; all answers are plain reads. */
public interface NodeLoad {
    /** Above this a node is as slow as can be. A latency times a number of commands is a long then, whatever they are. */
    long LATENCY_NANOS_MAX = 0xFFFF_FFFFL;

    /** Commands of this event loop that the node has not yet answered. */
    int outstanding(int nodeId);

    /** Reads of this event loop that are at the primary, unanswered, and not there because their level asks for it. */
    int spilled();

    /**
     * Smoothed time from sending a command to its reply, in nanoseconds, at most {@link #LATENCY_NANOS_MAX}; 0 while
     * unknown. Must fade while nothing is sent: a node that was slow once would otherwise never be tried again.
     */
    long latencyNanos(int nodeId);
}
