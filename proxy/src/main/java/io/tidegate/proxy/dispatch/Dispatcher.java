package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RequestScanner;
import io.tidegate.proxy.request.CommandLookup;
import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.proxy.upstream.Run;
import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.routing.Durability;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.command.CommandArgs;
import io.tidegate.routing.command.CommandSpec;
import io.tidegate.routing.command.Effect;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Moves sessions forward: from the next frame to a run on a connection, an answer, or a wait. It asks the command table
 * what a command is and the router where it goes, and has no policy of its own.
 *
 * <p>A session that has to wait is left as it is: its position does not move, so nothing is queued and nothing overtakes.
 * Confined to its event loop.
 */
final class Dispatcher {
    /** How a server begins to say that somebody is no user of its, or not without a password. */
    private static final List<String> NO_USER = List.of("WRONGPASS ", "NOAUTH ");

    private final DataLoop loop;
    private final Pins pins;
    private final Pipes pipes;
    private final Transactions transactions;
    private final Answerer answerer;
    private final Uploads uploads;
    private final Doubts doubts;
    private final OwnParts ownParts;
    private final Redirects redirects;
    private final Targets targets;
    private final Scans scans;
    private final Renames renames;

    Dispatcher(DataLoop loop, Answerer answerer) {
        this.loop = loop;
        this.pins = new Pins(loop);
        this.redirects = new Redirects(loop, pins);
        this.pipes = new Pipes(loop, pins, redirects);
        this.transactions = new Transactions(loop, pins);
        this.answerer = answerer;
        this.uploads = new Uploads(loop, pins);
        this.doubts = new Doubts(loop);
        this.ownParts = new OwnParts(loop, pins, answerer);
        this.targets = new Targets(loop);
        this.scans = new Scans(loop, targets);
        this.renames = new Renames(loop, pins, transactions);
    }

    /** Dispatches the session's input as far as it goes. Called by {@link DataLoop#dispatch}. */
    void drain(Session session) {
        if (session.closed) {
            return;
        }
        boolean free = session.execReply == null || (session.wait == Wait.NONE && session.execReply.goOn(ownParts));
        if (free && session.order.isEmpty() && session.marks.undecidedAt(session.next, loop.table())) {
            loop.rewinds().reconsider(session);
        }
        session.stalled = session.outputFull();
        free &= session.upload == null || session.upload.goOn();
        while (free && session.wait == Wait.NONE && !session.stalled && !session.closing) {
            // It moves the session's position.
            free = next(session);
        }
        seal(session);
        boolean mayRead = session.upload != null
                ? session.upload.mayRead()
                : (session.wait == Wait.NONE && !session.stalled) || !session.input.large();
        if (!session.closing && session.channel.config().isAutoRead() != mayRead) {
            session.channel.config().setAutoRead(mayRead);
        }
    }

    /** Takes the next command. False if there is none yet, or the session has to wait. */
    private boolean next(Session session) {
        if (session.next == session.input.end()) {
            return false;
        }
        int max = loop.settings().commandsInFlightMax();
        if (session.inFlight >= max || session.order.size() >= max) {
            session.stalled = true;
            return false;
        }
        ByteBuf buffer = session.input.buffer();
        int from = session.input.index(session.next);
        RequestScanner scanner = session.scanner;
        switch (scanner.next(buffer, from, buffer.writerIndex())) {
            case COMMAND -> {
                long end = session.next + (scanner.end() - from);
                if (!take(session, end)) {
                    scanner.reset();
                    return false;
                }
                session.next = end;
            }
            case EMPTY -> {
                seal(session);
                session.next += scanner.end() - from;
                if (session.order.isEmpty()) {
                    session.input.release(session.transaction.keepsFrom(session.next));
                }
            }
            case INLINE -> {
                seal(session);
                return InlineLines.unfold(session, from);
            }
            case MALFORMED -> {
                return mend(session);
            }
            case INCOMPLETE -> {
                return uploads.begin(session);
            }
        }
        return true;
    }

