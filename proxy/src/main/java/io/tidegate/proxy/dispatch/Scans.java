package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.proxy.upstream.Run;
import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.command.CommandSpec;
import org.jspecify.annotations.Nullable;

/**
 * SCAN, SSCAN, HSCAN and ZSCAN: each goes on in the process that gave its cursor, or begins anew.
 *
 * <p><b>The guarantee</b> is Redis' own: whatever is there from the first call to the last is returned at least once. A
 * cursor is a place in the tables of one process, and means another place in those of any other, where keys would be
 * missed and nobody would know. So clients get cursors that are marked with the process ({@link ScanCursor}), and the one
 * rule that all hangs on is applied where the bytes are sent: a process gets the cursor that bears its mark, without it,
 * and 0 in place of any other that bears one. Whatever chose the node, a scan that has lost its process begins anew, and
 * returns once more what it had returned. Within a process nothing that happens to a table takes anything from the
 * guarantee, for all its tables hash alike: it grows, shrinks, is flushed, or is loaded once more from another primary.
 *
 * <p><b>Levels.</b> Each call is a read as any other, on a replica, too: the first goes where its level lets it, and what
 * the level lets the session see is there from then on. The next go to the same process while its level lets that serve;
 * at level {@code session} it becomes the home again, having waited a moment for it if need be. Else the scan begins anew at
 * the primary and stays there, so that it comes to an end.
 *
 * <p><b>As it is</b> a cursor goes to the primary that bears no mark: one of a script's or a transaction's inner call, which
 * are the primary's own, or anything that was made up. Servers take any number, and say what is none.
 *
 * <p>A scan is alone in its run: its request is sent with another cursor, and the first bytes of its reply are others than
 * the server's. All the rest of a reply passes as it comes. The client's own bytes stay in its window, so that a scan that
 * is sent again is looked at anew.
 */
final class Scans {
    private final DataLoop loop;
    private final Targets targets;

    Scans(DataLoop loop, Targets targets) {
        this.loop = loop;
        this.targets = targets;
    }

    /** Sends the scan at the session's position. False if the session has to wait with it. */
    boolean forward(Session session, CommandSpec spec, long end) {
        Dispatcher dispatcher = loop.dispatcher();
        dispatcher.seal(session);
        UpstreamConnection connection = target(session, ScanCursor.read(session.args, spec.cursorArgument()), end);
        if (connection == null) {
            return session.answeredByWait;
        }
        boolean primary = connection.greeting().primary();
        dispatcher.append(session, connection, end, false, primary && Dispatcher.needsProof(session.level));
        Run run = session.open;
        if (run != null) {
            if (primary && session.reason == RouteReason.NO_FRESH_REPLICA) {
                run.spillLast();
            }
            sendAlone(session, spec, run);
        }
        return true;
    }

    private @Nullable UpstreamConnection target(Session session, long cursor, long end) {
        RoutingTable table = loop.table();
        if (primaryOnly(table, cursor)) {
            return targets.primary(session, end);
        }
        Node process = process(table, cursor);
        boolean lost = process != null && table.servesAsPrimary(process.id());
        return targets.read(session, lost ? null : process, end);
    }

    /** Whether a scan with this cursor goes to the primary, or its successor, and nowhere else. */
    static boolean primaryOnly(RoutingTable table, long cursor) {
        if ((cursor != 0 && !ScanCursor.marked(cursor)) || anyAlike(table)) {
            return true;
        }
        Node process = process(table, cursor);
        return process != null && table.servesAsPrimary(process.id()) && !table.primaryLost();
    }

    /** What {@code PROXY EXPLAIN} says of a scan with this cursor. */
    static String explained(RoutingTable table, long cursor) {
        if (cursor == 0) {
            return "it begins, and stays where it begins";
        }
        if (!ScanCursor.marked(cursor)) {
            return "its cursor bears no mark of a process, and goes to the primary as it is";
        }
        Node process = process(table, cursor);
        return process == null
                ? "its cursor is of a process that is gone: it begins anew"
                : "its cursor is of " + process.address() + ", where it goes on, or, if that may not serve, begins anew"
                        + " at the primary";
    }

