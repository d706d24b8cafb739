package io.tidegate.proxy.dispatch;

import org.jspecify.annotations.Nullable;

/** A session's place among those that wait, which costs nothing to take: it is the session's own. */
final class WaitingPlace {
    final Session session;

    @Nullable WaitingPlace before;

    @Nullable WaitingPlace after;

    boolean taken;

    /** What it waits for may have come. */
    boolean due;
    /** It waited while no write could be sent, as in a failover: it does not go on at once with all the others. */
    boolean failover;
    /** Bytes of the session's input that were counted when it took the place. */
    long bytes;

    WaitingPlace(Session session) {
        this.session = session;
    }
}
