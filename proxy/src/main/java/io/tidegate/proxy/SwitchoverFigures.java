package io.tidegate.proxy;

import io.tidegate.proxy.control.ControlPlane;
import io.tidegate.proxy.metrics.ControlStats;

/** How switchovers ended, for the meters: each way that one may end is shown from the start. */
final class SwitchoverFigures {
    private SwitchoverFigures() {}

    static void count(ControlPlane control, ControlStats stats) {
        ControlPlane.SWITCHOVER_OUTCOMES.forEach(outcome -> stats.switchoverEnded(outcome, 0));
        control.onSwitchover(outcome -> stats.switchoverEnded(outcome, 1));
    }
}
