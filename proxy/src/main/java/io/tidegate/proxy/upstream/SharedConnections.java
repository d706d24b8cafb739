package io.tidegate.proxy.upstream;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The connection that all sessions of a {@link ConnectionKey} share to a node. It is looked up for every run, so that costs
 * no object: by the key, then among the few nodes there are.
 */
final class SharedConnections {
    private final Map<ConnectionKey, List<UpstreamConnection>> byKey = new HashMap<>();

    @Nullable UpstreamConnection get(int nodeId, ConnectionKey key) {
        List<UpstreamConnection> ofKey = byKey.get(key);
        if (ofKey != null) {
            for (int i = 0; i < ofKey.size(); i++) {
                if (ofKey.get(i).nodeId() == nodeId) {
                    return ofKey.get(i);
                }
            }
        }
        return null;
    }

    /** Whether it is {@code connection} that is shared, and not another one like it. */
    boolean has(UpstreamConnection connection) {
        return connection.equals(get(connection.nodeId(), connection.key()));
    }

    /** Shares {@code connection} in place of whichever was shared. */
    void put(UpstreamConnection connection) {
        UpstreamConnection known = get(connection.nodeId(), connection.key());
        if (known != null) {
            remove(known);
        }
        byKey.computeIfAbsent(connection.key(), key -> new ArrayList<>()).add(connection);
    }

    /** Shares it no more; does nothing if it was not shared. */
    void remove(UpstreamConnection connection) {
        List<UpstreamConnection> ofKey = byKey.get(connection.key());
        if (ofKey != null && ofKey.remove(connection) && ofKey.isEmpty()) {
            byKey.remove(connection.key());
        }
    }
}
