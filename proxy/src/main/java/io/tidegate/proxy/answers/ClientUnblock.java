package io.tidegate.proxy.answers;

import io.tidegate.proxy.dispatch.Asker;
import io.tidegate.proxy.dispatch.DataLoop;
import io.tidegate.proxy.dispatch.Session;
import io.tidegate.proxy.request.RedisNumbers;
import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.proxy.upstream.Greeting;
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

    ClientUnblock(DataLoop loop) {
        this.loop = loop;
    }

    boolean answer(Asker asker) {
        RequestArgs args = asker.args();
        boolean error = args.is(3, "ERROR");
        if (args.count() > 3 && !error && !args.is(3, "TIMEOUT")) {
            return asker.error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
        }
        long id;
        try {
            id = RedisNumbers.parse(args.text(2));
        } catch (NumberFormatException notANumber) {
            return asker.error(RedisNumbers.NOT_AN_INTEGER);
        }
        List<Blocked> found = asker.ofLoops(other -> find(other, id));
        if (found == null) {
            return false;
        }
        Blocked blocked = known(found);
        if (blocked == null && !loop.settings().passthroughAuth()) {
            return asker.integer(0);
        }
        String number = blocked == null ? ClientCommand.NOBODY : Long.toString(blocked.clientId());
        String verdict = asker.ofPrimary("CLIENT", "UNBLOCK", number, error ? "ERROR" : "TIMEOUT");
        if (verdict == null) {
            return asker.answeredByWait();
        }
        if (verdict.startsWith("-")) {
            return asker.error(verdict.substring(1));
        }
        return asker.integer(verdict.equals(":1") ? 1 : 0);
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
        for (Session session : other.allSessions()) {
            Greeting greeting = session.client().id() == id ? session.blocks() : null;
            if (greeting != null) {
                return new Blocked(greeting.clientId(), greeting.runId());
            }
        }
        return Blocked.NOTHING;
    }
}