    /** What came is no request, or only for want of authentication: then it may turn out that none is needed. */
    private boolean mend(Session session) {
        seal(session);
        String error = session.scanner.error();
        if (!session.scanner.authenticationMissing()) {
            if (Listening.heardAll(session)) {
                session.answers.errorAndClose(error);
            } else {
                session.scanner.reset();
            }
            return false;
        }
        long end = session.input.end();
        if (loop.standing().admits(session, end, () -> session.answers.errorAndClose(error))) {
            session.scanner.reset();
            return true;
        }
        if (session.answeredByWait && !session.closing) {
            // Nobody can tell where it ends.
            session.next = end;
            session.closeWhenAnswered();
        }
        return false;
    }

    /** Handles the command that the scanner found. False if the session has to wait with it. */
    private boolean take(Session session, long end) {
        RequestArgs args = session.args.at(session.scanner, session.input.buffer());
        CommandSpec spec = CommandLookup.find(loop.commands(), session.scanner, args);
        if (!CommandLookup.clearlyNamed(spec, args)) {
            seal(session);
            if (session.transaction.open()) {
                session.transaction.poison();
            }
            session.answers.error(ErrorReply.NUL_IN_NAME, end);
            return true;
        }
        if (spec == null && CommandLookup.httpRequest(args)) {
            seal(session);
            session.closeWhenAnswered();
            return true;
        }
        session.latest = spec;
        boolean stranger = !session.authenticated && (spec == null || !Standing.mayComeBefore(spec));
        if (stranger && !loop.standing().admits(session, spec, end)) {
            return session.answeredByWait;
        }
        Pin pin = session.pin;
        if (session.rights != null && session.authenticated && forbidden(session, session.rights, spec, end)) {
            return true;
        }
        if (session.authenticated && loop.pause().holds(session, spec)) {
            return false;
        }
        if (pin != null && pin.streaming()) {
            return pipes.goOn(session, pin, spec, end);
        }
        if (Transactions.awaitsRefusal(session)) {
            return false;
        }
        Effect effect = spec == null ? Effect.FORWARD : spec.effect();
        if (session.marks.sentInVainAt(session.next) && doubts.about(session, spec)) {
            return doubts.take(session, spec, end);
        }
        if (Listening.forbids(session, spec, end)) {
            return true;
        }
        if (session.marks.lostTooOften(session.next) && doubts.aboutRead(session, spec)) {
            return doubts.takeRead(session, end);
        }
        Transaction transaction = session.transaction;
        if (spec == null && !loop.commands().namesKept() && !(transaction.open() && transaction.broken())) {
            return renames.take(session, end);
        }
        if (transaction.open() || effect == Effect.TRANSACTION) {
            return takeInTransaction(session, spec, end);
        }
        return switch (effect) {
            case LOCAL -> answer(session, spec, end);
            case BLOCKING ->
                (spec != null && spec.blocksNow(args) && !(killsScript(spec) && targets.primaryIdle(session)))
                        ? pins.blocking(session, spec, end)
                        : forward(session, spec, end);
            case STREAM ->
                (spec != null && Redirects.concerns(session, spec))
                        ? redirects.take(session, spec, end)
                        : loop.subscriptions().stream(session, spec, end);
            case REFUSED -> refuseOrForward(session, spec, end);
            case FORWARD, TRANSACTION ->
                (spec != null && spec.proxyMayAnswer())
                        ? answerOrForward(session, spec, end)
                        : forward(session, spec, end);
        };
    }

    /** It must not come behind the script, but any other connection will do; a server that is busy accepts no new one. */
    private static boolean killsScript(CommandSpec spec) {
        return spec.name().equals("script|kill") || spec.name().equals("function|kill");
    }

    /** What is special between MULTI and EXEC, and the commands that open and end it. */
    private boolean takeInTransaction(Session session, @Nullable CommandSpec spec, long end) {
        Transaction transaction = session.transaction;
        if (spec != null && Standing.endedBy(spec) && spec.arityFits(session.args.count())) {
            return answer(session, spec, end);
        }
        if (transaction.broken()) {
            seal(session);
            return BrokenTransaction.answer(session, spec, end);
        }
        if (spec != null && transaction.open() && ownParts.holds(session, spec)) {
            return ownParts.queue(session, spec, end);
        }
        return (transaction.open() || spec == null)
                ? transactions.queue(session, spec, end)
                : transactions.take(session, spec, end);
    }

    boolean answer(Session session, @Nullable CommandSpec spec, long end) {
        seal(session);
        return spec != null && answerer.answer(session.asker.at(end), spec);
    }

