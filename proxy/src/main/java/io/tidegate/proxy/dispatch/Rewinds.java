package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.Limits;
import io.tidegate.protocol.ReplyError;
import io.tidegate.protocol.RequestScanner;
import io.tidegate.proxy.request.CommandLookup;
import io.tidegate.proxy.request.Remaining;
import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.proxy.upstream.Run;
import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.routing.Instants;
import io.tidegate.routing.command.CommandSpec;
import org.jspecify.annotations.Nullable;

/**
 * Moves a session back to an earlier command: the one mechanism behind retries, replays and uncertain answers. Only the
 * position moves; the {@link Dispatcher} then looks at the commands again, and {@link Fate} says what becomes of each.
 */
final class Rewinds {
    /** What was sent is a command by the limits of its session, whatever they were. */
    static final Limits LIMITS = widest(Limits.redisDefaults());

    private final DataLoop loop;
    private final RequestScanner scanner;
    private final RequestArgs args;

    Rewinds(DataLoop loop) {
        this.loop = loop;
        this.scanner = new RequestScanner(LIMITS);
        this.args = new RequestArgs(scanner);
    }

    private static Limits widest(Limits redis) {
        return new Limits(
                redis.commandBytesMax(),
                redis.argsMax(),
                redis.inlineBytesMax(),
                redis.headerBytesMax(),
                redis.nestingDepthMax(),
                redis.commandBytesMax(),
                redis.replyBulkBytesMax(),
                redis.replyElementsMax());
    }

    /**
     * The latest reply of {@code run}, the frame in {@code bytes} from {@code from} to {@code to}, is an error that servers give
     * before execution.
     *
     * @return whether it proves that the command did not run, and the command is to be tried again; if not, the error is
     *     a reply like any other, and ends a refusal before it
     */
    boolean triesAgain(Session session, Run run, ReplyError error, ByteBuf bytes, int from, int to) {
        session.failed(run, bytes, from, to);
        if (!refused(session, run, error)) {
            return false;
        }
        session.inFlight--;
        session.delivery.keep(run, bytes, from, to, true);
        if (run.answered()) {
            session.delivery.advance();
        }
        return true;
    }

    private boolean refused(Session session, Run run, ReplyError error) {
        if (run.upload()) {
            // Its bytes are gone, and what it was; the server's own words say that it did not run.
            return false;
        }
        UpstreamConnection connection = run.connection();
        int index = run.commands() - run.unanswered() - 1;
        long position = positionOf(session, run, index);
        CommandSpec spec = specAt(session, position);
        if (Fate.errsInServersWords(spec)) {
            loop.stats().refused(error.name());
            if (connection != null && connection.greeting().primary()) {
                loop.signals().suspect(connection.node().address(), connection.epoch(), error.name());
            }
        }
        boolean inTransaction = session.transaction.active() || session.marks.swallows(position);
        boolean unblocked = error == ReplyError.UNBLOCKED_BY_DEMOTION;
        boolean ofPrimary = connection == null || connection.greeting().primary();
        boolean proves = Fate.ofError(error, spec, inTransaction, ofPrimary) == Fate.REFUSED
                // Its bytes will be others: nothing that is known by position may lie behind it.
                && !(unblocked && session.marks.sentInVainAt(position));
        if (session.refusal.active()) {
            return proves;
        }
        if (unblocked) {
            // The time that it waited for data is not time that it waited for a node.
            session.waitDeadlineNanos = 0;
        }
        // A server that goes on refusing is answered for in the end: with its own words.
        boolean patient = session.waitDeadlineNanos == 0 || loop.nowNanos() < session.waitDeadlineNanos;
        if (proves && ofPrimary && loop.settings().dryRun()) {
            loop.dryRun().wouldHold(session.input.needed(), loop.nowNanos());
            return false;
        }
        if (proves && patient) {
            session.refusal.begin(run, index, position, unblocked);
        }
        return proves && patient;
    }

    /** Whether one of the {@code frames} replies that just came to {@code run}, behind a refused command, is of a write. */
    boolean executedBehindRefusal(Session session, Run run, int frames) {
        int last = run.commands() - run.unanswered();
        long position = positionOf(session, run, last - frames);
        for (int i = 0; i < frames; i++) {
            CommandSpec spec = specAt(session, position);
            if (!Fate.onlyReads(spec)) {
                return true;
            }
            position = positionAfter(session, position);
        }
        return false;
    }

