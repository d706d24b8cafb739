package io.tidegate.proxy.answers;

import io.tidegate.proxy.dispatch.Asker;
import io.tidegate.proxy.dispatch.DataLoop;
import io.tidegate.proxy.dispatch.Session;
import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.proxy.upstream.Product;
import java.util.ArrayList;
import java.util.List;

/**
 * CLIENT KILL: ends clients of this proxy, each on its own event loop, before it is answered. Whether the asker may is the
 * servers' to say where clients are the servers' users: they are asked to kill a client that none has the number of.
 */
final class ClientKill {
    private final DataLoop loop;

    ClientKill(DataLoop loop) {
        this.loop = loop;
    }

    boolean answer(Asker asker) {
        RequestArgs args = asker.args();
        boolean old = args.count() == 3;
        ClientFilter filter;
        try {
            filter = old
                    ? ClientFilter.ofAddress(args.text(2))
                    : ClientFilter.parse(args, knowsMaxAge(loop.upstreams().product()));
        } catch (ClientFilter.Invalid e) {
            boolean known = e.usersBefore().isEmpty() || permitted(asker, e.usersBefore());
            return known ? asker.error(e.answer()) : asker.answeredByWait();
        }
        boolean ask = loop.settings().passthroughAuth() || !filter.users().isEmpty();
        if (ask && !permitted(asker, filter.users())) {
            return asker.answeredByWait();
        }
        List<Integer> killed = asker.ofLoops(other -> kill(other, asker.session(), filter));
        if (killed == null) {
            return false;
        }
        boolean himself = filter.matches(asker.session(), true, loop.nowNanos());
        if (himself && !asker.hearsNoInvalidations()) {
            return false;
        }
        int all = killed.stream().mapToInt(Integer::intValue).sum() + (himself ? 1 : 0);
        answer(asker, old, all);
        if (himself) {
            asker.leaves();
        }
        return true;
    }

    private static boolean knowsMaxAge(Product product) {
        return product.since(7, 4) || product.valkeySince(8, 0);
    }

    /** Whether the servers let the asker, and know these users. If not, he waits, or has the servers' answer. */
    private static boolean permitted(Asker asker, List<String> users) {
        List<String> command = new ArrayList<>(List.of("CLIENT", "KILL", "ID", ClientCommand.NOBODY));
        users.forEach(user -> command.addAll(List.of("USER", user)));
        return asker.accepted(command.toArray(String[]::new));
    }

    private static boolean answer(Asker asker, boolean old, int killed) {
        if (!old) {
            return asker.integer(killed);
        }
        return killed == 0 ? asker.error("ERR No such client") : asker.ok();
    }

    /** On the loop {@code other}: all but the asker. */
    private static int kill(DataLoop other, Session asker, ClientFilter filter) {
        long nowNanos = other.nowNanos();
        int killed = 0;
        for (Session session : other.allSessions()) {
            if (session != asker && filter.matches(session, false, nowNanos)) {
                session.kill();
                killed++;
            }
        }
        return killed;
    }
}
