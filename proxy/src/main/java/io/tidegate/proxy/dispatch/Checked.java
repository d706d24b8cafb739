package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.routing.RoutingTable;
import org.jspecify.annotations.Nullable;

/**
 * The connection that a session may use under the table of the moment, looked at once per table and batch instead of
 * once per command.
 */
final class Checked {
    private static final long NO_BATCH = 0;

    private @Nullable UpstreamConnection connection;
    private long generation;
    /** Arrival of the batch for which a read was routed to {@link #connection}. */
    private long batchNanos = NO_BATCH;

    /** {@code routed} was chosen under {@code table} for the batch that arrived at {@code arrivalNanos}. */
    void routed(RoutingTable table, UpstreamConnection routed, long arrivalNanos) {
        connection = routed;
        generation = table.generation();
        batchNanos = arrivalNanos;
    }

    /** Whether {@code candidate} may still be used under {@code table}. */
    boolean allows(RoutingTable table, UpstreamConnection candidate) {
        if (!candidate.open() || candidate.closed() || candidate.congested()) {
            return false;
        }
        if (connection == candidate && generation == table.generation()) {
            return true;
        }
        RoutingTable.Node node = table.node(candidate.nodeId());
        if (node == null || !candidate.usable(table, node)) {
            return false;
        }
        routed(table, candidate, NO_BATCH);
        return true;
    }

    /** Whether a read of this very batch was routed to {@code candidate}. */
    boolean sameBatch(UpstreamConnection candidate, long arrivalNanos) {
        return connection == candidate && batchNanos == arrivalNanos;
    }

    /** What was routed so far says nothing of what comes: the level or the user changed. */
    void forgetBatch() {
        batchNanos = NO_BATCH;
    }
}
