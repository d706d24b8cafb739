package io.tidegate.proxy.metrics;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.Notice;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the control plane counts, gathered from the notices of the routing engine. Written by the control loop, read by
 * whoever asks. The control plane has no queue whose depth one could watch: what event loops tell it goes into slots.
 */
public final class ControlStats {
    private final ConcurrentMap<NodeAddress, Boolean> sentinels = new ConcurrentHashMap<>();
    private final AtomicLong failovers = new AtomicLong();
    private final AtomicLong bytesKnownLost = new AtomicLong();
    private final AtomicLong restarts = new AtomicLong();
    private final AtomicLong fenceReleases = new AtomicLong();
    private volatile LongSupplier probeRounds = () -> 0;

    /** Whose claim was adopted last; the control loop's own. */
    private @Nullable NodeAddress primary;

    /** Counts what there is to count of it; only on the control loop. */
    public void heard(Notice notice) {
        if (notice instanceof Notice.ClaimAdopted claim) {
            if (primary != null && !primary.equals(claim.primary())) {
                failovers.incrementAndGet();
            }
            primary = claim.primary();
        } else if (notice instanceof Notice.SentinelLinkChanged link) {
            sentinels.put(link.sentinel(), link.up());
        } else if (notice instanceof Notice.StreamAtRisk risk) {
            bytesKnownLost.addAndGet(risk.bytesKnownLost());
        } else if (notice instanceof Notice.PrimaryRestarted restarted) {
            restarts.incrementAndGet();
            bytesKnownLost.addAndGet(restarted.bytesKnownLost());
        } else if (notice instanceof Notice.FenceReleased) {
            fenceReleases.incrementAndGet();
        }
    }

    /** Where the number of rounds in which every node was asked comes from; 0 before this was told. */
    public void probeRounds(LongSupplier source) {
        probeRounds = source;
    }

    /** Whether each sentinel that was ever heard of answers. */
    public Map<NodeAddress, Boolean> sentinels() {
        return Map.copyOf(sentinels);
    }

    long probeRounds() {
        return probeRounds.getAsLong();
    }

    long failovers() {
        return failovers.get();
    }

    long restarts() {
        return restarts.get();
    }

    long fenceReleases() {
        return fenceReleases.get();
    }

    long bytesKnownLost() {
        return bytesKnownLost.get();
    }
}
