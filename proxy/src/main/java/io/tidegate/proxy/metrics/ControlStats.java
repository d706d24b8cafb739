package io.tidegate.proxy.metrics;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.engine.Notice;
import io.tidegate.routing.engine.WarningKind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * What the control plane counts, gathered from the notices of the routing engine. Written by the control loop, read by
 * whoever asks. The control plane has no queue whose depth one could watch: what event loops tell it goes into slots.
 */
public final class ControlStats {
    private final ConcurrentMap<NodeAddress, Boolean> sentinels = new ConcurrentHashMap<>();
    /** Told of as second primaries, under this epoch. */
    private final ConcurrentMap<NodeAddress, Long> secondPrimaries = new ConcurrentHashMap<>();

    private final ConcurrentMap<Ending, Ended> failovers = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, AtomicLong> writesAtRisk = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, AtomicLong> switchovers = new ConcurrentHashMap<>();
    private final AtomicLong bytesKnownLost = new AtomicLong();
    private final AtomicLong restarts = new AtomicLong();
    private final AtomicLong fenceReleases = new AtomicLong();
    private final Map<WarningKind, AtomicLong> warned = new EnumMap<>(WarningKind.class);

    /** What is odd now, oldest first; replaced as a whole by the control loop. */
    private volatile List<Notice.Warning> standing = List.of();

    private volatile LongSupplier probeRounds = () -> 0;

    /** When each phase of the last failover came, after its beginning. */
    private volatile Map<String, Long> phases = Map.of();

    /** What failovers are told apart by. */
    record Ending(String kind, String outcome) {}

    /** How many there were, and how long all of them together kept writes waiting. */
    static final class Ended {
        final AtomicLong count = new AtomicLong();
        final AtomicLong pauseNanos = new AtomicLong();
    }

    public ControlStats() {
        for (WarningKind kind : WarningKind.values()) {
            warned.put(kind, new AtomicLong());
        }
    }

    /** Counts what there is to count of it; only on the control loop. */
    public void heard(Notice notice) {
        if (notice instanceof Notice.SentinelLinkChanged link) {
            sentinels.put(link.sentinel(), link.up());
        } else if (notice instanceof Notice.SecondPrimary second) {
            secondPrimaries.values().removeIf(epoch -> epoch != second.epoch());
            secondPrimaries.put(second.node(), second.epoch());
        } else if (notice instanceof Notice.StreamAtRisk risk) {
            bytesKnownLost.addAndGet(risk.bytesKnownLost());
        } else if (notice instanceof Notice.PrimaryRestarted restarted) {
            restarts.incrementAndGet();
            bytesKnownLost.addAndGet(restarted.bytesKnownLost());
        } else if (notice instanceof Notice.FenceReleased) {
            fenceReleases.incrementAndGet();
        } else if (notice instanceof Notice.Warning warning) {
            begun(warning);
        } else if (notice instanceof Notice.WarningEnded ended) {
            List<Notice.Warning> left = new ArrayList<>(standing);
            left.remove(new Notice.Warning(ended.kind(), ended.text()));
            standing = List.copyOf(left);
        }
    }

    /**
     * A failover has ended; only on the control loop.
     *
     * @param kind planned or not, in the words of the timeline
     * @param outcome likewise
     * @param phasesNanos when each phase came, by its word, after the beginning
     */
    public void failoverEnded(String kind, String outcome, long pauseNanos, Map<String, Long> phasesNanos) {
        Ended ended = failovers.computeIfAbsent(new Ending(kind, outcome), fresh -> new Ended());
        ended.count.incrementAndGet();
        ended.pauseNanos.addAndGet(pauseNanos);
        phases = Map.copyOf(phasesNanos);
    }

    /** Failovers may end so: shown from the start. */
    public void mayEnd(String kind, String outcome) {
        failovers.computeIfAbsent(new Ending(kind, outcome), fresh -> new Ended());
    }

    /** A switchover has ended, or may end so if {@code count} is 0; only on the control loop, or before it runs. */
    public void switchoverEnded(String outcome, int count) {
        switchovers.computeIfAbsent(outcome, fresh -> new AtomicLong()).addAndGet(count);
    }

    /** So many acknowledged writes may be lost, in one of the two senses: {@code least} or {@code most}. */
    public void writesAtRisk(String bound, long count) {
        writesAtRisk.computeIfAbsent(bound, fresh -> new AtomicLong()).addAndGet(count);
    }

    private void begun(Notice.Warning warning) {
        AtomicLong count = warned.get(warning.kind());
        if (count != null) {
            count.incrementAndGet();
        }
        if (warning.kind().stands()) {
            List<Notice.Warning> more = new ArrayList<>(standing);
            more.add(warning);
            standing = List.copyOf(more);
        }
    }

    /** What is odd about the shard now, oldest first. */
    public List<Notice.Warning> warnings() {
        return standing;
    }

    long warned(WarningKind kind) {
        AtomicLong count = warned.get(kind);
        return count == null ? 0 : count.get();
    }

    long standing(WarningKind kind) {
        return standing.stream().filter(warning -> warning.kind() == kind).count();
    }

    /** Where the number of rounds in which every node was asked comes from; 0 before this was told. */
    public void probeRounds(LongSupplier source) {
        probeRounds = source;
    }

    /** Whether each sentinel that was ever heard of answers. */
    public Map<NodeAddress, Boolean> sentinels() {
        return Map.copyOf(sentinels);
    }

    /** How many were told of that still say primary; not those that a failover under way explains. */
    long secondPrimaries(RoutingTable table) {
        return table.replicas().stream()
                .filter(replica -> replica.health() == RouteReason.NOT_A_REPLICA)
                .filter(replica -> Long.valueOf(table.epoch())
                        .equals(secondPrimaries.get(replica.node().address())))
                .count();
    }

    long probeRounds() {
        return probeRounds.getAsLong();
    }

    Map<Ending, Ended> failovers() {
        return failovers;
    }

    Map<String, AtomicLong> switchovers() {
        return switchovers;
    }

    Map<String, AtomicLong> writesAtRisk() {
        return writesAtRisk;
    }

    Map<String, Long> phases() {
        return phases;
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
