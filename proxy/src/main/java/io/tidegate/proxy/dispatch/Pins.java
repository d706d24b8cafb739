package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.proxy.upstream.Run;
import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.Router;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.command.CommandSpec;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A connection of the session's own, always to the primary, for commands that need one: transactions and WATCH ({@link
 * Transactions}), commands that block, streams ({@link Pipes}). A session takes one when nothing of it is in flight
 * elsewhere, and gives it back when nothing of a transaction is left on it and nothing is outstanding.
 */
final class Pins {
    private static final String EXECABORT = "-EXECABORT ";

    private final DataLoop loop;

    Pins(DataLoop loop) {
        this.loop = loop;
    }

    /**
     * A command that blocks. WAIT and WAITAOF speak of what their own connection wrote, and a session has none of its own:
     * a mark written there, after the session's earlier writes were answered, stands for all of them.
     */
    boolean blocking(Session session, CommandSpec spec, long end) {
        if (session.inputClosed) {
            // Nobody would read it, and what it takes would be lost.
            session.closeWhenAnswered();
            return true;
        }
        boolean write = !Fate.onlyReads(spec);
        Pin pin = ready(session, end);
        if (pin == null) {
            return session.answeredByWait;
        }
        if (spec.name().equals("wait") || spec.name().equals("waitaof")) {
            if (pin.mark == null) {
                mark(session, pin);
                return false;
            }
            String refusal = pin.markRefusal;
            pin.unmark();
            if (refusal != null) {
                session.answers.error(refusal, end);
                release(session);
                return true;
            }
        }
        // A run of its own: what is before it is not kept waiting for its reply, and only its own silence is right.
        loop.dispatcher().seal(session);
        loop.dispatcher().append(session, pin.connection, end, write, write || Dispatcher.needsProof(session.level));
        session.order.beLastPatient();
        loop.dispatcher().seal(session);
        return true;
    }

    /** Writes the mark when the session's earlier commands are answered, and lets the session wait for its reply. */
    private void mark(Session session, Pin pin) {
        if (session.order.isEmpty()) {
            Run run = loop.runs().take();
            run.open(session, pin.connection, session.next);
            run.add(session.next, false, false);
            run.swallowLast();
            session.order.add(run);
            session.target = pin.connection;
            session.inFlight++;
            pin.mark = run;
            // Newer servers count from the last write of the connection, older ones from its last command.
            pin.connection.sendOwn(run, "PUBLISH", "tidegate:wait", "");
        }
        session.wait = Wait.DRAIN;
    }

    /** The next reply of {@code run} was swallowed: the client has it from earlier, or it is that of a mark. */
    static void swallowed(Session session, Run run, ByteBuf bytes, int from, int to) {
        Pin pin = session.pin;
        boolean error = bytes.getByte(from) == '-';
        if (pin != null && pin.mark == run) {
            // Without the mark the WAIT behind it would not speak of this session's writes.
            int lineEnd = to - "\r\n".length();
            pin.markRefusal = error ? bytes.toString(from + 1, lineEnd - from - 1, StandardCharsets.UTF_8) : null;
        } else if (error && session.transaction.begins(run)) {
            // The client was told that the transaction is open; nothing of it may run by itself.
            session.transaction.begun();
            session.transaction.poison();
            abandon(session);
        }
    }

    /**
     * The latest reply of {@code run}, the frame in {@code bytes} from {@code from} on, is an error. Whoever may not DISCARD
     * or UNWATCH leaves a connection that nobody else must get; EXECABORT alone ends what EXEC was to end.
     */
    static void failed(Session session, Run run, ByteBuf bytes, int from, int to) {
        Pin pin = session.pin;
        if (pin != null && pin.mark != run && pin.connection == run.connection()) {
            boolean aborted = bytes.toString(from, Math.min(to - from, EXECABORT.length()), StandardCharsets.US_ASCII)
                    .equals(EXECABORT);
            pin.stateLeft |= !aborted && session.loop.rewinds().wasToEndState(session, run);
        }
    }

    /** The session is somebody else now, or speaks another protocol: a connection of its own does not go along. */
    static void outgrown(Session session) {
        Pin pin = session.pin;
        if (pin != null && !pin.key.equals(session.key)) {
            abandon(session);
            session.transaction.connectionLost();
        }
    }

