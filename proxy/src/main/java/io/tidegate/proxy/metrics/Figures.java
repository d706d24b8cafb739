package io.tidegate.proxy.metrics;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What a person wants to see of a running proxy, taken at one instant. Counts are since the start.
 *
 * @param nodes the primary, if there is one, then the replicas
 * @param gate whether writes may be sent
 * @param leaseNanos how long the claim is still proven; negative if it has run out, {@code Long.MAX_VALUE} without a
 *     fence, {@code Long.MIN_VALUE} if nothing was ever proven
 * @param holds requests that had to wait for a node
 * @param holdNanosMax the longest that one waited
 * @param parks replies that had to wait for their evidence
 * @param errors errors that the proxy itself answered, by label
 * @param bytesKnownLost replication stream of replaced primaries that is known to be lost
 */
public record Figures(
        List<NodeFigures> nodes,
        WriteGate gate,
        long leaseNanos,
        long holds,
        long holdNanosMax,
        long parks,
        Map<String, Long> errors,
        long bytesKnownLost) {
    private static final String UNCERTAIN = "uncertain";
    private static final String UNDERREPLICATED = "underreplicated";

    public Figures {
        nodes = List.copyOf(nodes);
        errors = Map.copyOf(errors);
    }

    /** Requests answered {@code UNCERTAIN}: they may have run. */
    public long uncertain() {
        return errors(label -> label.startsWith(UNCERTAIN));
    }

    /** Requests answered with an error of the proxy's own that says so: they have not run. */
    public long notExecuted() {
        return errors(label -> !label.startsWith(UNCERTAIN) && !label.equals(UNDERREPLICATED));
    }

    private long errors(Predicate<String> which) {
        return errors.entrySet().stream()
                .filter(error -> which.test(error.getKey()))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /**
     * One node.
     *
     * @param requests sent to it
     * @param asOfAgeNanos of a replica how old what it holds is at most; {@code Long.MAX_VALUE} while nothing is proven;
     *     of a primary 0
     */
    public record NodeFigures(NodeAddress address, boolean primary, long requests, long asOfAgeNanos) {}
}
