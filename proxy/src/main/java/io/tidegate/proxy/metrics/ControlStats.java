package io.tidegate.proxy.metrics;

import io.tidegate.routing.NodeAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the control plane counts. It happens seldom enough for atomics, so any thread may write.
 *
 * <p>The queue is that of events waiting for the engine: its depth is what was queued less what was worked off.
 */
public final class ControlStats {
    private final ConcurrentMap<NodeAddress, Boolean> sentinels = new ConcurrentHashMap<>();
    private final AtomicLong eventsQueued = new AtomicLong();
    private final AtomicLong eventsWorkedOff = new AtomicLong();
    private final AtomicLong eventsDropped = new AtomicLong();
    private final AtomicLong probeRounds = new AtomicLong();
    private final AtomicLong failovers = new AtomicLong();
    private final AtomicLong bytesKnownLost = new AtomicLong();

    public void eventQueued() {
        eventsQueued.incrementAndGet();
    }

    public void eventWorkedOff() {
        eventsWorkedOff.incrementAndGet();
    }

    /** An event did not fit into the queue. */
    public void eventDropped() {
        eventsDropped.incrementAndGet();
    }

    /** Every node was asked once. */
    public void probed() {
        probeRounds.incrementAndGet();
    }

    /** A claim of another node than before was adopted. */
    public void failedOver() {
        failovers.incrementAndGet();
    }

    /** Replication stream that was acknowledged and is known to be lost. */
    public void lost(long bytes) {
        bytesKnownLost.addAndGet(bytes);
    }

    public void sentinelLink(NodeAddress sentinel, boolean up) {
        sentinels.put(sentinel, up);
    }

    public void sentinelForgotten(NodeAddress sentinel) {
        sentinels.remove(sentinel);
    }

    /** Whether each known sentinel answers. */
    public Map<NodeAddress, Boolean> sentinels() {
        return Map.copyOf(sentinels);
    }

    long eventsWaiting() {
        long workedOff = eventsWorkedOff.get();
        return Math.max(0, eventsQueued.get() - workedOff);
    }

    long eventsDropped() {
        return eventsDropped.get();
    }

    long probeRounds() {
        return probeRounds.get();
    }

    long failovers() {
        return failovers.get();
    }

    long bytesKnownLost() {
        return bytesKnownLost.get();
    }
}
