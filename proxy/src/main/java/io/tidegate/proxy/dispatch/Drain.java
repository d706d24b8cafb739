package io.tidegate.proxy.dispatch;

import io.netty.util.concurrent.Promise;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How the sessions of an event loop end before the proxy does, or those of a listener that is closed: each where nothing of it is under way. What was read is
 * answered, a transaction goes on to its EXEC, a command that blocks to its reply. From then on nothing of the session is
 * read as a command, so that whatever the client sends too late has not run, and may be sent again elsewhere.
 *
 * <p>The proxy ends its half of the connection first, as in any {@link Farewell}, and waits for the client before it ends itself.
 */
final class Drain {
    private final DataLoop loop;
    private @Nullable Promise<Void> empty;

    Drain(DataLoop loop) {
        this.loop = loop;
    }

    /** From now on sessions end. Tells {@code whenEmpty} when none is left. */
    void begin(Promise<Void> whenEmpty) {
        empty = whenEmpty;
        for (Session session : List.copyOf(loop.sessions())) {
            session.guarded(session::closeIfDone);
        }
        sessionEnded();
    }

    /** From now on those end that came in by {@code entrance}; when {@code nanosMax} have passed, wherever they are. */
    void dismiss(Entrance entrance, long nanosMax) {
        for (Session session : List.copyOf(loop.sessions())) {
            if (session.client.profile.entrance() == entrance) {
                session.dismissed = true;
                session.guarded(session::closeIfDone);
            }
        }
        loop.eventLoop().schedule(() -> cutOff(entrance), nanosMax, TimeUnit.NANOSECONDS);
    }

    private void cutOff(Entrance entrance) {
        for (Session session : List.copyOf(loop.sessions())) {
            if (session.client.profile.entrance() == entrance) {
                session.close();
            }
        }
    }

    /** One session less. */
    void sessionEnded() {
        if (empty != null && loop.sessions().isEmpty()) {
            empty.trySuccess(null);
        }
    }

    /** Whether {@code session}, of which all is answered, is to end now. */
    boolean ends(Session session) {
        return (empty != null || session.dismissed)
                && !session.leaving
                && session.input.needed() == 0
                && !session.transaction.active()
                && (session.pin == null || session.pin.streaming());
    }

    /** Ends {@code session} when all its replies are with the kernel. */
    void end(Session session) {
        session.closing = true;
        session.leaving = true;
        session.channel.config().setAutoRead(true);
        // However slow it reads: until the whole proxy's time is up, its replies are waited for.
        session.out.endAfterFlush(
                () -> loop.eventLoop().schedule(session::close, Farewell.LINGER_MILLIS, TimeUnit.MILLISECONDS));
    }
}
