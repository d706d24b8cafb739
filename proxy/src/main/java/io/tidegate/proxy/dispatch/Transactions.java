package io.tidegate.proxy.dispatch;

import io.tidegate.routing.command.CommandSpec;
import io.tidegate.routing.command.Effect;
import org.jspecify.annotations.Nullable;

/**
 * MULTI to EXEC, WATCH and what comes between: over a connection of the session's own ({@link Pins}), with what is known of
 * the session's {@link Transaction} kept in step.
 */
final class Transactions {
    private final DataLoop loop;
    private final Pins pins;

    Transactions(DataLoop loop, Pins pins) {
        this.loop = loop;
        this.pins = pins;
    }

    /**
     * A command of a session while MULTI is open, or one that opens or ends a transaction.
     *
     * @return whether the command was taken; if not the session waits
     */
    boolean take(Session session, CommandSpec spec, long end) {
        Transaction transaction = session.transaction;
        // Whatever is wrong with an EXEC, the server discards the transaction, and what comes behind it runs at once.
        boolean ends = transaction.open() && spec.name().equals("exec");
        if (!ends && !spec.arityFits(session.args.count())) {
            return transaction.active()
                    ? pins.send(session, end, false, false)
                    : loop.dispatcher().forward(session, spec, end);
        }
        return switch (spec.name()) {
            case "multi" -> multi(session, end);
            case "watch" -> watch(session, end);
            case "unwatch" -> unwatch(session, spec, end);
            case "exec", "discard" -> end(session, spec, end);
            default -> throw new IllegalStateException(spec.name() + " (expected: a command of transactions)");
        };
    }

    private boolean multi(Session session, long end) {
        // It begins a run, by which its reply is known.
        loop.dispatcher().seal(session);
        boolean taken = pins.send(session, end, false, false);
        if (taken && !session.transaction.open()) {
            session.transaction.multi(session.next, end, session.marks.swallows(session.next));
            if (session.answeredByWait) {
                // It was not sent. What follows must not run by itself, one by one.
                Pins.abandon(session);
                session.transaction.notBegun(session.next, end);
            }
        }
        return taken;
    }

    /** The command was answered with an error since it may have run; so may the transaction that it opens or ends. */
    static void uncertain(Session session, @Nullable CommandSpec spec, long end) {
        Transaction transaction = session.transaction;
        if (spec == null || !spec.arityFits(session.args.count())) {
            return;
        }
        switch (spec.name()) {
            case "multi" -> {
                if (!transaction.open()) {
                    transaction.notBegun(session.next, end);
                }
            }
            case "exec", "discard" -> {
                if (transaction.open()) {
                    transaction.ended();
                }
            }
            default -> {
                // Nothing of a transaction hangs on it.
            }
        }
    }

    private boolean watch(Session session, long end) {
        boolean taken = pins.send(session, end, false, false);
        if (taken && !session.answeredByWait && !session.transaction.open()) {
            session.transaction.watch();
        }
        return taken;
    }

    private boolean unwatch(Session session, CommandSpec spec, long end) {
        if (!session.transaction.active()) {
            return loop.dispatcher().forward(session, spec, end);
        }
        boolean taken = pins.send(session, end, false, false);
        if (taken && !session.answeredByWait && session.transaction.open()) {
            session.transaction.queuedNothing();
        } else if (taken && !session.answeredByWait) {
            session.transaction.unwatch();
        }
        return taken;
    }

    private boolean end(Session session, CommandSpec spec, long end) {
        Transaction transaction = session.transaction;
        if (!transaction.open()) {
            // The server says what is wrong with it.
            return loop.dispatcher().forward(session, spec, end);
        }
        boolean exec = spec.name().equals("exec");
        if (transaction.mustBegin()) {
            session.wait = Wait.DRAIN;
            return false;
        }
        if (transaction.poisoned()) {
            if (!session.order.isEmpty()) {
                session.wait = Wait.DRAIN;
                return false;
            }
            Pins.abandon(session);
            transaction.ended();
            if (exec) {
                session.answers.error(ErrorReply.EXECABORT.text(), end);
            } else {
                session.answers.ok(end);
            }
            return true;
        }
        if (transaction.own() != null) {
            loop.dispatcher().seal(session);
        }
        if (!pins.send(session, end, exec, exec)) {
            return false;
        }
        if (session.answeredByWait) {
            Pins.abandon(session);
            transaction.ended();
            return true;
        }
        if (exec) {
            transaction.exec(end, session.marks.deliveredUpTo());
            OwnParts.awaitReply(session);
        } else {
            transaction.ended();
        }
        // Whatever goes ahead of what comes next, a script, must not come ahead of this: it would be queued.
        loop.dispatcher().seal(session);
        return true;
    }

    /** Any other command between MULTI and EXEC: the server queues it. */
    boolean queue(Session session, @Nullable CommandSpec spec, long end) {
        if (session.transaction.mustBegin()) {
            session.wait = Wait.DRAIN;
            return false;
        }
        if (spec != null && !queues(session, spec)) {
            session.transaction.poison();
            if (loop.dispatcher().refused(session, spec)) {
                loop.stats().errorAnswered(ErrorReply.REFUSED.label());
                session.answers.error(Refused.inTransaction(spec, session.args), end);
            } else {
                session.answers.error(ErrorReply.NOT_QUEUED, end);
            }
            return true;
        }
        boolean ends =
                spec != null && (spec.name().equals("exec") || spec.name().equals("discard"));
        if (!ends && canQueueNothing(session)) {
            session.answers.error(ErrorReply.TRANSACTION_NOT_BEGUN, end);
            return true;
        }
        if (spec != null && spec.effect() == Effect.TRANSACTION) {
            return take(session, spec, end);
        }
        boolean doubtful = session.transaction.doubtful();
        if (!pins.send(session, spec, end, doubtful, doubtful)) {
            return false;
        }
        session.transaction.queued(spec, loop.pause().mayWrite(session.args, spec));
        return true;
    }

    /** Whether the transaction will fail, and no server has opened it: a command would run by itself. */
    static boolean canQueueNothing(Session session) {
        Transaction transaction = session.transaction;
        return transaction.poisoned() && (session.pin == null || transaction.unopened());
    }

    /**
     * Whether the session has to wait since its MULTI was refused: until its client knows that, what follows may be meant for a
     * transaction, and if it is told that MULTI is uncertain, must not run.
     */
    static boolean awaitsRefusal(Session session) {
        Transaction transaction = session.transaction;
        if (!transaction.refused()) {
            return false;
        }
        if (session.busy()) {
            return true;
        }
        transaction.refusalDelivered();
        return false;
    }

    /** What would change the connection itself must not come over one that others get afterwards. */
    private boolean queues(Session session, CommandSpec spec) {
        return switch (spec.effect()) {
            case STREAM -> false;
            case REFUSED -> !loop.dispatcher().refused(session, spec);
            case LOCAL -> spec.name().equals("ping") || spec.name().equals("echo");
            case FORWARD, BLOCKING, TRANSACTION -> true;
        };
    }
}
