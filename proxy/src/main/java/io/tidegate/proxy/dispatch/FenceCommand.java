package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.dispatch.ControlSignals.FenceAnswer;
import io.tidegate.routing.NodeAddress;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code PROXY FENCE} and {@code PROXY FENCE RELEASE <node>}: questions to the control plane, for whose answer the session
 * waits where it stands. That is not for long: the control plane answers everything, and a release within seconds.
 *
 * <p>Who says which node is primary decides what is lost, so a release is refused unless {@code commands.allow} has
 * {@code proxy|fence}; how things stand anybody may ask.
 */
final class FenceCommand {
    private static final String ALLOWED_AS = "proxy|fence";

    private static final class Question {
        @Nullable FenceAnswer answer;
    }

    private final DataLoop loop;

    /** At most one per session, and gone when it is answered. */
    private final Map<Session, Question> questions = new HashMap<>();

    FenceCommand(DataLoop loop) {
        this.loop = loop;
    }

    /** Answers the command at the session's position. False if the session has to wait with it. */
    boolean answer(Session session, long end) {
        Question question = questions.get(session);
        if (question == null) {
            return !LocalCommands.busy(session) && ask(session, end);
        }
        FenceAnswer answer = question.answer;
        if (answer == null) {
            session.wait = Wait.ANSWER;
            return false;
        }
        questions.remove(session);
        if (answer.granted()) {
            ProxyCommand.lines(session, answer.lines(), end);
        } else {
            session.answerError("ERR not executed: " + String.join(" ", answer.lines()), end);
        }
        return true;
    }

    private boolean ask(Session session, long end) {
        RequestArgs args = session.args;
        if (args.count() == 2) {
            return ask(session, (NodeAddress) null);
        }
        if (args.count() != 4 || !args.text(2).toLowerCase(Locale.ROOT).equals("release")) {
            session.answerError("ERR expected: PROXY FENCE [RELEASE <node>]", end);
        } else if (!loop.settings().allowed().contains(ALLOWED_AS)) {
            loop.stats().errorAnswered(ErrorReply.REFUSED.label());
            session.answerError(
                    ErrorReply.REFUSED.text()
                            + ": 'proxy fence release' (it decides who is primary; commands.allow with " + ALLOWED_AS
                            + " lets it through)",
                    end);
        } else {
            try {
                return ask(session, NodeAddress.parse(args.text(3)));
            } catch (IllegalArgumentException e) {
                session.answerError("ERR node: " + e.getMessage(), end);
            }
        }
        return true;
    }

    private boolean ask(Session session, @Nullable NodeAddress release) {
        Question question = new Question();
        questions.put(session, question);
        session.wait = Wait.ANSWER;
        loop.signals()
                .fenceAsked(
                        release,
                        answer ->
                                loop.eventLoop().execute(() -> session.guarded(() -> told(session, question, answer))));
        return false;
    }

    private void told(Session session, Question question, FenceAnswer answer) {
        question.answer = answer;
        if (session.closed) {
            questions.remove(session);
        } else {
            session.wait = Wait.NONE;
            session.retry();
        }
    }
}
