package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.dispatch.ReloadSignals.Answer;
import java.util.Locale;

/**
 * {@code PROXY RELOAD [DRY RUN]}. Refused unless {@code commands.allow} has {@code proxy|reload}, a dry run too: it shows
 * the configuration, and has files read.
 */
final class ReloadCommand {
    private static final String ALLOWED_AS = "proxy|reload";
    private static final String EXPECTED = "ERR expected: PROXY RELOAD [DRY RUN]";

    private final DataLoop loop;
    private final Questions<Answer> questions;

    ReloadCommand(DataLoop loop) {
        this.loop = loop;
        this.questions = new Questions<>(loop);
    }

    /** Answers the command at the session's position. False if the session has to wait with it. */
    boolean answer(Session session, long end) {
        if (!questions.asked(session)) {
            return !LocalCommands.busy(session) && ask(session, end);
        }
        Answer answer = questions.take(session);
        if (answer == null) {
            return false;
        }
        if (answer.done()) {
            ProxyCommand.lines(session, answer.lines(), end);
        } else {
            session.answerError("ERR " + String.join("; ", answer.lines()), end);
        }
        return true;
    }

    private boolean ask(Session session, long end) {
        RequestArgs args = session.args;
        boolean dryRun = args.count() == 4 && is(args, 2, "DRY") && is(args, 3, "RUN");
        if (!dryRun && args.count() != 2) {
            session.answerError(EXPECTED, end);
            return true;
        }
        if (!loop.settings().allowed().contains(ALLOWED_AS)) {
            loop.stats().errorAnswered(ErrorReply.REFUSED.label());
            session.answerError(
                    ErrorReply.REFUSED.text()
                            + ": 'proxy reload' (it changes what holds for everybody; commands.allow with " + ALLOWED_AS
                            + " lets it through, SIGHUP needs no leave)",
                    end);
            return true;
        }
        questions.ask(session, told -> loop.plane().reloads().ask(dryRun, told));
        return false;
    }

    private static boolean is(RequestArgs args, int index, String word) {
        return args.text(index).toUpperCase(Locale.ROOT).equals(word);
    }
}
