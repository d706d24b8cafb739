package io.tidegate.proxy.dispatch;

import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.command.CommandSpec;
import io.tidegate.routing.command.CommandTable;
import io.tidegate.routing.command.Effect;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names that nobody knows, of servers that may have given another name ({@code rename-command}) to a command that concerns
 * its connection. Such a one must not be passed on like any other: behind a MULTI on a connection that all share the
 * server would queue whatever anybody sends. So the server is asked which command it is, as the session's user, before it
 * is given one. Where nothing of the kind is renamed ({@link CommandTable#namesKept}) nothing is asked.
 *
 * <pre>
 * COMMAND INFO says that it is                         then
 * ---------------------------------------------------  ----------------------------------------------------------------
 * one that {@link CommandSpec#concernsConnection}      an error
 * one that is refused by default, such as SYNC         it goes over a connection that nobody else gets afterwards
 * another                                              it goes on
 * none                                                 it goes on, for the server's own words
 * NOPERM: the user may not ask                         an error
 * another error: COMMAND is renamed, too               as one that is refused by default
 * </pre>
 *
 * Between MULTI and EXEC nothing is asked: what is not known to be harmless is an error, since it may be EXEC.
 */
final class Renames {
    private static final int KNOWN_MAX = 256;
    private static final int NAME_LENGTH_MAX = 64;
    /** What stands for bytes that are no UTF-8: the server cannot be asked about such a name. */
    private static final String NOT_UTF_8 = "\uFFFD";

    private static final Pattern INFO = Pattern.compile("\\*1\r\n\\*\\d+\r\n\\$\\d+\r\n([^\r]+)\r\n");
    private static final Pattern NONE = Pattern.compile("\\*1\r\n(\\*-1|\\$-1|_)\r\n");

    private final DataLoop loop;
    private final Pins pins;
    private final Transactions transactions;
    private final Inquiries inquiries;

    /** Other names of commands that may go on, of the process of {@link #runId}. */
    private final Set<String> harmless = new HashSet<>();

    private String runId = "";

    Renames(DataLoop loop, Pins pins, Transactions transactions) {
        this.loop = loop;
        this.pins = pins;
        this.transactions = transactions;
        this.inquiries = new Inquiries(loop);
    }

    /** Takes the command at the session's position, whose name nobody knows. False if the session has to wait with it. */
    boolean take(Session session, long end) {
        String name = session.args.text(0).toLowerCase(Locale.ROOT);
        boolean known = known().contains(name);
        if (session.transaction.open()) {
            return known
                    ? transactions.queue(session, null, end)
                    : refuse(session, ErrorReply.PERHAPS_RENAMED, "", end);
        }
        if (known) {
            return loop.dispatcher().forward(session, null, end);
        }
        if (inquiries.ofPrimary(session, end, "COMMAND", "INFO", name) == null) {
            return session.answeredByWait;
        }
        Inquiry inquiry = session.inquiry;
        String said = inquiry == null || name.contains(NOT_UTF_8) ? "" : inquiry.begin;
        if (NONE.matcher(said).matches()) {
            return loop.dispatcher().forward(session, null, end);
        }
        Matcher matcher = INFO.matcher(said);
        String found = matcher.lookingAt() ? matcher.group(1) : null;
        CommandSpec spec = found == null ? null : loop.commands().find(found);
        if (spec != null && spec.concernsConnection()) {
            return refuse(session, ErrorReply.RENAMED, ": " + spec.name(), end);
        }
        if (said.startsWith("-NOPERM")) {
            return refuse(session, ErrorReply.PERHAPS_RENAMED, "", end);
        }
        if (spec != null && spec.effect() == Effect.FORWARD) {
            if (known().size() < KNOWN_MAX && name.length() <= NAME_LENGTH_MAX) {
                harmless.add(name);
            }
            return loop.dispatcher().forward(session, null, end);
        }
        return alone(session, end);
    }

    /** Another process may go by other names. */
    private Set<String> known() {
        Node primary = loop.table().primary();
        String now = primary == null ? "" : primary.runId();
        if (!now.equals(runId)) {
            runId = now;
            harmless.clear();
        }
        return harmless;
    }

    private boolean refuse(Session session, ErrorReply error, String which, long end) {
        loop.dispatcher().seal(session);
        if (session.transaction.open()) {
            session.transaction.poison();
        }
        loop.stats().errorAnswered(error.label());
        session.answers.error(error.text() + which, end);
        return true;
    }

    /** Whatever it does to its connection, that is of no use to anybody afterwards. */
    private boolean alone(Session session, long end) {
        loop.dispatcher().seal(session);
        boolean taken = pins.send(session, null, end, true, true);
        Pin pin = session.pin;
        if (taken && pin != null && !session.answeredByWait) {
            pin.stateLeft = true;
            session.wait = Wait.DRAIN;
        }
        return taken;
    }
}
