package io.tidegate.proxy.dispatch;

/**
 * Where a session stands between WATCH, MULTI and EXEC, and what becomes of it when its connection is lost before EXEC
 * was sent. Nothing of such a transaction has run. Without WATCH it is sent again from MULTI on, over another connection,
 * whose replies to what was answered before are dropped. With WATCH it cannot be known whether a watched key changed
 * meanwhile, so it is <em>broken</em>: EXEC will answer nil, as if one had.
 */
final class Transaction {
    private boolean multi;
    private boolean watched;
    private boolean broken;
    private boolean poisoned;
    private long multiPosition;
    private long execEnd;

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

    /** A command between MULTI and EXEC was refused by the proxy: EXEC must fail. */
    boolean poisoned() {
        return poisoned;
    }

    void poison() {
        poisoned = true;
    }

    void multi(long position) {
        multi = true;
        poisoned = false;
        multiPosition = position;
    }

    void watch() {
        watched = true;
    }

    void unwatch() {
        watched = false;
        broken = false;
    }

    /** EXEC, which ends at {@code end}, is on its way: from here it may have run. */
    void exec(long end) {
        execEnd = end;
        ended();
    }

    void ended() {
        multi = false;
        watched = false;
        broken = false;
        poisoned = false;
    }

    /** Whether the command at {@code position} belongs to a transaction whose EXEC was sent. */
    boolean mayHaveRun(long position) {
        return position < execEnd;
    }

    /** Bytes from here on are needed although the replies up to {@code delivered} are out. */
    long keepsFrom(long delivered) {
        return multi && !watched && !broken ? Math.min(multiPosition, delivered) : delivered;
    }

    /** The session's own connection is lost. */
    void connectionLost() {
        broken |= watched;
    }

    /** Sets where the session goes on when everything from {@code position} to {@code sentUpTo} is unanswered. */
    void rewind(Session session, long position, long sentUpTo) {
        session.next = position;
        // These two only grow: what an earlier loss left uncertain, or had delivered, stays so.
        if (multi && !broken) {
            session.lostUpTo = Math.max(session.lostUpTo, Math.min(sentUpTo, multiPosition));
            session.next = Math.min(position, multiPosition);
            session.swallowUpTo = Math.max(session.swallowUpTo, position);
            multi = false;
            return;
        }
        session.lostUpTo = Math.max(session.lostUpTo, sentUpTo);
        if (multi && position <= multiPosition) {
            multi = false;
        }
    }
}
