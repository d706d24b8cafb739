package io.tidegate.proxy.dispatch;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * CLIENT PAUSE and CLIENT UNPAUSE: of the clients of this proxy, never of the servers, for which a pause of all clients
 * would be one of the proxy's own questions. Whether the asker may is asked of the servers by a pause that fails, for
 * either of the two: there is no way to ask about CLIENT UNPAUSE that does nothing.
 */
final class ClientPause {
    /** A pause is no way to stop this proxy for good; a longer one is as long as this. */
    private static final long MILLIS_MAX = TimeUnit.HOURS.toMillis(1);

    private final DataLoop loop;
    private final Inquiries inquiries;

    ClientPause(DataLoop loop, Inquiries inquiries) {
        this.loop = loop;
        this.inquiries = inquiries;
    }

    boolean begin(Session session, long end) {
        RequestArgs args = session.args;
        boolean write = args.is(3, "WRITE");
        if (args.count() > 3 && !write && !args.is(3, "ALL")) {
            session.answerError("ERR CLIENT PAUSE mode must be WRITE or ALL", end);
            return true;
        }
        long millis;
        try {
            millis = RedisNumbers.parse(args.text(2));
        } catch (NumberFormatException notANumber) {
            session.answerError("ERR timeout is not an integer or out of range", end);
            return true;
        }
        if (millis < 0) {
            session.answerError("ERR timeout is negative", end);
            return true;
        }
        long nanos = TimeUnit.MILLISECONDS.toNanos(Math.min(millis, MILLIS_MAX));
        return forAll(session, end, other -> other.pause().begin(other.nowNanos() + nanos, !write));
    }

    boolean end(Session session, long end) {
        return forAll(session, end, other -> other.pause().end());
    }

    private interface Deed {
        void on(DataLoop other);
    }

    private boolean forAll(Session session, long end, Deed deed) {
        if (loop.settings().passthroughAuth()) {
            String verdict = inquiries.ofPrimary(session, end, "CLIENT", "PAUSE", "none");
            if (verdict == null) {
                return session.answeredByWait;
            }
            if (ClientCommand.denied(session, verdict, end)) {
                return true;
            }
        }
        List<Boolean> done = inquiries.ofLoops(session, other -> {
            deed.on(other);
            return true;
        });
        if (done == null) {
            return false;
        }
        LocalCommands.ok(session, end);
        return true;
    }
}
