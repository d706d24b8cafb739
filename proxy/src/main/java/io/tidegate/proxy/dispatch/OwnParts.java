package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.pubsub.Kind;
import io.tidegate.proxy.upstream.Run;
import io.tidegate.routing.command.CommandSpec;
import io.tidegate.routing.command.Effect;
import org.jspecify.annotations.Nullable;

/**
 * What the proxy answers itself, between MULTI and EXEC. The server queues a PING in its place, so that it has its place in
 * the queue and in EXEC's reply; {@link ExecReply} has it answered there, if EXEC's reply says that the transaction ran.
 * SELECT is the server's to execute, since what is queued behind it depends on it, and the session follows. SSUBSCRIBE and
 * MONITOR are the server's to refuse. What tells of clients, or ends some, is the server's, too, and put right ({@link
 * ClientFigures}).
 *
 * <p>What would change who speaks, in which protocol or whether at all, in the middle of one reply, is not queued: AUTH, HELLO,
 * CLIENT REPLY and CLIENT TRACKING.
 */
final class OwnParts {
    private final DataLoop loop;
    private final Pins pins;
    private final Answerer answerer;

    OwnParts(DataLoop loop, Pins pins, Answerer answerer) {
        this.loop = loop;
        this.pins = pins;
        this.answerer = answerer;
    }

    /** Whether the command at the session's position, within MULTI, is one. */
    boolean holds(Session session, @Nullable CommandSpec spec) {
        if (spec == null) {
            return false;
        }
        return switch (spec.effect()) {
            case LOCAL ->
                switch (spec.name()) {
                    case "ping", "echo", "auth", "hello", "client|reply" -> false;
                    default -> true;
                };
            case STREAM -> Kind.ofCommand(spec.name()) != null || spec.name().equals("monitor");
            case FORWARD ->
                spec.proxyMayAnswer()
                        && (answerer.concerned(session.asker, spec)
                                || loop.figures().concernQueued(session, spec));
            case REFUSED ->
                !loop.dispatcher().refused(session, spec) && loop.figures().concernQueued(session, spec);
            case BLOCKING, TRANSACTION -> false;
        };
    }

    /** Has it queued. False if the session has to wait with it. */
    boolean queue(Session session, CommandSpec spec, long end) {
        Transaction transaction = session.transaction;
        loop.dispatcher().seal(session);
        if (transaction.doubtful()) {
            // Should MULTI fail it is answered as what it is, and at once.
            session.wait = Wait.DRAIN;
            return false;
        }
        if (Transactions.canQueueNothing(session)) {
            session.answers.error(ErrorReply.TRANSACTION_NOT_BEGUN, end);
            return true;
        }
        if (!spec.arityFits(session.args.count())) {
            transaction.poison();
            session.answers.error("ERR wrong number of arguments for '" + spec.name() + "' command", end);
            return true;
        }
        boolean refusedByServer = spec.name().equals("monitor") || spec.name().equals("ssubscribe");
        boolean told = serversOwn(spec) && !answerer.concerned(session.asker, spec);
        boolean byServer = refusedByServer || told || spec.name().equals("select");
        if (!(byServer ? pins.send(session, spec, end, false, false) : pins.sendInstead(session, end, "PING"))) {
            return false;
        }
        Pin pin = session.pin;
        if (pin != null && byServer && !told) {
            // In another database than it was opened for, or on a server that does not refuse after all.
            pin.stateLeft = true;
        }
        if (!session.answeredByWait) {
            transaction.queuedOwn(session.next, end, spec, byServer);
        }
        return true;
    }

    /** Whether the server executes it, if that is what answers it, and {@link ClientFigures} look at the reply. */
    static boolean serversOwn(CommandSpec spec) {
        return spec.effect() == Effect.FORWARD || spec.effect() == Effect.REFUSED;
    }

    /** EXEC was added to a run of its own: its reply is kept until all of it is there, and nothing is sent behind it. */
    static void awaitReply(Session session) {
        Run exec = session.open;
        if (session.transaction.own() != null && exec != null) {
            exec.rewrite();
            session.wait = Wait.DRAIN;
        }
    }

    /** Answers the part at the session's position, with nothing in flight, as if there were no transaction. */
    boolean answer(Session session, CommandSpec spec, long end) {
        if (spec.effect() == Effect.STREAM) {
            return loop.subscriptions().stream(session, spec, end);
        }
        return answerer.answer(session.asker.at(end), spec);
    }
}
