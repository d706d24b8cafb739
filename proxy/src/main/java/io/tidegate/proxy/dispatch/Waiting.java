package io.tidegate.proxy.dispatch;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The sessions of an event loop that wait for a node, or a moment for a fresher replica. They are tried again when the
 * table changes, when a connection opens or drains, and on a tick; a session's own deadline ends the waiting. A limited
 * number go on per turn of the loop, so that the end of a failover is no stampede.
 */
final class Waiting {
    private static final long TICK_NANOS = 1_000_000;
    private static final int PER_TURN_MAX = 256;
    /** Without news a held session is tried again after so many ticks. */
    private static final int TICKS_PER_RETRY = 20;

    private final DataLoop loop;
    private final Set<Session> sessions = new LinkedHashSet<>();
    private final Set<Session> due = new LinkedHashSet<>();
    private long bytes;
    private boolean ticking;
    private boolean working;
    private int ticks;

    Waiting(DataLoop loop) {
        this.loop = loop;
    }

    /** Whether so many wait for a node already that one more is refused. */
    boolean full() {
        return sessions.size() >= loop.settings().heldSessionsMax()
                || bytes >= loop.settings().heldBytesMax();
    }

    /** The session waits for a node; its deadline runs from the first time it had to. */
    void hold(Session session) {
        session.wait = Wait.NODE;
        if (session.waitDeadlineNanos == 0) {
            session.waitDeadlineNanos = loop.nowNanos() + loop.settings().holdNanosMax();
        }
        if (session.heldSinceNanos == 0) {
            session.heldSinceNanos = loop.nowNanos();
            loop.stats().held();
        }
        add(session);
    }

    void settle(Session session) {
        session.wait = Wait.SETTLE;
        if (session.settleDeadlineNanos == 0) {
            session.settleDeadlineNanos = loop.nowNanos() + loop.settings().settleNanosMax();
        }
        add(session);
    }

    private void add(Session session) {
        if (sessions.add(session)) {
            session.heldBytes = session.input.needed();
            bytes += session.heldBytes;
        }
        loop.waitsForTable();
        if (!ticking) {
            ticking = true;
            tickLater();
        }
    }

    boolean remove(Session session) {
        boolean waited = sessions.remove(session);
        if (waited) {
            bytes -= session.heldBytes;
        }
        return waited;
    }

    /** The command that waited was sent, answered, or nobody wants its answer any more. */
    void ended(Session session) {
        remove(session);
        if (session.heldSinceNanos != 0) {
            loop.stats().holdEnded(session.heldSinceNanos, loop.nowNanos());
            session.heldSinceNanos = 0;
        }
    }

    int size() {
        return sessions.size();
    }

    /** Something changed that they may have waited for. */
    void retryAll() {
        due.clear();
        due.addAll(sessions);
        if (!due.isEmpty() && !working) {
            working = true;
            loop.eventLoop().execute(this::retrySome);
        }
    }

    private void retrySome() {
        for (int i = 0; i < PER_TURN_MAX && !due.isEmpty(); i++) {
            Session session = due.iterator().next();
            due.remove(session);
            if (remove(session)) {
                session.settleOver = session.wait == Wait.SETTLE && loop.nowNanos() >= session.settleDeadlineNanos;
                session.wait = Wait.NONE;
                session.retry();
            }
        }
        working = !due.isEmpty();
        if (working) {
            loop.eventLoop().execute(this::retrySome);
        }
    }

    private void tickLater() {
        loop.eventLoop().schedule(this::tick, TICK_NANOS, TimeUnit.NANOSECONDS);
    }

    private void tick() {
        if (sessions.isEmpty()) {
            ticking = false;
            return;
        }
        long nowNanos = loop.nowNanos();
        boolean all = ++ticks % TICKS_PER_RETRY == 0;
        for (Session session : sessions) {
            boolean over = session.wait == Wait.SETTLE
                    ? nowNanos >= session.settleDeadlineNanos
                    : nowNanos >= session.waitDeadlineNanos;
            if (over || all) {
                due.add(session);
            }
        }
        if (!due.isEmpty() && !working) {
            working = true;
            retrySome();
        }
        tickLater();
    }
}
