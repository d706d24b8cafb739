package io.tidegate.proxy.answers;

import io.tidegate.proxy.dispatch.Asker;
import io.tidegate.proxy.dispatch.ClientLine;
import io.tidegate.proxy.dispatch.ClientType;
import io.tidegate.proxy.dispatch.DataLoop;
import io.tidegate.proxy.dispatch.Session;
import io.tidegate.proxy.request.RedisNumbers;
import io.tidegate.proxy.request.RequestArgs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** CLIENT INFO and CLIENT LIST: the clients of this proxy, of all its event loops. */
final class ClientList {
    private final DataLoop loop;

    ClientList(DataLoop loop) {
        this.loop = loop;
    }

    static boolean info(Asker asker) {
        return asker.text(ClientLine.of(asker.session(), argumentBytes(asker.args())) + "\n");
    }

    /** Whom to list: the ids in this order, some of them more than once perhaps, or all of a type. */
    private record Wanted(
            @Nullable List<Long> ids,
            Set<Long> known,
            @Nullable ClientType type) {
        boolean holds(Session session) {
            return ids == null
                    ? type == null || type == ClientLine.type(session)
                    : known.contains(session.client().id());
        }
    }

    boolean answer(Asker asker) {
        Wanted wanted = wanted(asker);
        if (wanted == null) {
            return true;
        }
        if (loop.settings().passthroughAuth() && !asker.permitted("CLIENT", "LIST", "ID", ClientCommand.NOBODY)) {
            return asker.answeredByWait();
        }
        int argumentBytes = argumentBytes(asker.args());
        List<Map<Long, String>> found = asker.ofLoops(other -> lines(other, asker.session(), wanted, argumentBytes));
        if (found == null) {
            return false;
        }
        Map<Long, String> lines = new TreeMap<>();
        found.forEach(lines::putAll);
        StringBuilder text = new StringBuilder();
        List<Long> order = wanted.ids() == null ? List.copyOf(lines.keySet()) : wanted.ids();
        for (Long id : order) {
            String line = lines.get(id);
            // Who is told more than that is dropped anyway.
            if (line != null && text.length() <= loop.settings().outputBytesMax()) {
                text.append(line).append('\n');
            }
        }
        return asker.text(text.toString());
    }

    /** Null if the command says nothing sensible, and was answered so. */
    private static @Nullable Wanted wanted(Asker asker) {
        RequestArgs args = asker.args();
        if (args.count() == 2) {
            return new Wanted(null, Set.of(), null);
        }
        if (args.count() == 4 && args.is(2, "TYPE")) {
            ClientType type = ClientType.named(args.text(3));
            if (type == null) {
                asker.error(ClientType.unknown(args.text(3)));
                return null;
            }
            return new Wanted(null, Set.of(), type);
        }
        if (args.count() < 4 || !args.is(2, "ID")) {
            asker.error("ERR syntax error");
            return null;
        }
        List<Long> ids = new ArrayList<>();
        for (int i = 3; i < args.count(); i++) {
            try {
                ids.add(RedisNumbers.parse(args.text(i)));
            } catch (NumberFormatException notANumber) {
                asker.error("ERR Invalid client ID");
                return null;
            }
        }
        return new Wanted(ids, Set.copyOf(ids), null);
    }

    /** On the loop {@code other}. */
    private static Map<Long, String> lines(DataLoop other, Session asker, Wanted wanted, int argumentBytes) {
        Map<Long, String> lines = new HashMap<>();
        for (Session session : other.allSessions()) {
            if (wanted.holds(session)) {
                lines.put(session.client().id(), ClientLine.of(session, session == asker ? argumentBytes : 0));
            }
        }
        return lines;
    }

    private static int argumentBytes(RequestArgs args) {
        int bytes = 0;
        for (int i = 0; i < args.count(); i++) {
            bytes += args.length(i);
        }
        return bytes;
    }
}
