package io.tidegate.proxy;

import io.tidegate.proxy.control.Accounts;
import io.tidegate.proxy.control.Failover;
import io.tidegate.proxy.control.Failover.AtRisk;
import io.tidegate.proxy.control.Failover.Impact;
import io.tidegate.proxy.metrics.ControlStats;
import io.tidegate.proxy.metrics.Metrics;
import io.tidegate.routing.engine.Acknowledged.Loss;
import io.tidegate.routing.engine.Acknowledged.Writes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Between the control plane, which tells failovers, and what is counted: both ways. */
final class FailoverAccounts implements Accounts {
    private static final String LEAST = "least";
    private static final String MOST = "most";

    private final Metrics metrics;
    private final ControlStats stats;

    FailoverAccounts(Metrics metrics, ControlStats stats) {
        this.metrics = metrics;
        this.stats = stats;
        for (String kind : List.of(Failover.PLANNED, Failover.UNPLANNED)) {
            stats.mayEnd(kind, Failover.Outcome.SWITCHED.label());
            stats.mayEnd(kind, Failover.Outcome.KEPT.label());
        }
        stats.writesAtRisk(LEAST, 0);
        stats.writesAtRisk(MOST, 0);
    }

    @Override
    public Impact totals() {
        return new Impact(
                metrics.holds(),
                metrics.parks(),
                metrics.errors("uncertain"),
                metrics.replayed(),
                metrics.errors("no_primary", "upload_lost", "overloaded"),
                metrics.takeLongestWaitNanos());
    }

    @Override
    public long held() {
        return metrics.held();
    }

    @Override
    public long parked() {
        return metrics.parked();
    }

    @Override
    public long lastHoldEndNanos() {
        return metrics.lastHoldEndNanos();
    }

    @Override
    public Writes writes(long epoch) {
        return metrics.writes(epoch);
    }

    @Override
    public long firstAcknowledgedNanos(long epoch) {
        return metrics.firstToldNanos(epoch);
    }

    /** For the meters. */
    void ended(Failover failover) {
        Map<String, Long> phasesNanos = new LinkedHashMap<>();
        failover.instants().forEach((phase, nanos) -> phasesNanos.put(phase.label(), nanos - failover.beginNanos()));
        stats.failoverEnded(failover.kind(), failover.outcome().label(), failover.pauseNanos(), phasesNanos);
        AtRisk atRisk = failover.atRisk();
        if (atRisk != null) {
            Loss loss = atRisk.writes();
            stats.writesAtRisk(LEAST, loss.least());
            stats.writesAtRisk(MOST, loss.bounded() ? loss.most() : loss.least());
        }
    }
}
