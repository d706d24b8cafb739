package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.upstream.Run;
import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.routing.Durability.Missing;
import io.tidegate.routing.RoutingTable;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of an event loop whose next reply is there but not yet proven: the evidence that its rule names, of the
 * primary's claim or of what replicas hold, does not reach to the instant of the reply. Evidence releases it. A newer claim
 * releases it, too, if its history provably took over what the reply is about ({@link RoutingTable.Fork}), and turns it into
 * {@code UNCERTAIN} if not; so does the time limit, or into {@code UNDERREPLICATED} if only replicas are missing; reads are
 * then asked again ({@link OverdueReads}).
 * Bounded in time, and in number and bytes per loop: of too many the oldest gives way, of too many bytes the session that
 * keeps most, so that one huge reply costs nobody else theirs.
 */
final class Parking {
    private static final long TICK_NANOS = 5_000_000;

    private final DataLoop loop;
    /** In the order in which they were parked. */
    private final Set<Session> sessions = new LinkedHashSet<>();
    /** All with replies set aside, parked or behind something else of their session. */
    private final Set<Session> keeping = new LinkedHashSet<>();

    private long bytes;
    private boolean ticking;
    private boolean shedding;

    Parking(DataLoop loop) {
        this.loop = loop;
    }

    /**
     * The head of the session's queue lacks what its rule asks for: it waits for that, unless it can come no more.
     *
     * @return whether it waits; if not, the session was moved back and on
     */
    boolean park(Session session, Run head, Missing missing) {
        if (missing == Missing.CLAIM && overtaken(session, head)) {
            unpark(session);
            loop.rewinds().superseded(session);
            return false;
        }
        head.demandEvidence();
        if (sessions.add(session)) {
            session.parkedBytes = head.keptBytes();
            loop.stats().parked(session.parkedBytes);
            loop.waitsForTable();
            keptBack(session, 0);
        }
        loop.signals().evidenceWanted(head.readNanos());
        if (missing == Missing.REPLICAS) {
            awaitReplicas(session, head);
        } else {
            awaitSuccessor(session, head);
        }
        if (!ticking) {
            ticking = true;
            tickLater();
        }
        return true;
    }

    /**
     * Whether its claim has moved on without it. What of a replaced claim lives on its successor's first table says; none
     * says more later. It may have come since the reply was looked at.
     */
    private boolean overtaken(Session session, Run head) {
        UpstreamConnection connection = head.connection();
        return connection != null
                && !loop.table().mayProve(connection.epoch(), connection.node())
                && session.delivery.missing(head, head.readNanos()) == Missing.CLAIM;
    }

    /** While writes are held the next thing to be proven may be another claim: what of this one it takes over is asked now. */
    private void awaitSuccessor(Session session, Run head) {
        UpstreamConnection connection = head.connection();
        RoutingTable table = loop.table();
        if (!table.writes().open() && connection != null && connection.epoch() == table.epoch()) {
            loop.signals().inheritanceWanted(session.delivery.latestNanos(head));
        }
    }

    private void awaitReplicas(Session session, Run head) {
        if (session.replicasAwaitedNanos == 0) {
            session.replicasAwaitedNanos = loop.nowNanos();
            loop.stats().replicasAwaited();
        }
        loop.signals().replicationWanted(head.readNanos());
    }

    /** The session's head goes out. */
    void released(Session session, Run head) {
        count(session, -head.keptBytes());
        unpark(session);
    }

    private void unpark(Session session) {
        if (sessions.remove(session)) {
            loop.stats().parkEnded(session.parkedBytes, parkedNanos(session.order.head()));
            if (session.replicasAwaitedNanos != 0) {
                loop.stats().replicaWaitEnded(loop.nowNanos() - session.replicasAwaitedNanos);
                session.replicasAwaitedNanos = 0;
            }
        }
    }

    /** How long a head has been parked; 0 for one that came in its place when the session was cut back. */
    private long parkedNanos(@Nullable Run head) {
        return head == null || !head.answered() || !head.needsEvidence() ? 0 : loop.nowNanos() - head.readNanos();
    }

