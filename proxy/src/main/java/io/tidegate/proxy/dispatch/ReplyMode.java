package io.tidegate.proxy.dispatch;

/**
 * Which commands of a session get no reply, since the client said so (CLIENT REPLY). They are sent, proven and counted
 * like all others; their replies end here. The mode changes only when nothing is in flight, so that no rewind goes back to
 * before the change; a command that is looked at again finds it as it was.
 */
final class ReplyMode {
    private static final long NOWHERE = -1;

    private boolean off;
    private long skipped = NOWHERE;

    /** Whether the command at {@code position} gets no reply. */
    boolean silent(long position) {
        return off || position == skipped;
    }

    boolean off() {
        return off;
    }

    void on() {
        off = false;
        skipped = NOWHERE;
    }

    /** As {@link #on}, but for the command at hand, if it was to be skipped. */
    void reset() {
        off = false;
    }

    void turnOff() {
        off = true;
    }

    /** Of the command at {@code from} so much is gone already that it is known from {@code to} on. */
    void moved(long from, long to) {
        if (skipped == from) {
            skipped = to;
        }
    }

    /** The command at {@code position} gets none. */
    void skip(long position) {
        skipped = position;
    }
}
