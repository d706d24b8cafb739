package io.tidegate.proxy.dispatch;

/**
 * How far a session's commands have come, as positions of its input: what is delivered, what was sent on a connection
 * that is lost, what is sent once more although the client has the reply. They say what becomes of a command that is
 * looked at again, and outlive the runs.
 *
 * <p>Invariants: {@code deliveredUpTo} only grows. {@code lostUpTo} only grows: what one loss left uncertain stays so,
 * however often the session goes back to before it. {@code swallowUpTo} grows with each transaction that is sent again,
 * and falls only to {@code deliveredUpTo}, when replies that were parked are not delivered after all.
 */
final class Marks {
    /** A read that stops its server, or keeps it busy for long, is not taken round all of them and then to the primary. */
    private static final int READ_LOSSES_MAX = 2;

    private long deliveredUpTo;
    private long lostUpTo;
    private long swallowUpTo;
    private ErrorReply lostReply = ErrorReply.UNCERTAIN;
    /** Where the latest loss sent the session back to; -1 before the first. */
    private long lostAt = -1;
    /** How many replicas in a row were lost with the command there. */
    private int losses;

    /** Replies to commands before {@code position} are out: those behind may be parked, and get lost there. */
    void delivered(long position) {
        deliveredUpTo = Math.max(deliveredUpTo, position);
    }

    /** Commands before {@code position} were sent on a connection that is lost. */
    void sentInVain(long position) {
        lostUpTo = Math.max(lostUpTo, position);
    }

    /** Whether the command at {@code position} was sent on a connection that is lost: if it is a write it may have run. */
    boolean sentInVainAt(long position) {
        return position < lostUpTo;
    }

    /** The answer to such a write. */
    ErrorReply lostReply() {
        return lostReply;
    }

    /**
     * A loss sends the session back to {@code position}.
     *
     * @param reply what writes get from now on that were sent in vain
     * @return whether the latest loss had sent it somewhere else
     */
    boolean lostAt(long position, ErrorReply reply) {
        lostReply = reply;
        if (position == lostAt) {
            return false;
        }
        lostAt = position;
        losses = 0;
        return true;
    }

    /** It was a replica that was lost. */
    void replicaLost() {
        losses++;
    }

    /** Whether the read at {@code position} was lost so often that it is itself suspected of what became of them. */
    boolean lostTooOften(long position) {
        return position == lostAt && losses >= READ_LOSSES_MAX;
    }

    /** Replies to commands before {@code position} were delivered before: drop them. */
    void swallow(long position) {
        swallowUpTo = Math.max(swallowUpTo, position);
    }

    /** Whether the reply to the command at {@code position} was delivered before. */
    boolean swallows(long position) {
        return position < swallowUpTo;
    }

    /** Replies that were parked are not delivered after all. */
    void swallowDeliveredOnly() {
        swallowUpTo = Math.min(swallowUpTo, deliveredUpTo);
    }
}
