package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RespWriter;
import java.util.List;
import java.util.Locale;

/** {@code PROXY SLOWLOG}: SLOWLOG, of what this proxy's clients waited for. */
final class SlowLogCommand {
    /** As many as SLOWLOG GET tells of unless it is told otherwise. */
    private static final int COUNT = 10;

    private final DataLoop loop;

    SlowLogCommand(DataLoop loop) {
        this.loop = loop;
    }

    /** Answers the command at the session's position. */
    void answer(Session session, long end) {
        RequestArgs args = session.args;
        SlowLog log = loop.plane().slowLog();
        String verb = args.count() < 3 ? "" : args.text(2).toUpperCase(Locale.ROOT);
        if (verb.equals("GET") && args.count() <= 4) {
            get(session, end);
        } else if (verb.equals("LEN") && args.count() == 3) {
            ByteBuf reply = session.answerBuffer();
            RespWriter.integer(reply, log.length());
            session.answered(reply, end);
        } else if (verb.equals("RESET") && args.count() == 3) {
            log.reset();
            LocalCommands.ok(session, end);
        } else {
            session.answerError("ERR expected: PROXY SLOWLOG GET [<count>] | LEN | RESET", end);
        }
    }

    private void get(Session session, long end) {
        long count = COUNT;
        if (session.args.count() == 4) {
            try {
                count = RedisNumbers.parse(session.args.text(3));
            } catch (NumberFormatException notANumber) {
                count = -2;
            }
        }
        if (count < -1) {
            session.answerError("ERR count should be greater than or equal to -1", end);
            return;
        }
        List<Facts> entries =
                loop.plane().slowLog(count < 0 ? Integer.MAX_VALUE : (int) Math.min(count, Integer.MAX_VALUE), true);
        ProxyCommand.maps(session, entries, end);
    }
}
