package io.tidegate.proxy.dispatch;

import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * The end of a client that is told nothing more (QUIT, a protocol error), when it has all its replies. The proxy ends its half
 * of the connection, and goes on to read, and to drop, until the client ends the other half: closing with bytes unread would
 * send a reset, which may overtake the last reply. To all others the client is gone from the moment on at which its replies
 * are with the kernel: it is in no list, subscribed to nothing, and holds no server's connection.
 */
final class Farewell {
    /** A client that does not end its half is not waited for any longer. */
    static final long LINGER_MILLIS = 1_000;

    private Farewell() {}

    static void begin(Session session) {
        session.leaving = true;
        session.out.endAfterFlush(() -> gone(session));
    }

    private static void gone(Session session) {
        session.onClosed();
        if (!session.channel.isActive()) {
            return;
        }
        session.channel.config().setAutoRead(true);
        ScheduledFuture<?> late =
                session.loop.eventLoop().schedule(session::close, LINGER_MILLIS, TimeUnit.MILLISECONDS);
        session.channel.closeFuture().addListener(closed -> late.cancel(false));
    }
}