    /**
     * Whether {@code error}, the latest reply of {@code run}, says of itself that nothing ran: a server that is busy with a
     * script refuses commands before it looks at them, and an EXEC that it discards runs nothing of its transaction. Of a
     * script or a module's command it may be the script's own words.
     */
    boolean nothingRan(Session session, Run run, ReplyError error) {
        if (run.upload() || (error != ReplyError.BUSY && error != ReplyError.EXECABORT)) {
            return false;
        }
        int index = run.commands() - run.unanswered() - 1;
        CommandSpec spec = specAt(session, positionOf(session, run, index));
        return spec != null
                && (error == ReplyError.BUSY
                        ? Fate.onlyWrites(spec) || Fate.onlyReads(spec)
                        : spec.name().equals("exec"));
    }

    /** Whether the latest reply of {@code run} is of a command that was to end what the server keeps for its connection. */
    boolean wasToEndState(Session session, Run run) {
        if (run.upload()) {
            return false;
        }
        int index = run.commands() - run.unanswered() - 1;
        CommandSpec spec = specAt(session, positionOf(session, run, index));
        return spec != null
                && switch (spec.name()) {
                    case "discard", "unwatch", "exec" -> true;
                    default -> false;
                };
    }

    /** Everything behind the refused command is answered, and nothing there ran: go back to it. */
    void replayRefused(Session session) {
        Refusal refusal = session.refusal;
        Run run = refusal.run();
        if (run == null) {
            return;
        }
        long position = refusal.position();
        UpstreamConnection connection = run.connection();
        long waitedNanos = run.readNanos() - run.sentNanos();
        cut(session, run, refusal.commandIndex(), position, refusal.keptBytesBefore());
        if (refusal.unblocked()) {
            // The server closes the connection behind its reply.
            Pins.abandon(session);
            shortenTimeout(session, position, waitedNanos);
        }
        refusal.clear();
        session.reopen();
        session.next = position;
        loop.stats().replayed();
        if (connection != null && !connection.greeting().primary()) {
            session.causality.failed(connection.nodeId());
            session.checked.forgetBatch();
            session.wait = Wait.NONE;
            session.stalled = true;
        } else {
            // Not at once: the primary would refuse again. The table's change, or the next tick, moves it on.
            loop.waiting().hold(session);
        }
    }

    /** The one command of {@code run}, the only one of the session in flight, did not run: it is looked at again. */
    void undone(Session session, Run run) {
        long position = run.startPosition();
        cut(session, run, 0, position, 0);
        session.inFlight--;
        session.next = position;
        goOn(session);
    }

    /** Whether the client wants no reply to that command: it has one from earlier, or the proxy asks by itself. */
    boolean repliedBefore(Session session, Run run, int index) {
        boolean ownQuestion = run.connection() != null && run.startPosition() == run.endPosition();
        Marks marks = session.marks;
        return ownQuestion || (marks.swallows(run.startPosition()) && marks.swallows(positionOf(session, run, index)));
    }

    /**
     * The head is answered up to its command {@code index}. That one and all behind it have done nothing but read: the
     * session, which waits already, is to look at them again.
     */
    void takeBack(Session session, Run head, int index) {
        long position = positionOf(session, head, index);
        session.refusal.clear();
        session.delivery.replyCut();
        cut(session, head, index, position, 0);
        session.next = position;
        session.inFlight = 0;
        session.open = null;
        session.reopen();
    }

    /** Puts in the place of the command at {@code position} one that waits for so much less. */
    private void shortenTimeout(Session session, long position, long waitedNanos) {
        long end = positionAfter(session, position);
        CommandSpec spec = specAt(session, position);
        if (spec != null) {
            ByteBuf shorter = session.channel.alloc().buffer((int) (end - position) + 16);
            try {
                Remaining.write(args, spec.blockingTimeout(), waitedNanos, shorter);
                session.input.replace(position, end, shorter);
            } finally {
                shorter.release();
            }
        }
    }

