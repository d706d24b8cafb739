package io.tidegate.proxy.cli.drill;

import io.tidegate.routing.NodeAddress;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who is primary, and who replicates from it.
 *
 * @param primary null if nobody is known to be
 * @param replicas those that are known
 * @param source who said so
 */
record Topology(@Nullable NodeAddress primary, List<Replica> replicas, String source) {
    /**
     * A replica.
     *
     * @param attached whether it has all there was and follows
     * @param behindBytes what it has not acknowledged yet
     */
    record Replica(NodeAddress address, boolean attached, long behindBytes) {}

    Topology {
        replicas = List.copyOf(replicas);
    }

    /** Addresses of those that follow. */
    List<String> attached() {
        return replicas.stream()
                .filter(Replica::attached)
                .map(replica -> replica.address().toString())
                .sorted()
                .toList();
    }

    /** Addresses of those that are known and do not. */
    List<String> detached() {
        return replicas.stream()
                .filter(replica -> !replica.attached())
                .map(replica -> replica.address().toString())
                .sorted()
                .toList();
    }

    String text() {
        String all = attached().isEmpty()
                ? "no replica attached"
                : Texts.count(attached().size(), "replica") + " attached ("
                        + attached().stream().collect(Collectors.joining(", ")) + ")";
        return "primary " + (primary == null ? "unknown" : primary) + ", " + all;
    }
}