    /** Sends on the session's own connection. */
    boolean send(Session session, long end, boolean write, boolean fenced) {
        Pin pin = ready(session, end);
        if (pin == null) {
            return session.answeredByWait;
        }
        loop.dispatcher().append(session, pin.connection, end, write, fenced);
        return true;
    }

    /** Sends another command in the place of the session's, as a run of its own. */
    boolean sendInstead(Session session, long end, String... command) {
        Pin pin = ready(session, end);
        if (pin == null) {
            return session.answeredByWait;
        }
        loop.dispatcher().append(session, pin.connection, end, false, false);
        Run run = session.open;
        if (run != null) {
            pin.connection.sendOwn(run, command);
            loop.dispatcher().sealed(session, run, pin.connection);
        }
        return true;
    }

    /** The same, of a command that may need a script to be there, or be a scan. */
    boolean send(Session session, @Nullable CommandSpec spec, long end, boolean write, boolean fenced) {
        if (spec != null && spec.scans()) {
            loop.dispatcher().seal(session);
        }
        boolean taken = send(session, end, write, fenced);
        Run run = session.open;
        if (taken && !session.answeredByWait && spec != null && run != null) {
            if (spec.concernsScripts()) {
                loop.scripts().added(session, run, spec);
            } else if (spec.scans()) {
                loop.dispatcher().scans().sendAlone(session, spec, run);
            }
        }
        return taken;
    }

    /** The session's own connection, ready to be sent on; null if the session waits for it. */
    @Nullable Pin ready(Session session, long end) {
        session.answeredByWait = false;
        Pin pin = session.pin;
        RoutingTable table = loop.table();
        if (pin != null && pin.connection.closed() && !session.transaction.active() && session.order.isEmpty()) {
            // It could not be opened; another attempt.
            session.pin = null;
            pin = null;
        }
        if (pin == null) {
            if (!session.order.isEmpty()) {
                session.wait = Wait.DRAIN;
                return null;
            }
            int id = loop.router().write(table);
            Node node = id == Router.HOLD ? null : table.node(id);
            UpstreamConnection connection =
                    node == null ? null : loop.upstreams().pinned(session, table, node, session.key);
            if (connection == null) {
                boolean noNode = id == Router.HOLD || node == null;
                hold(
                        session,
                        end,
                        noNode ? loop.router().reason() : loop.upstreams().reason());
                return null;
            }
            pin = new Pin(connection);
            session.pin = pin;
        }
        if (session.target != null && session.target != pin.connection) {
            session.wait = Wait.DRAIN;
            return null;
        }
        boolean usable = !pin.connection.connecting()
                && table.isWritable(pin.connection.nodeId())
                && session.checked.allows(table, pin.connection);
        if (!usable) {
            hold(session, end, RouteReason.NO_LINK);
            return null;
        }
        session.reason = Dispatcher.whyWritten(table);
        return pin;
    }

    /** The command waits, or is answered with an error, which a transaction around it does not survive. */
    private void hold(Session session, long end, RouteReason reason) {
        loop.dispatcher().hold(session, end, reason);
        if (session.answeredByWait && session.transaction.open()) {
            session.transaction.poison();
        } else if (session.answeredByWait && !session.transaction.active() && session.order.isEmpty()) {
            // Nobody would give it back when it opens.
            abandon(session);
        }
    }

    /** Gives the connection back if nothing of the session is left on it. */
    static void release(Session session) {
        Pin pin = session.pin;
        boolean wanted = pin != null && (pin.streaming() || pin.mark != null || pin.connection.connecting());
        if (pin != null && !wanted && !Pin.neededBy(session)) {
            if (pin.stateLeft) {
                abandon(session);
                return;
            }
            session.pin = null;
            session.loop.upstreams().giveBack(pin.connection);
        }
    }

    /** Ends the connection with whatever state it has on the server. */
    static void abandon(Session session) {
        Pin pin = session.pin;
        if (pin != null) {
            session.pin = null;
            pin.connection.close("its session gave up its state");
            if (Redirects.ownLost(session, null)) {
                session.close();
            }
        }
    }

    /** Nobody is left to whom the connection could be of use. */
    static void clientGone(Session session) {
        Pin pin = session.pin;
        if (pin != null) {
            if (pin.relay != null) {
                pin.relay.close();
            }
            pin.connection.close("the client went away");
            session.pin = null;
        }
    }

    /** The connection is gone, and with it what the server knew of the session. */
    static void lost(Session session) {
        session.pin = null;
        session.transaction.connectionLost();
    }
}
