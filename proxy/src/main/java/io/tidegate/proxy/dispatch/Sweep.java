package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.loop.Patience;
import io.tidegate.proxy.metrics.DoorStats.TimedOut;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at all sessions of an event loop for clients that are late, and closes them. */
final class Sweep {
    private static final Logger log = LoggerFactory.getLogger(Sweep.class);

    private final DataLoop loop;

    Sweep(DataLoop loop) {
        this.loop = loop;
    }

    void look(long nowNanos) {
        Patience patience = loop.settings().patience();
        List<Session> late = new ArrayList<>(0);
        for (Session session : loop.sessions()) {
            if (tooLate(session, patience, nowNanos)) {
                late.add(session);
            }
        }
        // Not above: a session that ends leaves the set.
        late.forEach(Session::kill);
    }

    private boolean tooLate(Session session, Patience patience, long nowNanos) {
        TimedOut why;
        try {
            why = session.lateness.look(patience, nowNanos);
        } catch (Throwable e) {
            // It ends this one, and nobody behind it goes unseen from now on.
            loop.plane().failed(session.client, e);
            return true;
        }
        if (why != null) {
            loop.stats().doors().timedOut(why);
            log.debug("client {} of {} is closed, too late: {}", session.client.id, session.client.address, why);
        }
        return why != null;
    }
}
