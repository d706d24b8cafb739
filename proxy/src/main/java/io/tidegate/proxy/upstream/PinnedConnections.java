package io.tidegate.proxy.upstream;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Idle connections, each for whichever session needs one for itself next. Confined to its event loop. */
final class PinnedConnections {
    private final Map<Slot, Deque<UpstreamConnection>> idle = new HashMap<>();

    /** Takes out the one used last; null if there is none. */
    @Nullable UpstreamConnection take(Slot slot) {
        Deque<UpstreamConnection> ofSlot = idle.get(slot);
        return ofSlot == null ? null : ofSlot.poll();
    }

    /** It is kept, if there are fewer than {@code max} like it and nothing is outstanding on it; else it is closed. */
    void rest(UpstreamConnection connection, int max) {
        Deque<UpstreamConnection> ofSlot = idle.computeIfAbsent(connection.slot(), slot -> new ArrayDeque<>());
        if (connection.idle() && ofSlot.size() < max) {
            ofSlot.push(connection);
        } else {
            connection.close("not needed any more");
        }
    }

    void closed(UpstreamConnection connection) {
        Deque<UpstreamConnection> ofSlot = idle.get(connection.slot());
        if (ofSlot != null) {
            ofSlot.remove(connection);
            if (ofSlot.isEmpty()) {
                // Also if it was lent: a client's identity may never come back.
                idle.remove(connection.slot());
            }
        }
    }
}
