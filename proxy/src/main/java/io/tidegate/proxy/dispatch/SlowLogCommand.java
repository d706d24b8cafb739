package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RespWriter;
import java.util.List;
import java.util.Locale;

/**
 * {@code PROXY SLOWLOG}: SLOWLOG, of what this proxy's clients waited for. Where clients are users of the servers only
 * those may ask who may ask the servers the same, since keys of others are shown.
 */
final class SlowLogCommand {
    /** As many as SLOWLOG GET tells of unless it is told otherwise. */
    private static final int COUNT = 10;

    private final DataLoop loop;
    private final Inquiries inquiries;

    SlowLogCommand(DataLoop loop, Inquiries inquiries) {
        this.loop = loop;
        this.inquiries = inquiries;
    }

    /** Whether the session may be shown keys; if not it waits, unless {@link Session#answeredByWait}. */
    boolean mayAsk(Session session, long end) {
        if (!loop.settings().passthroughAuth()) {
            return true;
        }
        String verdict = inquiries.ofPrimary(session, end, "SLOWLOG", "LEN");
        if (verdict != null && ClientCommand.denied(session, verdict, end)) {
            session.answeredByWait = true;
            return false;
        }
        return verdict != null;
    }

    /** Answers the command at the session's position. False if the session has to wait with it. */
    boolean answer(Session session, long end) {
        if (!mayAsk(session, end)) {
            return session.answeredByWait;
        }
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
        return true;
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
        List<Facts> entries = loop.plane()
                .slowLog(count < 0 ? Integer.MAX_VALUE : (int) Math.min(count, Integer.MAX_VALUE), true);
        ByteBuf reply = session.answerBuffer();
        RespWriter.arrayHeader(reply, entries.size());
        entries.forEach(entry -> entry.write(reply, session.key.protocol()));
        session.answered(reply, end);
    }
}
