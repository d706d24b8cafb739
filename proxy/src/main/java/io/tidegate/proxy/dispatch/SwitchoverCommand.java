package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.dispatch.SwitchoverSignals.Answer;
import io.tidegate.routing.NodeAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code PROXY SWITCHOVER [TO <node>] [DRY RUN]} and {@code PROXY SWITCHOVER STATUS}. The session waits until it is over,
 * which is bounded by the time limits of its steps. Refused unless {@code commands.allow} has {@code proxy|switchover}; to
 * ask what would speak against one changes nothing, and how it stands anybody may see.
 */
final class SwitchoverCommand {
    private static final String ALLOWED_AS = "proxy|switchover";

    private final DataLoop loop;
    private final Questions<Answer> questions;

    SwitchoverCommand(DataLoop loop) {
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
            session.answerError("ERR " + String.join(" ", answer.lines()), end);
        }
        return true;
    }

    private boolean ask(Session session, long end) {
        RequestArgs args = session.args;
        int next = 2;
        if (args.count() == 3 && is(args, next, "STATUS")) {
            ProxyCommand.lines(session, loop.signals().switchover().steps(), end);
            return true;
        }
        NodeAddress to = null;
        if (args.count() >= next + 2 && is(args, next, "TO")) {
            try {
                to = NodeAddress.parse(args.text(next + 1));
            } catch (IllegalArgumentException e) {
                session.answerError("ERR node: " + e.getMessage(), end);
                return true;
            }
            next += 2;
        }
        boolean dryRun = args.count() == next + 2 && is(args, next, "DRY") && is(args, next + 1, "RUN");
        if (!dryRun && args.count() != next) {
            session.answerError("ERR expected: PROXY SWITCHOVER [TO <node>] [DRY RUN] | PROXY SWITCHOVER STATUS", end);
            return true;
        }
        return ask(session, to, dryRun, end);
    }

    private boolean ask(Session session, @Nullable NodeAddress to, boolean dryRun, long end) {
        if (!dryRun && !loop.settings().allowed().contains(ALLOWED_AS)) {
            loop.stats().errorAnswered(ErrorReply.REFUSED.label());
            session.answerError(
                    ErrorReply.REFUSED.text()
                            + ": 'proxy switchover' (it changes the primary; commands.allow with " + ALLOWED_AS
                            + " lets it through)",
                    end);
            return true;
        }
        questions.ask(session, told -> loop.signals().switchover().ask(to, dryRun, told));
        return false;
    }

    private static boolean is(RequestArgs args, int index, String word) {
        return args.text(index).toUpperCase(Locale.ROOT).equals(word);
    }
}
