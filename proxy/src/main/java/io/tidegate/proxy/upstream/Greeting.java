package io.tidegate.proxy.upstream;

import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;
import org.jspecify.annotations.Nullable;

/**
 * What a server said of itself when a connection to it was opened, after the connection was established and before any
 * command of a client went over it.
 *
 * @param runId {@code run_id}: of which process the connection is
 * @param primary whether {@code ROLE} said {@code master}
 * @param follows whom a replica said that it replicates; null if it named nobody
 * @param product which software it is
 * @param clientId the number by which the server knows the connection; 0 if it did not say
 * @param ownAddress the near end of the connection, as a server would write it; null if it has none of that kind
 * @param askedNanos an instant before it was asked
 */
public record Greeting(
        String runId,
        boolean primary,
        @Nullable NodeAddress follows,
        Product product,
        long clientId,
        @Nullable String ownAddress,
        long askedNanos) {
    /** Nothing was said yet. */
    public static final Greeting NONE = new Greeting("", false, null, Product.UNKNOWN, 0, null, Instants.UNKNOWN);

    /**
     * Whether a replica follows whom the table has it follow. Sentinels that turn it to another primary end all its
     * connections: one that is opened again at once may find another's data before the control plane hears of that.
     */
    boolean followsAsIn(RoutingTable table, int nodeId) {
        NodeAddress known = table.follows(nodeId);
        return known == null || follows == null || known.equals(follows);
    }
}
