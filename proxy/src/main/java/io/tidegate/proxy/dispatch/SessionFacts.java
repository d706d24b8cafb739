package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.signals.Facts;
import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.routing.command.CommandSpec;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One loop's sessions as an operator is shown them: those with something under way first. Called on the loop. */
final class SessionFacts {
    /** So many of each loop: with many clients it is the odd ones that are looked for. */
    static final int SESSIONS_MAX = 100;

    private SessionFacts() {}

    static List<Facts> of(Set<Session> sessions) {
        return sessions.stream()
                .sorted(Comparator.comparing(SessionFacts::calm).thenComparingLong(session -> session.client.id))
                .limit(SESSIONS_MAX)
                .map(SessionFacts::of)
                .toList();
    }

    private static boolean calm(Session session) {
        return session.pin == null && session.wait == Wait.NONE && session.inFlight == 0;
    }

    private static Facts of(Session session) {
        Client client = session.client;
        long nowNanos = session.loop.nowNanos();
        UpstreamConnection connection = session.pin == null ? session.target : session.pin.connection;
        CommandSpec last = session.latest;
        return new Facts()
                .add("id", client.id)
                .add("address", client.address)
                .add("name", client.name)
                .add("user", client.user)
                .add("level", session.level.toString())
                .add("age-seconds", client.ageSeconds(nowNanos))
                .add("idle-millis", Math.max(0, nowNanos - session.arrivalNanos) / 1e6)
                .add("last", last == null ? null : last.name().replace('|', ' '))
                .add("in-flight", session.inFlight)
                .add("waits", waits(session))
                .add("own-connection", ownConnection(session))
                .add(
                        "node",
                        connection == null ? null : connection.node().address().toString());
    }

    private static @Nullable String waits(Session session) {
        return session.wait == Wait.NONE ? null : session.wait.name().toLowerCase(Locale.ROOT);
    }

    /** Why it has one; null if it shares. */
    private static @Nullable String ownConnection(Session session) {
        Pin pin = session.pin;
        if (pin == null) {
            return null;
        }
        if (pin.streaming()) {
            return "stream";
        }
        if (session.transaction.active()) {
            return "transaction";
        }
        return session.order.patient() ? "blocking" : "upload";
    }
}