    /** Reply bytes of the session were set aside. */
    void keptBack(Session session, int length) {
        count(session, length);
        if (overLimit() && !shedding) {
            // Later: giving up moves sessions, and one may just be moving.
            shedding = true;
            loop.eventLoop().execute(this::shed);
        }
    }

    private boolean overLimit() {
        return bytes > loop.settings().parkedBytesMax()
                || sessions.size() > loop.settings().parkedRepliesMax();
    }

    private void shed() {
        shedding = false;
        while (sessions.size() > loop.settings().parkedRepliesMax()) {
            Session oldest = sessions.iterator().next();
            oldest.guarded(() -> giveUp(oldest, false));
        }
        while (bytes > loop.settings().parkedBytesMax()) {
            Session largest = keepsMost();
            largest.guarded(() -> forgetLargest(largest));
        }
    }

    private Session keepsMost() {
        return Collections.max(keeping, Comparator.comparingLong(session -> session.keptBytes));
    }

    /** Its largest run will be answered without its replies. */
    private void forgetLargest(Session session) {
        if (session.execReply != null) {
            // Half a reply is out.
            session.kill();
            return;
        }
        Run largest = session.order.largestKept();
        if (largest == null || largest.keptBytes() == 0) {
            recount(session);
            return;
        }
        count(session, -largest.keptBytes());
        unpark(session);
        largest.forget();
        if (session.delivery.midReply() && largest == session.order.head()) {
            // Half a reply is out, and its rest is gone.
            session.close();
        } else {
            session.delivery.advance();
        }
    }

    private void count(Session session, long length) {
        session.keptBytes += length;
        bytes += length;
        if (session.keptBytes > 0) {
            keeping.add(session);
        } else {
            keeping.remove(session);
        }
    }

    /** Some of the session's runs were cut off: counts what it still keeps back. */
    void recount(Session session) {
        long kept = session.execReply == null ? 0 : session.execReply.bytes();
        session.answerBytes = 0;
        for (Run run = session.order.head(); run != null; run = run.nextInSession) {
            kept += run.keptBytes();
            session.answerBytes += run.answerBytes();
        }
        count(session, kept - session.keptBytes);
        unpark(session);
    }

    void remove(Session session) {
        unpark(session);
        count(session, -session.keptBytes);
    }

    int size() {
        return sessions.size();
    }

    long bytes() {
        return bytes;
    }

    /** New evidence or a new claim. */
    void onTable() {
        for (Session session : List.copyOf(sessions)) {
            session.guarded(session.delivery::advance);
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
        // First: whatever happens to those who are parked now, the time of those who come later runs, too.
        tickLater();
        long nowNanos = loop.nowNanos();
        for (Session session : List.copyOf(sessions)) {
            session.guarded(() -> look(session, nowNanos));
        }
    }

    private void look(Session session, long nowNanos) {
        while (expired(session, nowNanos)) {
            giveUp(session, true);
        }
        if (sessions.contains(session)) {
            // Asks again for evidence, and finds what a table brought between the look at it and the parking.
            session.delivery.advance();
        }
    }

    /** Each reply has its own time, from when it was read. */
    private boolean expired(Session session, long nowNanos) {
        Run head = session.order.head();
        return sessions.contains(session)
                && head != null
                && nowNanos - head.readNanos() >= loop.settings().parkNanosMax();
    }

    /**
     * The head has waited for too long, or too many do. If its claim is proven it ran, and too few hold it; else it may have,
     * and nobody can say on which branch.
     *
     * @param askedAgain whether reads are taken back: not where there are too many, who would soon be as many again
     */
    private void giveUp(Session session, boolean askedAgain) {
        unpark(session);
        Run head = session.order.head();
        if (head == null || !head.answered()) {
            return;
        }
        if (session.delivery.midReply()) {
            session.close();
            return;
        }
        if (session.delivery.missing(head, head.readNanos()) == Missing.REPLICAS) {
            session.delivery.answerUnderreplicated(head);
            session.delivery.popHead();
        } else if (!askedAgain || !loop.overdueReads().takenBack(session, head)) {
            session.delivery.answerOwed(head, head.commands(), ErrorReply.UNCERTAIN_PARKED);
            session.delivery.popHead();
        }
        session.delivery.advance();
    }
}
