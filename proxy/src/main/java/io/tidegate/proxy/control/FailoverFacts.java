package io.tidegate.proxy.control;

import io.tidegate.proxy.control.Failover.AtRisk;
import io.tidegate.proxy.control.Failover.Impact;
import io.tidegate.proxy.loop.Reasons;
import io.tidegate.proxy.signals.Facts;
import io.tidegate.routing.engine.Acknowledged.Loss;
import org.jspecify.annotations.Nullable;

/**
 * A failover as people and programs are told of it: by {@code PROXY FAILOVERS}, {@code /topology} and the log. Times are
 * milliseconds with a fraction, those of phases and acknowledgements after the beginning; OPERATING.md says what each means.
 */
public final class FailoverFacts {
    private FailoverFacts() {}

    public static Facts of(Failover failover, long nowNanos) {
        Impact impact = failover.impact();
        Facts phases = new Facts();
        failover.instants().forEach((phase, nanos) -> phases.add(phase.label(), after(failover, nanos)));
        return new Facts()
                .add("kind", failover.kind())
                .add("outcome", failover.outcome().label())
                .add("from", failover.from().toString())
                .add("to", failover.to() == null ? null : failover.to().toString())
                .add("epoch", failover.epoch())
                .add("began-ago-millis", millis(nowNanos - failover.beginNanos()))
                .add("evidence", Reasons.printable(failover.evidence()))
                .add("phases-after-millis", phases)
                .add("pause-millis", millis(failover.pauseNanos()))
                .add("held", impact.held())
                .add("parked", impact.parked())
                .add("uncertain", impact.uncertain())
                .add("replayed", impact.replayed())
                .add("not-executed", impact.notExecuted())
                .add("longest-wait-millis", millis(impact.longestWaitNanos()))
                .add("at-risk", atRisk(failover, failover.atRisk()));
    }

    private static @Nullable Facts atRisk(Failover failover, @Nullable AtRisk atRisk) {
        if (atRisk == null) {
            return null;
        }
        Loss writes = atRisk.writes();
        Facts facts = new Facts()
                .add("shared-to-offset", atRisk.stream().branchOffset())
                .add("seen-to-offset", atRisk.stream().lastSeenOffset())
                .add("known-lost-bytes", atRisk.stream().bytesKnownLost())
                .add("writes-at-least", writes.least());
        if (!writes.bounded()) {
            return facts.unknown("writes-at-most")
                    .unknown("acknowledged-after-millis")
                    .add("acknowledged-before-millis", after(failover, writes.beforeNanos()));
        }
        facts.add("writes-at-most", writes.most());
        return writes.most() == 0
                ? facts.unknown("acknowledged-after-millis").unknown("acknowledged-before-millis")
                : facts.add("acknowledged-after-millis", after(failover, writes.afterNanos()))
                        .add("acknowledged-before-millis", after(failover, writes.beforeNanos()));
    }

    private static double after(Failover failover, long nanos) {
        return millis(nanos - failover.beginNanos());
    }

    /** To the microsecond. */
    private static double millis(long nanos) {
        return Math.round(nanos / 1e3) / 1e3;
    }
}
