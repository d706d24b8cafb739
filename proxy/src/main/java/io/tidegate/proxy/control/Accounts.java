package io.tidegate.proxy.control;

import io.tidegate.proxy.control.Failover.Impact;
import io.tidegate.routing.Instants;
import io.tidegate.routing.engine.Acknowledged.Writes;

/** What the data plane counts, as far as failovers are told by it. Asked on the control loop; answers at once. */
public interface Accounts {

    /** What clients have felt since the start of the proxy; the longest wait since this was last asked. */
    Impact totals();

    /** Requests that are held now. */
    long held();

    /** Replies that are parked now. */
    long parked();

    /** When a hold ended last; {@link Instants#UNKNOWN} if none ever did. */
    long lastHoldEndNanos();

    /** The writes under this claim, which is the one in use or the one before. */
    Writes writes(long epoch);

    /** When the first write was acknowledged under this claim; {@link Instants#UNKNOWN} if none was. */
    long firstAcknowledgedNanos(long epoch);
}