    /** The process whose mark this cursor bears; null if it bears none, or nobody's that is known. */
    private static @Nullable Node process(RoutingTable table, long cursor) {
        if (!ScanCursor.marked(cursor)) {
            return null;
        }
        int mark = ScanCursor.mark(cursor);
        RoutingTable.Successor successor = table.successor();
        if (successor != null && bears(successor.node(), mark)) {
            return successor.node();
        }
        Node primary = table.primary();
        if (primary != null && bears(primary, mark)) {
            return primary;
        }
        for (Replica replica : table.replicas()) {
            if (bears(replica.node(), mark)) {
                return replica.node();
            }
        }
        return null;
    }

    private static boolean bears(Node process, int mark) {
        return !process.runId().isEmpty() && ScanCursor.markOf(process.runId()) == mark;
    }

    /** Whether a replica bears the mark of another process: then the primary does all the scanning. */
    private static boolean anyAlike(RoutingTable table) {
        Node primary = table.primary();
        for (int i = 0; i < table.replicas().size(); i++) {
            String runId = table.replicas().get(i).node().runId();
            if (runId.isEmpty()) {
                continue;
            }
            if (primary != null && alike(primary.runId(), runId)) {
                return true;
            }
            for (int j = 0; j < i; j++) {
                if (alike(table.replicas().get(j).node().runId(), runId)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean alike(String runId, String other) {
        return ScanCursor.markOf(runId) == ScanCursor.markOf(other) && !runId.equals(other);
    }

    /** Sends the session's open run, which is the scan at its position alone, with the cursor as its server knows it. */
    void sendAlone(Session session, CommandSpec spec, Run run) {
        UpstreamConnection connection = run.connection();
        if (connection == null) {
            return;
        }
        boolean queued = session.transaction.open();
        if (!queued && !connection.node().runId().isEmpty()) {
            run.markCursor();
        }
        ByteBuf command = forProcess(session, spec, connection);
        if (command == null) {
            loop.dispatcher().seal(session);
        } else {
            try {
                connection.send(run, command, 0, command.writerIndex());
            } finally {
                command.release();
            }
            loop.dispatcher().sealed(session, run, connection);
        }
    }

    /**
     * Passes the scan at the session's position on where nobody matches replies, so that cursors given there are the server's
     * own. False if it may go as it is.
     */
    static boolean relayed(Session session, CommandSpec spec, UpstreamConnection connection) {
        ByteBuf command = forProcess(session, spec, connection);
        if (command == null) {
            return false;
        }
        try {
            connection.relay(command, 0, command.writerIndex());
        } finally {
            command.release();
        }
        return true;
    }

    /** The scan at the session's position as this server is to get it, the caller's to release; null if as it is. */
    private static @Nullable ByteBuf forProcess(Session session, CommandSpec spec, UpstreamConnection connection) {
        RequestArgs args = session.args;
        long cursor = ScanCursor.read(args, spec.cursorArgument());
        if (!ScanCursor.marked(cursor)) {
            return null;
        }
        boolean own = bears(connection.node(), ScanCursor.mark(cursor));
        ByteBuf command = session.channel.alloc().buffer(128);
        RespWriter.arrayHeader(command, args.count());
        for (int i = 0; i < args.count(); i++) {
            if (i == spec.cursorArgument()) {
                RespWriter.bulk(command, Long.toString(own ? ScanCursor.withoutMark(cursor) : 0));
            } else {
                RespWriter.bulk(command, args.bytes(i));
            }
        }
        return command;
    }

    /**
     * The first bytes [from, to) of a scan's reply, with all of its cursor: passes it on with the mark.
     *
     * @return where the rest of the reply begins, which is to be passed on as it is
     */
    int replied(Session session, Run run, ByteBuf bytes, int from, int to, long readNanos) {
        run.cursorMarked();
        UpstreamConnection connection = run.connection();
        int digits = bytes.indexOf(from + 4, to, (byte) '\n') + 1;
        int end = bytes.indexOf(digits, to, (byte) '\r');
        boolean asExpected = bytes.getByte(from) == '*' && digits > 0 && end > digits && to - end > 2;
        if (connection == null || !asExpected) {
            return from;
        }
        long cursor = ScanCursor.read(bytes, digits, end);
        long marked = ScanCursor.withMark(ScanCursor.markOf(connection.node().runId()), cursor);
        if (marked == cursor) {
            return from;
        }
        ByteBuf head = session.channel.alloc().buffer(Run.CURSOR_BYTES_MAX);
        try {
            RespWriter.arrayHeader(head, 2);
            RespWriter.bulk(head, Long.toString(marked));
            session.delivery.takeBegun(run, head, readNanos);
        } finally {
            head.release();
        }
        return end + 2;
    }
}
