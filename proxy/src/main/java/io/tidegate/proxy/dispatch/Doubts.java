package io.tidegate.proxy.dispatch;

import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.command.CommandSpec;
import io.tidegate.routing.command.Effect;
import org.jspecify.annotations.Nullable;

/**
 * Commands that may have run on a connection that is lost. While a new claim may prove that this does not count any
 * more ({@link Rewinds#reconsider}) they are held like any other; then, or at once if the claim stands, they are
 * answered {@code UNCERTAIN}. And reads that are suspected of stopping the replicas that they are sent to ({@link
 * LostReplicas}). Confined to its event loop.
 */
final class Doubts {
    private final DataLoop loop;

    Doubts(DataLoop loop) {
        this.loop = loop;
    }

    /** Whether there are any about the command at the session's position, which was dispatched to a connection now lost. */
    boolean about(Session session, @Nullable CommandSpec spec) {
        boolean sent = spec == null
                || (spec.effect() != Effect.LOCAL && !loop.dispatcher().refused(session, spec));
        boolean executed = session.transaction.mayHaveRun(session.next);
        return sent && Fate.ofLoss(spec, executed, session.marks.gone(loop.table())) == Fate.UNCERTAIN;
    }

    /** Holds the session with that command, or answers it; false if it waits. */
    boolean take(Session session, @Nullable CommandSpec spec, long end) {
        loop.dispatcher().seal(session);
        if (session.marks.mayTurnOutGone(loop.table().epoch()) && waitsForClaim(session)) {
            return false;
        }
        loop.waiting().ended(session);
        session.answers.error(session.marks.lostReply(), end);
        Transactions.uncertain(session, spec, end);
        return true;
    }

    /**
     * Whether the read at the session's position, with which several replicas were lost, is still suspected of having stopped
     * them.
     */
    boolean aboutRead(Session session, @Nullable CommandSpec spec) {
        if (!Fate.onlyReads(spec) || session.transaction.open()) {
            return false;
        }
        session.marks.losses().acquit(loop, session);
        return session.marks.lostTooOften(session.next);
    }

    /** Holds the session with that read for as long as something may acquit it, or answers it; false if it waits. */
    boolean takeRead(Session session, long end) {
        loop.dispatcher().seal(session);
        if (session.marks.losses().undecided(loop)
                && (drains(session) || loop.dispatcher().waits(session))) {
            return false;
        }
        loop.waiting().ended(session);
        session.answers.error(ErrorReply.UNCERTAIN_READ, end);
        // What comes behind it waited for nobody.
        session.waitDeadlineNanos = 0;
        return true;
    }

    /** What came before is not delivered yet. */
    private static boolean drains(Session session) {
        if (!session.order.isEmpty()) {
            session.wait = Wait.DRAIN;
        }
        return session.wait == Wait.DRAIN;
    }

    /** False if the claim stands and its node lives, so that nothing will be proven; and at every limit. */
    private boolean waitsForClaim(Session session) {
        if (drains(session)) {
            return true;
        }
        RoutingTable table = loop.table();
        Node primary = table.primary();
        boolean stands = table.writes().open()
                && primary != null
                && loop.upstreams().livesSince(table, primary, session.key, session.marks.lostNanos());
        return !stands && loop.dispatcher().waits(session);
    }
}
