package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.upstream.UpstreamConnection;
import org.jspecify.annotations.Nullable;

/** A connection that a session has for itself: while a transaction, a blocking command or a stream needs it. */
final class Pin {
    final UpstreamConnection connection;
    /** A command that blocks was sent on it. */
    boolean blocking;
    /** Not null if it carries a stream (subscriptions, MONITOR): everything goes both ways as it comes. */
    @Nullable Relay relay;

    Pin(UpstreamConnection connection) {
        this.connection = connection;
    }

    boolean streaming() {
        return relay != null;
    }

    /** Whether a client that closed its side has no use for it: nobody will read what it waits for. */
    boolean abandonedByEof() {
        return blocking || relay != null;
    }
}
