package io.tidegate.routing.sim;

import static io.tidegate.routing.sim.EventQueue.MILLIS;

import io.tidegate.routing.engine.SentinelState;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What a sentinel answers to a proxy. */
final class SentinelReports {
    private SentinelReports() {}

    static SentinelState of(SimSentinel sentinel, boolean lists) {
        SentinelInstance primary = sentinel.primary;
        SentinelFailover failover = sentinel.failover;
        sentinel.toldOthers = sentinel.peers.size();
        return new SentinelState(
                failover.currentPrimary(),
                sentinel.configEpoch,
                flags(sentinel),
                primary.primaryReported ? "master" : "slave",
                primary.runId,
                sentinel.peers.size(),
                sentinel.settings.quorum(),
                sentinel.settings.downAfterMillis() * MILLIS,
                sentinel.settings.failoverTimeoutMillis() * MILLIS,
                primary.link.sinceAvailMillis() * MILLIS,
                failover.inProgress() ? failover.wireState() : null,
                sentinel.lastVote(),
                sentinel.clock.tilt(),
                sentinel.id,
                lists ? List.copyOf(sentinel.replicas.keySet()) : null,
                lists ? List.copyOf(sentinel.peers.keySet()) : null);
    }

    /** As {@code addReplySentinelRedisInstance} tells them. */
    private static Set<String> flags(SimSentinel sentinel) {
        SentinelInstance primary = sentinel.primary;
        Set<String> flags = new LinkedHashSet<>(List.of("master"));
        if (primary.down) {
            flags.add("s_down");
        }
        if (sentinel.objectivelyDown) {
            flags.add("o_down");
        }
        if (!primary.link.connected()) {
            flags.add("disconnected");
        }
        if (sentinel.failover.inProgress()) {
            flags.add("failover_in_progress");
        }
        return flags;
    }
}
