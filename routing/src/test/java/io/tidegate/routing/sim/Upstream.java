package io.tidegate.routing.sim;

import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Successor;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** The data plane's connection to one process, opened under one claim if that process is the primary. */
final class Upstream {
    final Node node;
    final boolean primary;
    final long epoch;
    final Deque<Request> inFlight = new ArrayDeque<>();

    @Nullable SimConnection connection;

    /** Whether the process at the other end said who it is, in the role that it is meant in. */
    boolean ready;

    boolean closed;

    Upstream(Node node, boolean primary, long epoch) {
        this.node = node;
        this.primary = primary;
        this.epoch = epoch;
    }

    /** Whether {@code table} still means this process in this role, and, of a primary, this claim. */
    boolean meantBy(RoutingTable table) {
        if (primary) {
            return isPrimaryOf(table) || isSuccessorIn(table);
        }
        if (table.servesAsPrimary(node.id())) {
            return false;
        }
        for (RoutingTable.Replica replica : table.replicas()) {
            if (same(replica.node())) {
                return true;
            }
        }
        return false;
    }

    /** Whether a replica has been asked, and not answered yet. */
    boolean owesReads() {
        return !primary && !inFlight.isEmpty();
    }

    boolean owesWrites() {
        return inFlight.stream().anyMatch(Request::isWrite);
    }

    boolean isPrimaryOf(RoutingTable table) {
        Node claimed = table.primary();
        return claimed != null && primary && epoch == table.epoch() && same(claimed);
    }

    /** Whether it may be sent writes, of which none is acknowledged before its claim is the one in use. */
    boolean isSuccessorIn(RoutingTable table) {
        Successor next = table.successor();
        return next != null && primary && epoch == next.epoch() && same(next.node());
    }

    /** Whether somebody else is the primary by now; a claim that is only in doubt has not moved on. */
    boolean supersededIn(RoutingTable table) {
        if (isSuccessorIn(table)) {
            return false;
        }
        return epoch != table.epoch() || (table.primary() != null && !isPrimaryOf(table));
    }

    /** Whether its claim has moved on, and {@code table} says that the successor took over what it replied to this request. */
    boolean keptBy(RoutingTable table, Request request) {
        return primary && epoch != table.epoch() && table.fork().keeps(epoch, node.runId(), request.readNanos);
    }

    private boolean same(Node other) {
        return node.id() == other.id() && node.runId().equals(other.runId());
    }
}
