package io.tidegate.proxy.dispatch;

/**
 * What big replies mean for one session: who gets one is likely to get another and is kept away from the others, and who
 * waits behind somebody else's may ask again a few times.
 */
final class BigReplies {
    /** After a big reply so many turns begin on a connection that nobody else is on, if there is one. */
    private static final int TURNS_AFTER_ONE = 32;

    /** So often one read is asked again because of others' big replies: each time costs its server the work once more. */
    private static final int MOVES_MAX = 2;

    private int turnsLeft;
    /** Where the session was when it was moved last; -1 before the first time. */
    private long movedAt = -1;

    private int moves;

    /** One has begun to arrive. */
    void begun() {
        turnsLeft = TURNS_AFTER_ONE;
    }

    /** Whether one is likely among the replies to what is about to be sent; counts as a turn. */
    boolean likelyInTurn() {
        return turnsLeft > 0 && turnsLeft-- > 0;
    }

    /**
     * Whether the read at {@code position} is to be asked again. Not if its own reply may be big: to ask for that twice
     * costs more than to wait. Counts as done if so.
     */
    boolean mayMove(long position) {
        moves = position == movedAt ? moves : 0;
        movedAt = position;
        return turnsLeft == 0 && moves++ < MOVES_MAX;
    }
}
