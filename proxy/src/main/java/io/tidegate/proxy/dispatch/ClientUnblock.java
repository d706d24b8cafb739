package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.routing.RoutingTable.Node;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * CLIENT UNBLOCK: the number is that of a client of this proxy, whose blocking command waits on a connection of its own.
 * The server is told, by the number that it knows that connection by, as the user of the asker: so its rules hold.
 */
final class ClientUnblock {
    /** What blocks: a connection, by the server's number of it, of one process. */
    private record Blocked(long clientId, String runId) {
        static final Blocked NOTHING = new Blocked(0, "");
    }

    private final DataLoop loop;
    private final Inquiries inquiries;

    ClientUnblock(DataLoop loop, Inquiries inquiries) {
        this.loop = loop;
        this.inquiries = inquiries;
    }

    boolean answer(Session session, long end) {
        RequestArgs args = session.args;
        boolean error = args.is(3, "ERROR");
        if (args.count() > 3 && !error && !args.is(3, "TIMEOUT")) {
            session.answerError("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR", end);
            return true;
        }
        long id;
        try {
            id = RedisNumbers.parse(args.text(2));
        } catch (NumberFormatException notANumber) {
            session.answerError(RedisNumbers.NOT_AN_INTEGER, end);
            return true;
        }
        List<Blocked> found = inquiries.ofLoops(session, other -> find(other, id));
        if (found == null) {
            return false;
        }
        Blocked blocked = known(found);
        if (blocked == null && !loop.settings().passthroughAuth()) {
            integer(session, 0, end);
            return true;
        }
        String number = blocked == null ? ClientCommand.NOBODY : Long.toString(blocked.clientId());
        String verdict = inquiries.ofPrimary(session, end, "CLIENT", "UNBLOCK", number, error ? "ERROR" : "TIMEOUT");
        if (verdict == null) {
            return session.answeredByWait;
        }
        if (verdict.startsWith("-")) {
            session.answerError(verdict.substring(1), end);
        } else {
            integer(session, verdict.equals(":1") ? 1 : 0, end);
        }
        return true;
    }

    /** What blocks at the primary of now: another process has the number for somebody else. */
    private @Nullable Blocked known(List<Blocked> found) {
        Node primary = loop.table().primary();
        for (Blocked blocked : found) {
            if (blocked.clientId() != 0 && primary != null && blocked.runId().equals(primary.runId())) {
                return blocked;
            }
        }
        return null;
    }

    /** On the loop {@code other}. */
    private static Blocked find(DataLoop other, long id) {
        for (Session session : other.sessions()) {
            Pin pin = session.pin;
            if (session.client.id == id && pin != null && session.order.patient()) {
                // Should its reply come first, the number must not mean somebody else by the time the server reads it.
                pin.stateLeft = true;
                UpstreamConnection connection = pin.connection;
                return new Blocked(
                        connection.greeting().clientId(), connection.greeting().runId());
            }
        }
        return Blocked.NOTHING;
    }

    private static void integer(Session session, long value, long end) {
        ByteBuf reply = session.answerBuffer();
        RespWriter.integer(reply, value);
        session.answered(reply, end);
    }
}
