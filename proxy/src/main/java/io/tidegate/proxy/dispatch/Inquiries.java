package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.upstream.ConnectionKey;
import io.tidegate.proxy.upstream.Run;
import io.tidegate.proxy.upstream.UpstreamConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks on behalf of a session what the proxy needs to answer its command, while the session waits. What became known
 * belongs to the command at one position and goes with it; what a lost connection left unknown is asked again.
 */
final class Inquiries {
    private static final Logger log = LoggerFactory.getLogger(Inquiries.class);

    private final DataLoop loop;

    Inquiries(DataLoop loop) {
        this.loop = loop;
    }

    /** What is being found out for the command at the session's position. */
    static Inquiry at(Session session) {
        Inquiry inquiry = session.inquiry;
        if (inquiry == null || inquiry.position != session.next) {
            inquiry = new Inquiry(session.next);
            session.inquiry = inquiry;
        }
        return inquiry;
    }

    /**
     * The first line of the primary's reply to {@code command}, sent as the session's user; its type is its first
     * character. Null if it is not known yet: then the session waits, unless {@link Session#answeredByWait}.
     */
    @Nullable String ofPrimary(Session session, long end, String... command) {
        return ofPrimary(session, session.key, end, command);
    }

    /** The same over a connection with {@code key}. */
    @Nullable String ofPrimary(Session session, ConnectionKey key, long end, String... command) {
        session.answeredByWait = false;
        Inquiry inquiry = at(session);
        if (inquiry.reply != null) {
            return inquiry.reply;
        }
        if (session.busy()) {
            return null;
        }
        UpstreamConnection connection = loop.dispatcher().targets().primary(session, key, end);
        if (connection == null) {
            return null;
        }
        ask(session, inquiry, connection, command);
        return null;
    }

    /** The same, of the session's own connection, which nobody else gets after that. */
    @Nullable String ofOwn(Session session, Pins pins, long end, String... command) {
        session.answeredByWait = false;
        Inquiry inquiry = at(session);
        if (inquiry.reply != null) {
            return inquiry.reply;
        }
        if (session.busy()) {
            return null;
        }
        Pin pin = pins.ready(session, end);
        if (pin != null) {
            pin.stateLeft = true;
            ask(session, inquiry, pin.connection, command);
        }
        return null;
    }

    /**
     * Has the session's own connection become {@code wanted} by {@code command}. False while the session waits for that, or if
     * the server's error was its answer.
     */
    boolean ownBecomes(Session session, Pins pins, ConnectionKey wanted, long end, String... command) {
        String verdict = ofOwn(session, pins, end, command);
        Pin pin = session.pin;
        if (verdict == null || pin == null) {
            return false;
        }
        if (!session.answers.accepted(verdict, "-", end)) {
            return false;
        }
        pin.key = wanted;
        return true;
    }

    private void ask(Session session, Inquiry inquiry, UpstreamConnection connection, String... command) {
        if (session.heldSinceNanos != 0) {
            loop.waiting().ended(session);
        }
        Run run = loop.runs().take();
        run.open(session, connection, session.next);
        run.add(session.next, false, false);
        run.swallowLast();
        session.order.add(run);
        session.target = connection;
        session.inFlight++;
        inquiry.run = run;
        connection.sendOwn(run, command);
        session.wait = Wait.DRAIN;
    }

    /** What {@code question} answers on each event loop; null while the session waits for it. */
    <T> @Nullable List<T> ofLoops(Session session, Function<DataLoop, T> question) {
        session.answeredByWait = false;
        Inquiry inquiry = at(session);
        if (inquiry.answers != null) {
            @SuppressWarnings("unchecked") // The command at one position asks one question.
            List<T> answers = (List<T>) inquiry.answers;
            return answers;
        }
        if (session.busy()) {
            return null;
        }
        if (!inquiry.spread) {
            inquiry.spread = true;
            List<DataLoop> loops = loop.plane().loops();
            List<T> gathered = new ArrayList<>();
            for (DataLoop other : loops) {
                other.eventLoop().execute(() -> ask(session, other, question, gathered, loops.size()));
            }
        }
        session.wait = Wait.ANSWER;
        return null;
    }

    private <T> void ask(Session session, DataLoop other, Function<DataLoop, T> question, List<T> gathered, int all) {
        Runnable tell;
        try {
            T answer = question.apply(other);
            tell = () -> told(session, answer, gathered, all);
        } catch (Throwable e) {
            log.error("a question of client {} failed by a mistake of this proxy", session.client.id, e);
            tell = session::close;
        }
        loop.eventLoop().execute(tell);
    }

    private static <T> void told(Session session, T answer, List<T> gathered, int all) {
        gathered.add(answer);
        Inquiry inquiry = session.inquiry;
        if (!session.closed && inquiry != null && gathered.size() == all) {
            inquiry.answers = gathered;
            session.wait = Wait.NONE;
            session.retry();
        }
    }
}