    /** What is the server's to answer unless the proxy itself is meant, or its clients. */
    private boolean answerOrForward(Session session, CommandSpec spec, long end) {
        return answerer.concerned(session.asker.at(end), spec)
                ? answer(session, spec, end)
                : loop.figures().forward(session, spec, end);
    }

    Targets targets() {
        return targets;
    }

    Pipes pipes() {
        return pipes;
    }

    Scans scans() {
        return scans;
    }

    boolean refused(Session session, CommandSpec spec) {
        return spec.effect() == Effect.REFUSED && !allowed(session, spec.name());
    }

    /** Whether an operator lets it through that is refused by default. */
    boolean allowed(Session session, String name) {
        return loop.settings().allowed().contains(name)
                || session.client.profile.rights().allowed().contains(name);
    }

    /** Whether its listener does not let the command through, and it is told so; a transaction does not survive that. */
    private boolean forbidden(Session session, Rights rights, @Nullable CommandSpec spec, long end) {
        String error = rights.refusal(spec, session.args, loop.scripts());
        if (error == null) {
            return false;
        }
        seal(session);
        loop.stats().errorAnswered(ErrorReply.DENIED.label());
        if (session.pin != null && session.pin.streaming()) {
            // Its place among the replies of a stream cannot be known; an error and the end is what remains.
            session.answers.errorAndClose(error);
            return true;
        }
        if (session.transaction.open()) {
            session.transaction.poison();
        }
        session.answers.error(error, end);
        return true;
    }

    boolean refuseOrForward(Session session, @Nullable CommandSpec spec, long end) {
        if (spec != null && refused(session, spec)) {
            seal(session);
            loop.stats().errorAnswered(ErrorReply.REFUSED.label());
            session.answers.error(Refused.text(spec, session.args), end);
            return true;
        }
        return spec == null ? forward(session, spec, end) : loop.figures().forward(session, spec, end);
    }

    // ---- forwarding ----

    /** Sends a command that leaves nothing behind on its connection, where the router says. */
    boolean forward(Session session, @Nullable CommandSpec spec, long end) {
        boolean write = !Fate.onlyReads(spec);
        if (Pin.neededBy(session)) {
            return pins.send(session, spec, end, write, write || needsProof(session.level));
        }
        if (spec != null && spec.scans()) {
            return scans.forward(session, spec, end);
        }
        boolean anyNode = anyNode(session.args, spec);
        UpstreamConnection connection = anyNode ? targets.read(session, null, end) : targets.primary(session, end);
        if (connection == null) {
            return session.answeredByWait;
        }
        boolean primary = connection.greeting().primary();
        append(session, connection, end, write, primary && (write || needsProof(session.level)));
        Run run = session.open;
        if (run != null && anyNode && primary && session.level.kind() != ReadLevel.Kind.STRONG) {
            // Whatever its run began with: a read behind a write takes as much of the primary as any other.
            run.spillLast();
        }
        if (run != null && spec != null && spec.concernsScripts()) {
            loop.scripts().added(session, run, spec);
        }
        return true;
    }

    /** Whether a replica may serve it, given that it is fresh enough. */
    boolean anyNode(CommandArgs args, @Nullable CommandSpec spec) {
        return spec != null
                && spec.replicaMayServe()
                && (!spec.concernsScripts() || loop.scripts().anywhere(args, spec));
    }

    /** The primary's word is enough for a session read; what a level promises against the clock needs proof. */
    static boolean needsProof(ReadLevel level) {
        return level.kind() == ReadLevel.Kind.STRONG || level.kind() == ReadLevel.Kind.BOUNDED;
    }

    /** Whether it is sent ahead there: whatever a node says that is not the primary yet waits until it is. */
    boolean ahead(UpstreamConnection connection) {
        return connection.epoch() > loop.table().epoch();
    }

    /** Why a write goes where it may be sent now. */
    static RouteReason whyWritten(RoutingTable table) {
        return table.writes().open() ? RouteReason.WRITE : RouteReason.WRITE_AHEAD;
    }

    /** A reply that acknowledges a write, or is to show nothing that could be lost, waits for those who must hold it. */
    static boolean tellsOfHeldData(Session session, boolean write) {
        return tellsOfHeldData(session.durability, session.level, write);
    }

