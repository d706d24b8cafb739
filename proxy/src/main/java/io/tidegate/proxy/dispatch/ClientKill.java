package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RespWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * CLIENT KILL: ends clients of this proxy, each on its own event loop, before it is answered. Whether the asker may is the
 * servers' to say where clients are the servers' users: they are asked to kill a client that none has the number of.
 */
final class ClientKill {
    private final DataLoop loop;
    private final Inquiries inquiries;

    ClientKill(DataLoop loop, Inquiries inquiries) {
        this.loop = loop;
        this.inquiries = inquiries;
    }

    boolean answer(Session session, long end) {
        RequestArgs args = session.args;
        boolean old = args.count() == 3;
        ClientFilter filter;
        try {
            filter = old
                    ? ClientFilter.ofAddress(args.text(2))
                    : ClientFilter.parse(args, loop.upstreams().product().since(7, 4));
        } catch (ClientFilter.Invalid e) {
            session.answerError(e.answer(), end);
            return true;
        }
        String user = filter.user();
        if (loop.settings().passthroughAuth() || user != null) {
            String verdict = user == null
                    ? inquiries.ofPrimary(session, end, "CLIENT", "KILL", "ID", ClientCommand.NOBODY)
                    : inquiries.ofPrimary(session, end, "CLIENT", "KILL", "ID", ClientCommand.NOBODY, "USER", user);
            if (verdict == null) {
                return session.answeredByWait;
            }
            if (verdict.startsWith("-")) {
                session.answerError(verdict.substring(1), end);
                return true;
            }
        }
        List<Integer> killed = inquiries.ofLoops(session, other -> kill(other, session, filter));
        if (killed == null) {
            return false;
        }
        boolean himself = filter.matches(session, true, loop.nowNanos());
        int all = killed.stream().mapToInt(Integer::intValue).sum() + (himself ? 1 : 0);
        answer(session, old, all, end);
        if (himself) {
            session.closeWhenAnswered();
        }
        return true;
    }

    private static void answer(Session session, boolean old, int killed, long end) {
        if (old && killed == 0) {
            session.answerError("ERR No such client", end);
        } else if (old) {
            LocalCommands.ok(session, end);
        } else {
            ByteBuf reply = session.answerBuffer();
            RespWriter.integer(reply, killed);
            session.answered(reply, end);
        }
    }

    /** On the loop {@code other}: all but the asker. */
    private static int kill(DataLoop other, @Nullable Session asker, ClientFilter filter) {
        long nowNanos = other.nowNanos();
        int killed = 0;
        for (Session session : List.copyOf(other.sessions())) {
            if (session != asker && filter.matches(session, false, nowNanos)) {
                session.kill();
                killed++;
            }
        }
        return killed;
    }
}