    /** The connection is gone: answered runs stay, from the first unanswered command on everything is looked at again. */
    void lost(Session session, UpstreamConnection connection) {
        session.refusal.clear();
        boolean own = session.pin != null && session.pin.connection == connection;
        if (own) {
            Pins.lost(session);
        }
        Run run = session.order.firstUnanswered();
        if (run != null && run.connection() == connection && run.upload()) {
            answerUpload(session, run, ErrorReply.UNCERTAIN);
        } else if (run != null && run.connection() == connection) {
            if (!connection.greeting().primary()) {
                session.causality.failed(connection.nodeId());
            }
            int index = run.commands() - run.unanswered();
            rewind(session, run, index, run.keptWholeBytes(), ErrorReply.UNCERTAIN);
        } else if (own) {
            // Nothing was on its way, but a transaction may have been open.
            session.transaction.rewind(session, session.next, session.next);
            goOn(session);
        }
    }

    /**
     * Of replies that count for nothing as their claim is over, {@code frames} that just came to {@code run} and, if not {@code
     * whole}, the beginning of another: whether all are to reads that stand alone, which are then asked again together with all
     * behind them, should that not have run.
     */
    boolean askedAgain(Session session, Run run, int frames, boolean whole) {
        int first = run.commands() - run.unanswered() - frames;
        long position = positionOf(session, run, first);
        long at = position;
        for (int i = 0; i < (whole ? frames : frames + 1); i++) {
            boolean inTransaction = session.transaction.active() || session.marks.swallows(at);
            if (inTransaction || !Fate.onlyReads(specAt(session, at))) {
                return false;
            }
            at = positionAfter(session, at);
        }
        if (!session.refusal.active()) {
            session.refusal.begin(run, first, position, false);
        }
        return true;
    }

    /** The latest {@code frames} replies of {@code run} prove nothing, as their claim is over: as if none had come. */
    void disbelieve(Session session, Run run, int frames) {
        Refusal refusal = session.refusal;
        Run refused = refusal.run();
        session.delivery.replyCut();
        if (session.pin != null && session.pin.connection == run.connection()) {
            Pins.lost(session);
        }
        if (refused != null) {
            refusal.clear();
            rewind(
                    session,
                    refused,
                    refusal.commandIndex(),
                    refusal.keptBytesBefore(),
                    ErrorReply.UNCERTAIN_SUPERSEDED);
        } else {
            int index = run.commands() - run.unanswered() - frames;
            rewind(session, run, index, run.keptWholeBytes(), ErrorReply.UNCERTAIN_SUPERSEDED);
        }
    }

    /**
     * The claim moved on while the reply at the head waited for evidence, and it is not known to live on: whatever of the
     * session is not delivered came from a replaced primary, and later than that.
     */
    void superseded(Session session) {
        Run head = session.order.head();
        if (head == null) {
            return;
        }
        if (Redirects.ownLost(session, null) || session.delivery.midReply()) {
            // Half of it is out; the client cannot tell the rest from the next reply.
            session.close();
            return;
        }
        session.refusal.clear();
        if (session.pin != null) {
            Pins.lost(session);
        }
        if (head.upload()) {
            answerUpload(session, head, ErrorReply.UNCERTAIN_SUPERSEDED);
            return;
        }
        // Replies that were parked when an earlier connection was lost are not delivered after all.
        session.marks.swallowDeliveredOnly();
        rewind(session, head, session.delivery.deliveredOfHead(), 0, ErrorReply.UNCERTAIN_SUPERSEDED);
    }

    /** Nothing goes back to an upload: it is the only one in its session's order, and answered there. */
    private void answerUpload(Session session, Run run, ErrorReply uncertain) {
        if (session.upload != null) {
            session.upload.lost();
        } else {
            session.delivery.answerOwed(run, run.commands(), uncertain);
            session.inFlight = 0;
            session.delivery.popHead();
        }
        goOn(session);
    }

    /**
     * A big reply to another session is in front of this one's on {@code connection}. If all that the session waits for are
     * reads, and it holds nothing back, they are given up there and dispatched again: nothing is lost, so nothing becomes
     * uncertain, and no node is to blame. What is in flight on a shared connection belongs to no transaction.
     */
    void blocked(Session session, UpstreamConnection connection) {
        Run run = session.order.head();
        if (run == null || run.connection() != connection || run.kept() != null || run.forgotten()) {
            return;
        }
        int index = run.commands() - run.unanswered();
        boolean allUnanswered = !run.answered() && index == session.delivery.deliveredOfHead();
        if (!allUnanswered || session.refusal.active() || !session.order.onlyReads()) {
            return;
        }
        long position = positionOf(session, run, index);
        if (session.bigReplies.mayMove(position)) {
            loop.stats().moved(session.inFlight);
            cut(session, run, index, position, 0);
            session.next = position;
            session.waitDeadlineNanos = 0;
            session.inFlight = 0;
            goOn(session);
        }
    }