    static boolean tellsOfHeldData(Durability durability, ReadLevel level, boolean write) {
        return durability.asksReplicas() && (write || level.kind() == ReadLevel.Kind.STRONG);
    }

    /** Adds the command at the session's position to its open run, or opens one. */
    void append(Session session, UpstreamConnection connection, long end, boolean write, boolean fenced) {
        boolean silent = session.replies.silent(session.next);
        if (session.open != null && session.open.silent() != silent) {
            seal(session);
        }
        Run run = session.open;
        if (run == null) {
            run = loop.runs().take();
            run.open(session, connection, session.next);
            run.arrived(session.heldSinceNanos == 0 ? session.arrivalNanos : session.heldSinceNanos);
            session.open = run;
            session.target = connection;
            session.order.add(run);
            if (silent) {
                run.silence();
            }
        }
        run.add(end, write, fenced || ahead(connection));
        if (fenced && tellsOfHeldData(session, write)) {
            run.mustBeHeld(session.durability);
        }
        if (session.marks.swallows(session.next)) {
            run.swallowLast();
        }
        session.inFlight++;
        if (loop.hotKeys().sampled()) {
            loop.hotKeys().sample(session.latest, session.args);
        }
    }

    /** Sends the open run. */
    void seal(Session session) {
        Run run = session.open;
        UpstreamConnection connection = session.target;
        if (run != null && connection != null) {
            InputWindow input = session.input;
            connection.send(run, input.buffer(), input.index(run.startPosition()), input.index(run.endPosition()));
            sealed(session, run, connection);
        }
    }

    /** The open run was sent. */
    void sealed(Session session, Run run, UpstreamConnection connection) {
        session.open = null;
        if (session.heldSinceNanos != 0) {
            loop.waiting().ended(session);
        }
        loop.stats().routed(session.level.kind(), connection.node(), session.reason, run.commands());
        if (run.write()) {
            loop.stats().writesSent(connection.epoch(), run.writes());
        }
        loop.noteStaleness(session, run, connection);
    }

    /** Keeps the session where it is, or answers the command if it waited long enough or too many wait, or its user is gone. */
    @Nullable UpstreamConnection hold(Session session, long end, RouteReason reason) {
        String refusal = lockedOut(session);
        if (refusal != null) {
            seal(session);
            loop.waiting().ended(session);
            session.answeredByWait = true;
            session.answers.errorAndClose(refusal);
            return null;
        }
        String error = waitOrError(session, reason);
        session.answeredByWait = error != null;
        if (error != null) {
            seal(session);
            session.answers.error(error, end);
        }
        return null;
    }

    /**
     * The words with which the primary does not let the session's user in any more; null if it does. Redis ends the
     * connections of users that are deleted; whoever has another password since then, or has one now, has to say it.
     */
    private @Nullable String lockedOut(Session session) {
        CommandSpec latest = session.latest;
        Node primary = loop.table().primary();
        if (primary == null || !session.authenticated || (latest != null && latest.effect() == Effect.LOCAL)) {
            return null;
        }
        String refusal = loop.upstreams().refusal(primary, session.key);
        return refusal != null && NO_USER.stream().anyMatch(refusal::startsWith) ? refusal : null;
    }

    /** Keeps the session where it is, unless it waited long enough or too many wait. */
    boolean waits(Session session) {
        if (loop.onlyCounts()) {
            loop.dryRun().wouldHold(session.input.needed(), loop.nowNanos());
            return false;
        }
        boolean may = !waitedLongEnough(session) && !loop.waiting().full(session);
        if (may) {
            loop.waiting().hold(session);
        }
        return may;
    }

    private boolean waitedLongEnough(Session session) {
        return session.waitDeadlineNanos != 0 && loop.nowNanos() >= session.waitDeadlineNanos;
    }

    /** Keeps the session where it is. If it waited long enough or too many wait: the error that its command is to get. */
    @Nullable String waitOrError(Session session, RouteReason reason) {
        if (waits(session)) {
            return null;
        }
        loop.waiting().ended(session);
        ErrorReply error = loop.onlyCounts() || waitedLongEnough(session)
                ? ErrorReply.overdue(reason)
                : ErrorReply.OVERLOADED_HELD;
        loop.stats().errorAnswered(error.label());
        return error.text() + " (" + reason.explanation() + ")";
    }
}
