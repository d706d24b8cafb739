package io.tidegate.proxy.cli;

import io.tidegate.proxy.metrics.Figures;
import io.tidegate.proxy.metrics.Figures.NodeFigures;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** One line of what goes where, from two looks at a proxy's figures. */
final class LiveLine {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double NANOS_PER_MILLI = 1e6;

    private LiveLine() {}

    static String of(Figures before, Figures now, long elapsedNanos) {
        Map<NodeAddress, Long> requestsBefore = new HashMap<>();
        before.nodes().forEach(node -> requestsBefore.put(node.address(), node.requests()));
        StringBuilder line = new StringBuilder();
        for (NodeFigures node : now.nodes()) {
            long requests = node.requests() - requestsBefore.getOrDefault(node.address(), 0L);
            line.append(node.primary() ? "primary " : "replica ")
                    .append(node.address())
                    .append(' ')
                    .append(Math.round(requests * NANOS_PER_SECOND / elapsedNanos))
                    .append("/s")
                    .append(node.primary() ? "" : ", " + age(node.asOfAgeNanos()))
                    .append(" | ");
        }
        line.append(now.gate() == WriteGate.OPEN ? proof(now.leaseNanos()) : "writes held: " + gate(now.gate()));
        return line.append(" | held ")
                .append(now.holds())
                .append(" | uncertain ")
                .append(now.uncertain())
                .append(" | errors ")
                .append(now.notExecuted())
                .toString();
    }

    private static String gate(WriteGate gate) {
        return gate.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String age(long nanos) {
        return nanos == Long.MAX_VALUE ? "age unknown" : format("at most %.1f ms old", nanos / NANOS_PER_MILLI);
    }

    /** In advance where there is a lease, else up to when: replies read later wait for the next confirmation. */
    private static String proof(long nanos) {
        if (nanos == Long.MAX_VALUE) {
            return "no fence";
        }
        if (nanos == Long.MIN_VALUE) {
            return "nothing proven";
        }
        return nanos < 0
                ? format("no lease, confirmed %.0f ms ago", -nanos / NANOS_PER_MILLI)
                : format("lease %.1f s", nanos / NANOS_PER_SECOND);
    }

    private static String format(String pattern, double value) {
        return String.format(Locale.ROOT, pattern, value);
    }
}
