package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.upstream.ConnectionKey;
import io.tidegate.proxy.upstream.Run;
import io.tidegate.proxy.upstream.UpstreamConnection;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A connection that a session has for itself: while a transaction, a blocking command or a stream needs it. */
final class Pin {
    private static final long LEAVE_SECONDS_MAX = 1;

    final UpstreamConnection connection;
    /** What stands before a WAIT, sent and perhaps answered; null if there is none. */
    @Nullable Run mark;
    /** The server's own error that answered the mark, without its minus; null if it was taken. */
    @Nullable String markRefusal;
    /**
     * Nobody else must get the connection: half a command is on it, or the server refused to end what it keeps for it, a
     * transaction or watched keys, or is in another database than it was opened for.
     */
    boolean stateLeft;
    /** Not null if it carries a stream (subscriptions, MONITOR): everything goes both ways as it comes. */
    @Nullable Relay relay;

    /** Whose it is and what it speaks, with the database that was selected on it since. */
    ConnectionKey key;

    Pin(UpstreamConnection connection) {
        this.connection = connection;
        this.key = connection.key();
    }

    /** Whether what the session has asked for is kept by the server for one connection. */
    static boolean neededBy(Session session) {
        return session.redirect != null || session.transaction.active();
    }

    /**
     * Ends a session that waits for what others decide, and whose client says that it writes no more. Its server is told the
     * same, and ends the waiting before it closes the connection; only then the client is left, so that whoever sees it gone
     * may count on it to take nothing any more, as with a server. One that does not answer is not waited for long.
     */
    static void leave(Session session) {
        Pin pin = session.pin;
        boolean toBeTold = pin != null && !pin.streaming() && session.order.patient();
        if (pin != null && toBeTold && pin.connection.endOutput()) {
            pin.stateLeft = true;
            session.loop.eventLoop().schedule(session::kill, LEAVE_SECONDS_MAX, TimeUnit.SECONDS);
        } else {
            session.kill();
        }
    }

    boolean streaming() {
        return relay != null;
    }

    /** The WAIT behind the mark is on its way. */
    void unmark() {
        mark = null;
        markRefusal = null;
    }
}
