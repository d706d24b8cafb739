package io.tidegate.proxy.cli;

import io.tidegate.proxy.cli.Workload.Result;
import io.tidegate.proxy.control.Failover;
import io.tidegate.proxy.control.Failover.AtRisk;
import io.tidegate.proxy.control.Failover.Phase;
import io.tidegate.routing.engine.Acknowledged.Loss;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The story of the demo's failover: when what happened, and what clients felt of it. */
final class FailoverReport {
    private static final double NANOS_PER_SECOND = 1e9;

    private FailoverReport() {}

    /**
     * Tells it.
     *
     * @param killedNanos when the primary was killed, on the clock of {@code failover}
     */
    static String of(Failover failover, long killedNanos, Result clients) {
        List<String> lines = new ArrayList<>();
        lines.add(at(0) + failover.from() + " was killed (kill -9)");
        failover.instants().entrySet().stream()
                .sorted(Comparator.comparingLong(phase -> phase.getValue()))
                .forEach(phase -> lines.add(at(phase.getValue() - killedNanos) + meaning(phase.getKey(), failover)));
        lines.add("");
        lines.add("requests held           " + failover.impact().held() + ", replayed "
                + failover.impact().replayed() + ", not executed "
                + failover.impact().notExecuted());
        lines.add("longest wait            " + seconds(failover.impact().longestWaitNanos()) + " (in the proxy)");
        lines.add("longest pause           " + seconds(clients.longestNanos()) + " (of " + clients.clients()
                + " clients, from sending to the reply)");
        lines.add("answered                " + clients.ok());
        lines.add("errors                  " + clients.errors()
                + (clients.lastError() == null ? "" : " (the last: " + clients.lastError() + ")"));
        lines.add("uncertain               " + clients.uncertain() + " (in flight when the primary died)");
        lines.add("acknowledged and lost   " + clients.lost() + " writes; at risk: " + atRisk(failover.atRisk()));
        return String.join(System.lineSeparator(), lines);
    }

    private static String atRisk(@Nullable AtRisk atRisk) {
        if (atRisk == null) {
            return "unknown";
        }
        Loss writes = atRisk.writes();
        return writes.least() + " to " + (writes.bounded() ? writes.most() : "unknown") + " writes, "
                + atRisk.stream().bytesKnownLost() + " bytes of the stream known lost";
    }

    private static String meaning(Phase phase, Failover failover) {
        return phase.label()
                + switch (phase) {
                    case HELD -> ": this proxy keeps writes back";
                    case PAUSED -> ": the primary keeps writes back";
                    case CAUGHT_UP -> ": replicas hold everything";
                    case SDOWN -> ": a sentinel calls the primary down";
                    case ODOWN -> ": enough sentinels agree";
                    case FENCE -> ": replies of the primary are no longer passed on unproven";
                    case PROMOTION -> ": a replica is promoted";
                    case OPERATOR -> ": an operator says who is primary";
                    case SENT_AHEAD -> ": writes are sent to it, and not yet acknowledged";
                    case CUT_OVER -> ": requests go to " + failover.to() + pause(failover);
                    case KEPT -> ": the suspicion is refuted" + pause(failover);
                    case FIRST_ACK -> ": the first write is acknowledged";
                    case RELEASED -> ": the last held request went on";
                    case END -> ": nothing of it is left";
                };
    }

    private static String pause(Failover failover) {
        OptionalLong fence = failover.instantNanos(Phase.FENCE);
        return fence.isPresent() ? ", " + seconds(failover.pauseNanos()) + " after the fence" : "";
    }

    private static String at(long nanos) {
        return String.format(Locale.ROOT, "%+9.3f s  ", nanos / NANOS_PER_SECOND);
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.3f s", nanos / NANOS_PER_SECOND);
    }
}