    private void rewind(Session session, Run run, int index, int keptBytes, ErrorReply reply) {
        UpstreamConnection connection = run.connection();
        long position = positionOf(session, run, index);
        long sentUpTo = session.next;
        long runSentNanos = run.sentNanos();
        if (connection != null) {
            long sentNanos = allSentTo(connection, run) ? run.sentNanos() : Instants.UNKNOWN;
            session.marks.sentTo(connection.epoch(), connection.node().runId(), sentNanos, position);
        }
        cut(session, run, index, position, keptBytes);
        if (session.marks.lostAt(position, reply, loop.nowNanos())) {
            // The time that it was in flight is not time that it waited. A command that ends its server each time it is
            // sent does not begin anew each time.
            session.waitDeadlineNanos = 0;
        }
        if (connection != null && !connection.greeting().primary()) {
            session.marks.losses().add(connection.node(), runSentNanos, loop.nowNanos());
        }
        session.transaction.rewind(session, position, sentUpTo);
        session.inFlight = 0;
        session.open = null;
        goOn(session);
    }

    /** Whether {@code first} and all behind it were sent to one process under one claim. */
    private static boolean allSentTo(UpstreamConnection lost, Run first) {
        for (Run run = first; run != null; run = run.nextInSession) {
            UpstreamConnection connection = run.connection();
            boolean same = connection == null
                    || (connection.epoch() == lost.epoch()
                            && connection.node().runId().equals(lost.node().runId()));
            if (!same) {
                return false;
            }
        }
        return true;
    }

    /**
     * A new claim may prove that what was lost is no part of the data any more; then it is sent again, a transaction from
     * its MULTI on. Everything before it is delivered.
     */
    void reconsider(Session session) {
        Transaction transaction = session.transaction;
        if (session.marks.provenGone(loop.table(), transaction.repeatableFrom(session.next))) {
            loop.stats().gone();
            transaction.repeat(session);
        }
    }

    private void goOn(Session session) {
        loop.waiting().remove(session);
        session.reopen();
        if (session.upload == null) {
            // Of an upload it knows what nobody can look at again.
            session.scanner.reset();
        }
        session.wait = Wait.NONE;
        session.stalled = true;
        session.delivery.advance();
    }

    /**
     * Keeps {@code index} commands of {@code run}, with {@code keptBytes} of its kept replies, and nothing behind it. A connection
     * that is kept for others' sake may still owe it the rest: the run itself leaves the session, and waits for that.
     */
    private void cut(Session session, Run run, int index, long position, int keptBytes) {
        boolean head = run == session.order.head();
        int undelivered = head ? index - session.delivery.deliveredOfHead() : index;
        Run part = undelivered > 0 ? run.answeredPart(index, position, keptBytes) : null;
        session.order.dropBehind(session.order.before(run));
        if (part != null) {
            session.order.add(part);
        } else if (head) {
            session.delivery.headCut(position);
        }
        loop.parking().recount(session);
        session.cursor.clear();
        session.scanner.reset();
    }

    /** Where command {@code index} of {@code run} begins. */
    long positionOf(Session session, Run run, int index) {
        RunCursor cursor = session.cursor;
        boolean goOn = cursor.reaches(run, index);
        long position = goOn ? cursor.position() : run.startPosition();
        for (int i = goOn ? cursor.index() : 0; i < index; i++) {
            position = positionAfter(session, position);
        }
        cursor.at(run, index, position);
        return position;
    }

    long positionAfter(Session session, long position) {
        long at = position;
        ByteBuf buffer = session.input.buffer();
        while (true) {
            scanner.reset();
            RequestScanner.Status status = scanner.next(buffer, session.input.index(at), buffer.writerIndex());
            if (status != RequestScanner.Status.COMMAND && status != RequestScanner.Status.EMPTY) {
                throw new IllegalStateException(
                        "input at " + at + " is " + status + " (expected: a command sent before)");
            }
            at += scanner.end() - session.input.index(at);
            if (status == RequestScanner.Status.COMMAND) {
                return at;
            }
        }
    }

    @Nullable CommandSpec specAt(Session session, long position) {
        positionAfter(session, position);
        args.at(scanner, session.input.buffer());
        return CommandLookup.find(loop.commands(), scanner, args);
    }
}
