package io.tidegate.proxy.control;

import io.tidegate.proxy.control.Failover.Impact;
import io.tidegate.routing.Instants;
import io.tidegate.routing.engine.Acknowledged.Writes;

/** What a test says that was counted. */
final class FakeAccounts implements Accounts {
    Impact totals = Impact.NONE;
    long held;
    long parked;
    long lastHoldEndNanos = Instants.UNKNOWN;
    Writes writes = new Writes(0, 0, 0, 0, 0);
    long firstAcknowledgedEpoch;
    long firstAcknowledgedNanos = Instants.UNKNOWN;

    @Override
    public Impact totals() {
        return totals;
    }

    @Override
    public long held() {
        return held;
    }

    @Override
    public long parked() {
        return parked;
    }

    @Override
    public long lastHoldEndNanos() {
        return lastHoldEndNanos;
    }

    @Override
    public Writes writes(long epoch) {
        return writes;
    }

    @Override
    public long firstAcknowledgedNanos(long epoch) {
        return epoch == firstAcknowledgedEpoch ? firstAcknowledgedNanos : Instants.UNKNOWN;
    }
}
