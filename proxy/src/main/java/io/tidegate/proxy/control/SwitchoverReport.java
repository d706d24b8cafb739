package io.tidegate.proxy.control;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What clients felt of a switchover, in one line. */
final class SwitchoverReport {
    private SwitchoverReport() {}

    /** @param failover the one that it made; null if that is not over yet */
    static String felt(@Nullable Failover failover) {
        if (failover == null) {
            return "; requests are still held: PROXY FAILOVERS";
        }
        Failover.Impact impact = failover.impact();
        Failover.AtRisk atRisk = failover.atRisk();
        return String.format(
                Locale.ROOT,
                "; longest wait %.1f ms, held %d, parked %d, uncertain %d, not executed %d, known lost %s",
                impact.longestWaitNanos() / 1e6,
                impact.held(),
                impact.parked(),
                impact.uncertain(),
                impact.notExecuted(),
                atRisk == null ? "unknown" : atRisk.stream().bytesKnownLost() + " bytes");
    }
}
