package io.tidegate.proxy.dispatch;

import java.util.function.Consumer;

/**
 * What operators ask of the proxy as a whole over a client's connection: refused to whom {@code commands.allow} does not
 * let, and answered by another thread, for which the session waits where it stands. That thread answers everything, within
 * limits of its own.
 */
abstract class OperatorCommand {
    final DataLoop loop;
    private final Questions<OperatorAnswer> questions;
    private final String allowedAs;
    private final String consequence;

    /**
     * For one event loop.
     *
     * @param allowedAs its name in {@code commands.allow}
     * @param consequence why it is refused without that
     */
    OperatorCommand(DataLoop loop, String allowedAs, String consequence) {
        this.loop = loop;
        this.questions = new Questions<>(loop);
        this.allowedAs = allowedAs;
        this.consequence = consequence;
    }

    /** Answers the command at the session's position. False if the session has to wait with it. */
    final boolean answer(Session session, long end) {
        if (!questions.asked(session)) {
            return !LocalCommands.busy(session) && begin(session, end);
        }
        OperatorAnswer answer = questions.take(session);
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

    /** Reads the command, and answers it or {@link #ask asks}. False if the session has to wait. */
    abstract boolean begin(Session session, long end);

    /** {@code asks} is given whom to tell, from any thread. False, as the session has to wait for that. */
    final boolean ask(Session session, Consumer<Consumer<OperatorAnswer>> asks) {
        questions.ask(session, asks);
        return false;
    }

    /** Whether it may be done; if not, the session was answered. */
    final boolean allowed(Session session, String what, long end) {
        if (loop.dispatcher().allowed(session, allowedAs)) {
            return true;
        }
        loop.stats().errorAnswered(ErrorReply.REFUSED.label());
        session.answerError(
                "%s: '%s' (%s; commands.allow with %s lets it through)"
                        .formatted(ErrorReply.REFUSED.text(), what, consequence, allowedAs),
                end);
        return false;
    }

    /** Answers it, as it cannot be read; true, as that is an answer. */
    static boolean misread(Session session, String why, long end) {
        session.answerError("ERR " + why, end);
        return true;
    }
}
