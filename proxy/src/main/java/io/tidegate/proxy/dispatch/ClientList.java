package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RespWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** CLIENT INFO and CLIENT LIST: the clients of this proxy, of all its event loops. */
final class ClientList {
    private final DataLoop loop;
    private final Inquiries inquiries;

    ClientList(DataLoop loop, Inquiries inquiries) {
        this.loop = loop;
        this.inquiries = inquiries;
    }

    static void info(Session session, long end) {
        text(session, ClientLine.of(session, argumentBytes(session)) + "\n", end);
    }

    /** Whom to list: the ids in this order, or all of a type. */
    private record Wanted(
            @Nullable List<Long> ids, @Nullable ClientType type) {
        boolean holds(Session session) {
            return ids == null ? type == null || type == ClientLine.type(session) : ids.contains(session.client.id);
        }
    }

    boolean list(Session session, long end) {
        Wanted wanted = wanted(session, end);
        if (wanted == null) {
            return true;
        }
        if (loop.settings().passthroughAuth()) {
            String verdict = inquiries.ofPrimary(session, end, "CLIENT", "LIST", "ID", ClientCommand.NOBODY);
            if (verdict == null) {
                return session.answeredByWait;
            }
            if (ClientCommand.denied(session, verdict, end)) {
                return true;
            }
        }
        int argumentBytes = argumentBytes(session);
        List<Map<Long, String>> found =
                inquiries.ofLoops(session, other -> lines(other, session, wanted, argumentBytes));
        if (found == null) {
            return false;
        }
        Map<Long, String> lines = new TreeMap<>();
        found.forEach(lines::putAll);
        StringBuilder text = new StringBuilder();
        List<Long> order = wanted.ids() == null ? List.copyOf(lines.keySet()) : wanted.ids();
        for (Long id : order) {
            String line = lines.get(id);
            if (line != null) {
                text.append(line).append('\n');
            }
        }
        text(session, text.toString(), end);
        return true;
    }

    /** Null if the command says nothing sensible, and was answered so. */
    private static @Nullable Wanted wanted(Session session, long end) {
        RequestArgs args = session.args;
        if (args.count() == 2) {
            return new Wanted(null, null);
        }
        if (args.count() == 4 && args.is(2, "TYPE")) {
            ClientType type = ClientType.named(args.text(3));
            if (type == null) {
                session.answerError(ClientType.unknown(args.text(3)), end);
                return null;
            }
            return new Wanted(null, type);
        }
        if (args.count() < 4 || !args.is(2, "ID")) {
            session.answerError("ERR syntax error", end);
            return null;
        }
        List<Long> ids = new ArrayList<>();
        for (int i = 3; i < args.count(); i++) {
            try {
                ids.add(RedisNumbers.parse(args.text(i)));
            } catch (NumberFormatException notANumber) {
                session.answerError("ERR Invalid client ID", end);
                return null;
            }
        }
        return new Wanted(ids, null);
    }

    /** On the loop {@code other}. */
    private static Map<Long, String> lines(DataLoop other, Session asker, Wanted wanted, int argumentBytes) {
        Map<Long, String> lines = new HashMap<>();
        for (Session session : other.sessions()) {
            if (wanted.holds(session)) {
                lines.put(session.client.id, ClientLine.of(session, session == asker ? argumentBytes : 0));
            }
        }
        return lines;
    }

    private static int argumentBytes(Session session) {
        int bytes = 0;
        for (int i = 0; i < session.args.count(); i++) {
            bytes += session.args.length(i);
        }
        return bytes;
    }

    private static void text(Session session, String text, long end) {
        ByteBuf reply = session.answerBuffer();
        RespWriter.verbatim(reply, text, session.key.protocol());
        session.answered(reply, end);
    }
}
