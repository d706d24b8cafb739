package io.tidegate.proxy.upstream;

import io.tidegate.routing.NodeLoad;
import java.util.Arrays;

/** How busy each node is with this event loop's commands. Indexed by node id; confined to the loop. */
public final class NodeLoads implements NodeLoad {
    /** A reply moves the average by an eighth: some ten replies to follow a change, one slow one forgotten as fast. */
    private static final int SMOOTHING_SHIFT = 3;

    private int[] outstanding = new int[8];
    private long[] latencyNanos = new long[8];
    private boolean[] answered = new boolean[8];
    private int spilled;

    @Override
    public int outstanding(int nodeId) {
        return nodeId < outstanding.length ? outstanding[nodeId] : 0;
    }

    @Override
    public int spilled() {
        return spilled;
    }

    /** {@code reads} went to the primary for want of a replica, or, if negative, are there no longer. */
    void spilled(int reads) {
        spilled += reads;
    }

    @Override
    public long latencyNanos(int nodeId) {
        return nodeId < latencyNanos.length ? latencyNanos[nodeId] : 0;
    }

    void sent(int nodeId, int commands) {
        if (nodeId >= outstanding.length) {
            outstanding = Arrays.copyOf(outstanding, nodeId * 2);
            latencyNanos = Arrays.copyOf(latencyNanos, nodeId * 2);
            answered = Arrays.copyOf(answered, nodeId * 2);
        }
        outstanding[nodeId] += commands;
    }

    void answered(int nodeId, int commands) {
        outstanding[nodeId] -= commands;
    }

    void answered(int nodeId, int commands, long tookNanos) {
        outstanding[nodeId] -= commands;
        answered[nodeId] = true;
        latencyNanos[nodeId] += (Math.min(tookNanos, LATENCY_NANOS_MAX) - latencyNanos[nodeId]) >> SMOOTHING_SHIFT;
    }

    /**
     * Now and then: halves what is remembered of nodes that answered nothing since. One slow reply, the first over a new
     * connection say, would otherwise keep a node out for ever, since only use can show that it is fast.
     */
    void forgetSlowly() {
        for (int id = 0; id < latencyNanos.length; id++) {
            if (!answered[id]) {
                latencyNanos[id] /= 2;
            }
            answered[id] = false;
        }
    }

    /** The connection that carried them is gone. */
    void lost(int nodeId, int commands) {
        if (commands > 0) {
            outstanding[nodeId] -= commands;
        }
    }
}
