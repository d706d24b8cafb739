package io.tidegate.proxy.answers;

import io.tidegate.proxy.dispatch.Asker;
import io.tidegate.proxy.dispatch.DataLoop;
import io.tidegate.proxy.dispatch.ErrorReply;
import io.tidegate.proxy.dispatch.Questions;
import io.tidegate.proxy.signals.OperatorAnswer;
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

    /** Answers the command at hand. False if the session has to wait with it. */
    final boolean answer(Asker asker) {
        if (!questions.asked(asker)) {
            return !asker.busy() && begin(asker);
        }
        OperatorAnswer answer = questions.take(asker);
        if (answer == null) {
            return false;
        }
        return answer.done()
                ? ProxyCommand.lines(asker, answer.lines())
                : asker.error("ERR " + String.join("; ", answer.lines()));
    }

    /** Reads the command, and answers it or {@link #ask asks}. False if the session has to wait. */
    abstract boolean begin(Asker asker);

    /** {@code asks} is given whom to tell, from any thread. False, as the session has to wait for that. */
    final boolean ask(Asker asker, Consumer<Consumer<OperatorAnswer>> asks) {
        questions.ask(asker, asks);
        return false;
    }

    /** Whether it may be done; if not, the session was answered. */
    final boolean allowed(Asker asker, String what) {
        if (asker.allowed(allowedAs)) {
            return true;
        }
        asker.error(
                ErrorReply.REFUSED,
                ": '%s' (%s; commands.allow with %s lets it through)".formatted(what, consequence, allowedAs));
        return false;
    }

    /** Answers it, as it cannot be read; true, as that is an answer. */
    static boolean misread(Asker asker, String why) {
        return asker.error("ERR " + why);
    }
}
