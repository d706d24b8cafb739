package io.tidegate.proxy.cli;

import io.tidegate.proxy.cli.Workload.Result;
import io.tidegate.proxy.control.Failover;
import io.tidegate.proxy.control.Failover.Phase;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** The story of the demo's failover: when what happened, and what clients felt of it. */
final class FailoverReport {
    private static final double NANOS_PER_SECOND = 1e9;

    private FailoverReport() {}

    /**
     * Tells it.
     *
     * @param killedNanos when the primary was killed, on the clock of {@code failover}
     * @param held requests that had to wait since; more than the failover's own count, which begins with the first sign
     */
    static String of(Failover failover, long killedNanos, long held, Result clients) {
        List<String> lines = new ArrayList<>();
        lines.add(at(0) + failover.from() + " was killed (kill -9)");
        failover.instants().entrySet().stream()
                .sorted(Comparator.comparingLong(phase -> phase.getValue()))
                .forEach(phase -> lines.add(at(phase.getValue() - killedNanos) + meaning(phase.getKey(), failover)));
        lines.add("");
        lines.add("requests held           " + held);
        lines.add("longest pause           " + seconds(clients.longestNanos()) + " (of " + clients.clients()
                + " clients, from sending to the reply)");
        lines.add("answered                " + clients.ok());
        lines.add("errors                  " + clients.errors()
                + (clients.lastError() == null ? "" : " (the last: " + clients.lastError() + ")"));
        lines.add("uncertain               " + clients.uncertain() + " (in flight when the primary died)");
        lines.add("acknowledged and lost   " + clients.lost() + " writes; replication stream known lost: "
                + (failover.atRisk() == null ? "unknown" : failover.atRisk().bytesKnownLost() + " bytes"));
        return String.join(System.lineSeparator(), lines);
    }

    private static String meaning(Phase phase, Failover failover) {
        return phase.label()
                + switch (phase) {
                    case SDOWN -> ": a sentinel calls the primary down";
                    case ODOWN -> ": enough sentinels agree";
                    case FENCE -> ": replies of the primary are no longer passed on unproven";
                    case PROMOTION -> ": a replica is promoted";
                    case RELEASE -> ": an operator says who is primary";
                    case CUT_OVER -> ": requests go to " + failover.to();
                    case END -> ": writes are acknowledged again" + pause(failover);
                };
    }

    private static String pause(Failover failover) {
        OptionalLong fence = failover.instantNanos(Phase.FENCE);
        OptionalLong end = failover.instantNanos(Phase.END);
        return fence.isPresent() && end.isPresent()
                ? ", " + seconds(end.getAsLong() - fence.getAsLong()) + " after the fence"
                : "";
    }

    private static String at(long nanos) {
        return String.format(Locale.ROOT, "%+9.3f s  ", nanos / NANOS_PER_SECOND);
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.3f s", nanos / NANOS_PER_SECOND);
    }
}
