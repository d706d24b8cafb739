package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.upstream.Run;
import io.tidegate.routing.command.CommandSpec;
import io.tidegate.routing.command.Effect;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a session stands between WATCH, MULTI and EXEC, and what becomes of it when its connection is lost before EXEC
 * was sent. Nothing of such a transaction has run, given that MULTI did not fail: until its reply is there, what is
 * sent behind it counts as run. Without WATCH it is sent again from MULTI on, over another connection, whose replies to
 * what was answered before are dropped; what follows MULTI is sent when that succeeded. With WATCH it cannot be known
 * whether a watched key changed meanwhile, so it is <em>broken</em>: EXEC will answer nil, as if one had. If MULTI
 * itself is uncertain, so is what was sent behind it; what comes later does not run, and EXEC fails.
 *
 * <p>When EXEC was sent, the transaction may have run. Its bytes are kept until EXEC is answered, so that all of it can be
 * sent again should it be {@link Fate#GONE}.
 */
final class Transaction {
    private boolean multi;
    private boolean watched;
    private boolean broken;
    private boolean poisoned;
    private long multiPosition;
    private long multiEnd;
    /** The server has opened it: what is sent now is queued, and does not run. */
    private boolean begun;
    /** MULTI was answered before, over an earlier connection. */
    private boolean again;
    /** The client was told of a command that the server refused to queue, or that it is not known to have queued. */
    private boolean incomplete;
    /** The server refused MULTI, and it is not known whether the client has its words. */
    private boolean refused;
    /** The client was told that MULTI, which the server refused, is uncertain: the session's connection has nothing open. */
    private boolean unopened;

    /** Of the EXEC sent last: where its MULTI began, and where it ends. */
    private long execStart;

    private long execEnd;
    /** All from MULTI to that EXEC is kept until EXEC is answered, and may be sent again should it be proven gone. */
    private boolean repeatable;
    /** So many commands the server was given to queue. */
    private int queued;
    /** One of them is a write. */
    private boolean writes;
    /** A command was queued that does more than the data show. */
    private boolean seenElsewhere;
    /** Commands that the proxy answers, of the transaction that is open or whose EXEC is to be answered; null if none. */
    private @Nullable List<OwnPart> own;
    /** EXEC's reply is on its way, and they are being answered. */
    private boolean answeringOwn;

    /** MULTI was sent, EXEC or DISCARD was not. */
    boolean open() {
        return multi;
    }

    /** The session's connection carries state of a transaction. */
    boolean active() {
        return multi || watched;
    }

    boolean broken() {
        return broken;
    }

    boolean watching() {
        return watched;
    }

    /** How many commands are queued; -1 if it is not open. */
    int queuedCommands() {
        return multi ? queued : -1;
    }

    /** Bytes between MULTI and {@code position}. */
    long queuedBytes(long position) {
        return multi ? Math.max(0, position - multiEnd) : 0;
    }

    /** Whether a write is queued. */
    boolean writes() {
        return multi && writes;
    }

    /** A command between MULTI and EXEC was refused by the proxy: EXEC must fail. */
    boolean poisoned() {
        return poisoned;
    }

    void poison() {
        poisoned = true;
    }

    /** MULTI, which ends at {@code end}, is answered with an error and opens nothing, but what follows must not run alone. */
    void notBegun(long position, long end) {
        multi(position, end, false);
        begun = true;
        poisoned = true;
    }

    /** MULTI, which ends at {@code end}, is on its way; {@code answered} if the client has its reply from earlier. */
    void multi(long position, long end, boolean answered) {
        multi = true;
        again = answered;
        begun = false;
        // What another server queues now although the first would not must not run with the rest.
        poisoned = answered && incomplete;
        incomplete = poisoned;
        refused = false;
        unopened = false;
        seenElsewhere = false;
        queued = 0;
        own = null;
        writes = false;
        multiPosition = position;
        multiEnd = end;
    }

    /** Whether the next reply of {@code run} is that of MULTI; MULTI begins a run. */
    boolean begins(Run run) {
        return multi && !begun && run.startPosition() == multiPosition;
    }

    void begun() {
        begun = true;
    }

    /** Whether what is sent now may run at once, since it is not known that MULTI did not fail. */
    boolean doubtful() {
        return multi && !begun;
    }

    /** Whether MULTI was sent again and must succeed before anything behind it is: the client knows of no failure. */
    boolean mustBegin() {
        return again && doubtful();
    }

    /** The next reply of {@code run} is an error. */
    void failed(Run run) {
        if (begins(run)) {
            // What was sent behind it has run, or will, as in any session without a transaction.
            multi = false;
            poisoned = false;
            refused = true;
        } else if (multi && run.startPosition() >= multiPosition) {
            incomplete = true;
        }
    }

    /** Whether MULTI was refused and {@link #refusalDelivered} did not follow: its client may yet be told something else. */
    boolean refused() {
        return refused;
    }

    void refusalDelivered() {
        refused = false;
    }

    /** Whether whatever is sent on the session's connection would run at once, which its client does not expect. */
    boolean unopened() {
        return unopened;
    }

    /**
     * Command {@code index} of {@code run} is answered as uncertain: if it opens the transaction or is to be queued, EXEC must
     * fail.
     */
    void uncertain(Run run, int index) {
        if (refused && index == 0 && run.startPosition() == multiPosition) {
            notBegun(multiPosition, multiEnd);
            unopened = true;
        } else if (multi && run.startPosition() >= multiPosition) {
            poisoned = true;
            incomplete = true;
        }
    }

    void watch() {
        watched = true;
    }

    void unwatch() {
        watched = false;
        broken = false;
    }

    /** The server is to queue {@code spec}, which may write or not. */
    void queued(@Nullable CommandSpec spec, boolean mayWrite) {
        queued++;
        writes |= mayWrite;
        seenElsewhere |= !Fate.onlyReads(spec) && !Fate.onlyWrites(spec);
    }

    /** The server is to queue something that changes no data and is of no consequence elsewhere. */
    void queuedNothing() {
        queued++;
    }

    /** In its place in the queue the proxy will answer, or hear, the command from {@code position} to {@code end}. */
    void queuedOwn(long position, long end, CommandSpec spec, boolean byServer) {
        if (own == null) {
            own = new ArrayList<>();
        }
        own.add(new OwnPart(queued, position, end, spec, byServer));
        queued++;
        seenElsewhere |= spec.effect() == Effect.REFUSED;
    }

    /** In the order of the queue. */
    @Nullable List<OwnPart> own() {
        return own;
    }

    /** Those of the EXEC that ends at {@code end}, whose reply is there; null if none. Their bytes are kept from now on. */
    @Nullable List<OwnPart> answerOwn(long end) {
        answeringOwn = own != null && !multi && end == execEnd;
        return answeringOwn ? own : null;
    }

    void ownAnswered() {
        answeringOwn = false;
        own = null;
    }

    /**
     * EXEC, which ends at {@code end}, is on its way: from here it may have run.
     *
     * @param delivered replies to what comes before this position are out
     */
    void exec(long end, long delivered) {
        boolean anotherIsUnanswered = delivered < execEnd;
        repeatable = !watched && !incomplete && !seenElsewhere && !anotherIsUnanswered;
        execStart = multiPosition;
        execEnd = end;
        List<OwnPart> parts = own;
        ended();
        own = parts;
    }

    /**
     * Whether, if nothing from {@code position} on counts any more, all of it could be sent again: the transaction whose EXEC
     * was sent is not behind it, or is still kept as a whole, and its success hangs on nothing that the next server cannot
     * know.
     */
    boolean repeatableFrom(long position) {
        return position >= execEnd || repeatable;
    }

    /** What was sent from the session's position on is sent again; if that is within a transaction, all of that. */
    void repeat(Session session) {
        if (session.next > execStart && session.next < execEnd) {
            session.marks.swallow(session.next);
            session.next = execStart;
        }
    }

    void ended() {
        multi = false;
        watched = false;
        broken = false;
        poisoned = false;
        incomplete = false;
        unopened = false;
        own = null;
    }

    /** Whether the command at {@code position} belongs to a transaction whose EXEC was sent. */
    boolean mayHaveRun(long position) {
        return position < execEnd;
    }

    /** Bytes from here on are needed although the replies up to {@code delivered} are out. */
    long keepsFrom(long delivered) {
        long from = delivered;
        if (multi && !watched && !broken) {
            from = Math.min(from, multiPosition);
        }
        if (repeatable && delivered < execEnd) {
            from = Math.min(from, execStart);
        }
        if (own != null && (multi || answeringOwn || delivered < execEnd)) {
            from = Math.min(from, own.get(0).position());
        }
        return from;
    }

    /** The session's own connection is lost. */
    void connectionLost() {
        broken |= watched;
    }

    /** Sets where the session goes on when everything from {@code position} to {@code sentUpTo} is unanswered. */
    void rewind(Session session, long position, long sentUpTo) {
        session.next = position;
        boolean nothingRan = multi && !unopened && (begun || sentUpTo <= multiEnd);
        session.marks.sentInVain(nothingRan ? Math.min(sentUpTo, multiPosition) : sentUpTo);
        if (nothingRan && !broken) {
            session.next = Math.min(position, multiPosition);
            session.marks.swallow(position);
            multi = false;
        } else if (multi && position <= multiPosition) {
            multi = false;
        }
    }
}
