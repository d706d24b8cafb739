package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.dispatch.ControlSignals.FenceAnswer;
import io.tidegate.routing.NodeAddress;
import java.util.Locale;
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

    private final DataLoop loop;
    private final Questions<FenceAnswer> questions;

    FenceCommand(DataLoop loop) {
        this.loop = loop;
        this.questions = new Questions<>(loop);
    }

    /** Answers the command at the session's position. False if the session has to wait with it. */
    boolean answer(Session session, long end) {
        if (!questions.asked(session)) {
            return !LocalCommands.busy(session) && ask(session, end);
        }
        FenceAnswer answer = questions.take(session);
        if (answer == null) {
            return false;
        }
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
        questions.ask(session, told -> loop.signals().fenceAsked(release, told));
        return false;
    }
}
