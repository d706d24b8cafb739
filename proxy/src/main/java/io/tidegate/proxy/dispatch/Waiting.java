package io.tidegate.proxy.dispatch;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of an event loop that wait for a node, or a moment for a fresher replica, in the order in which they began
 * to. They are tried again when the table changes, when a connection opens or drains, and on a tick; a session's own
 * deadline ends the waiting. A session that is tried in vain keeps its place.
 *
 * <p>So that the end of a failover is no stampede, a limited number go on per turn of the loop, and of those that waited
 * for it a limited number per second ({@link DrainRate}), the oldest first.
 */
final class Waiting {
    private static final long TICK_NANOS = 1_000_000;
    private static final int PER_TURN_MAX = 256;
    /** Without news a held session is tried again after so many ticks. */
    private static final int TICKS_PER_RETRY = 20;

    private final DataLoop loop;
    private final DrainRate drainRate = new DrainRate();
    private final Runnable tick = this::tick;
    private final Runnable tryDue = this::tryDue;

    private @Nullable WaitingPlace oldest;
    private @Nullable WaitingPlace youngest;
    private int size;
    private long bytes;

    /** Up to where those that are due were tried. */
    private @Nullable WaitingPlace next;

    private boolean ticking;
    private boolean working;
    private int ticks;

    Waiting(DataLoop loop) {
        this.loop = loop;
    }

    /** Whether so many others wait for a node already that this one is refused. */
    boolean full(Session session) {
        WaitingPlace own = session.place;
        int others = own.taken ? size - 1 : size;
        long othersBytes = own.taken ? bytes - own.bytes : bytes;
        return others >= loop.settings().heldSessionsMax()
                || othersBytes >= loop.settings().heldBytesMax();
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
        session.place.failover |= !loop.table().writes().open();
    }

    void settle(Session session) {
        session.wait = Wait.SETTLE;
        if (session.settleDeadlineNanos == 0) {
            session.settleDeadlineNanos = loop.nowNanos() + loop.settings().settleNanosMax();
        }
        add(session);
    }

    private void add(Session session) {
        WaitingPlace place = session.place;
        if (!place.taken) {
            place.taken = true;
            place.before = youngest;
            if (youngest == null) {
                oldest = place;
            } else {
                youngest.after = place;
            }
            youngest = place;
            size++;
            place.bytes = session.input.needed();
            bytes += place.bytes;
            loop.stats().waitBegun(place.bytes);
        }
        loop.waitsForTable();
        if (!ticking) {
            ticking = true;
            tickLater();
        }
    }

    void remove(Session session) {
        WaitingPlace place = session.place;
        if (!place.taken) {
            return;
        }
        if (next == place) {
            next = place.after;
        }
        if (place.before == null) {
            oldest = place.after;
        } else {
            place.before.after = place.after;
        }
        if (place.after == null) {
            youngest = place.before;
        } else {
            place.after.before = place.before;
        }
        place.before = null;
        place.after = null;
        place.taken = false;
        place.due = false;
        place.failover = false;
        size--;
        bytes -= place.bytes;
        loop.stats().waitEnded(place.bytes);
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
        return size;
    }

    /** Something changed that they may have waited for. */
    void retryAll() {
        for (WaitingPlace place = oldest; place != null; place = place.after) {
            place.due = true;
        }
        next = oldest;
        if (next != null && !working) {
            working = true;
            loop.eventLoop().execute(tryDue);
        }
    }

    /** Trying one may end another's wait: {@link #remove} sees to it that {@link #next} is right. */
    private void tryDue() {
        int tried = 0;
        boolean slow = false;
        while (next != null && tried < PER_TURN_MAX && !slow) {
            WaitingPlace place = next;
            if (!place.due) {
                next = place.after;
            } else if (place.failover && !over(place.session, loop.nowNanos()) && !drainRate.mayPass(loop.nowNanos())) {
                // The tick goes on with it.
                loop.stats().drainSlowed();
                slow = true;
            } else {
                next = place.after;
                place.due = false;
                tryAgain(place);
                tried++;
            }
        }
        working = next != null && !slow;
        if (working) {
            loop.eventLoop().execute(tryDue);
        }
    }

    private void tryAgain(WaitingPlace place) {
        Session session = place.session;
        boolean failover = place.failover;
        session.settleOver = session.wait == Wait.SETTLE && loop.nowNanos() >= session.settleDeadlineNanos;
        session.wait = Wait.NONE;
        session.retry();
        boolean waitsOn = place.taken && (session.wait == Wait.NODE || session.wait == Wait.SETTLE);
        if (!waitsOn) {
            remove(session);
        }
        if (failover && !(waitsOn && place.failover)) {
            drainRate.passed(loop.settings().drainPerSecond(), loop.nowNanos());
        }
    }

    /** Whether its own time is up. */
    private static boolean over(Session session, long nowNanos) {
        return nowNanos >= (session.wait == Wait.SETTLE ? session.settleDeadlineNanos : session.waitDeadlineNanos);
    }

    private void tickLater() {
        loop.eventLoop().schedule(tick, TICK_NANOS, TimeUnit.NANOSECONDS);
    }

    private void tick() {
        if (oldest == null) {
            ticking = false;
            return;
        }
        // First: whatever happens to those who wait now, the time of all runs.
        tickLater();
        boolean all = ++ticks % TICKS_PER_RETRY == 0;
        boolean any = false;
        long nowNanos = loop.nowNanos();
        for (WaitingPlace place = oldest; place != null; place = place.after) {
            place.due |= all || over(place.session, nowNanos);
            any |= place.due;
        }
        if (any && !working) {
            next = oldest;
            working = true;
            tryDue();
        }
    }
}
