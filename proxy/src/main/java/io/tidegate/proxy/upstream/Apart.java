package io.tidegate.proxy.upstream;

import io.tidegate.routing.RoutingTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one event loop that were shared until a big reply came: those that still owe something, and the
 * spares, which owe nothing. A spare becomes the shared one when that is set apart in turn, or serves a session that is
 * known for its big replies; so as many are opened as big replies come at a time, and no more. Never lent to a pinned
 * session: one whose reply is still parked may yet send on it.
 *
 * <p>Invariant: a connection is in at most one of the two, and in neither once it is closed or shared. Confined to its
 * event loop.
 */
final class Apart {
    /** Of one slot; further ones are closed when their big reply is over. */
    static final int SPARES_MAX = 16;

    private final int max;
    private final Set<UpstreamConnection> busy = new HashSet<>();
    private final Map<ConnectionKey, List<UpstreamConnection>> spares = new HashMap<>();

    /** At most {@code max} that owe something at a time. */
    Apart(int max) {
        this.max = max;
    }

    /** Whether no other may be set apart. */
    boolean full() {
        return busy.size() >= max;
    }

    /** It owes something. */
    void add(UpstreamConnection connection) {
        busy.add(connection);
    }

    /** It owes nothing any more. */
    void free(UpstreamConnection connection) {
        if (busy.remove(connection)) {
            List<UpstreamConnection> free = spares.computeIfAbsent(connection.key(), unused -> new ArrayList<>());
            if (count(free, connection.nodeId()) < SPARES_MAX) {
                free.add(connection);
            } else {
                connection.close("no big reply needs it any more");
            }
        }
    }

    private static int count(List<UpstreamConnection> free, int nodeId) {
        int count = 0;
        for (int i = 0; i < free.size(); i++) {
            count += free.get(i).nodeId() == nodeId ? 1 : 0;
        }
        return count;
    }

    /** Takes out a spare, the one used last; null if there is none. It is asked for with every run, so that costs no object. */
    @Nullable UpstreamConnection takeSpare(int nodeId, ConnectionKey key) {
        List<UpstreamConnection> free = spares.get(key);
        if (free != null) {
            for (int i = free.size() - 1; i >= 0; i--) {
                UpstreamConnection spare = free.get(i);
                if (spare.nodeId() == nodeId) {
                    free.remove(i);
                    forgetIfEmpty(key, free);
                    return spare;
                }
            }
        }
        return null;
    }

    private void forgetIfEmpty(ConnectionKey key, List<UpstreamConnection> free) {
        if (free.isEmpty()) {
            spares.remove(key);
        }
    }

    /** Takes out one that owes something, for those who can get no other; null if there is none of use. */
    @Nullable UpstreamConnection takeBusy(RoutingTable table, RoutingTable.Node node, Slot slot) {
        for (UpstreamConnection connection : busy) {
            if (connection.slot().equals(slot) && connection.usable(table, node)) {
                busy.remove(connection);
                return connection;
            }
        }
        return null;
    }

    void closed(UpstreamConnection connection) {
        busy.remove(connection);
        List<UpstreamConnection> free = spares.get(connection.key());
        if (free != null && free.remove(connection)) {
            forgetIfEmpty(connection.key(), free);
        }
    }
}
