package io.tidegate.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.ReplyError;

/**
 * Who gets the replies of a {@link Run}: the session that sent it. Called on the event loop that session and connection
 * share. Buffers stay the connection's: whoever wants to keep bytes copies or retains them before returning.
 */
public interface ReplySink {
    /**
     * Reply bytes [from, to) of {@code run}, in order: {@code frames} replies end here, and {@code run.unanswered()} is
     * already counted down by as many.
     *
     * @param whole false if the bytes end within a reply
     * @param readNanos an instant after these bytes were read
     */
    void onReplies(Run run, ByteBuf bytes, int from, int to, int frames, boolean whole, long readNanos);

    /**
     * The next reply of {@code run} is an error that Redis gives before it executes a command. Counts as one reply;
     * bytes [from, to) are the whole frame.
     */
    void onRefused(Run run, ReplyError error, ByteBuf bytes, int from, int to, long readNanos);

    /** The next reply of {@code run} is another error. Counts as one reply; bytes [from, to) are the whole frame. */
    default void onError(Run run, ByteBuf bytes, int from, int to, long readNanos) {
        onReplies(run, bytes, from, to, 1, true, readNanos);
    }

    /**
     * The next reply of {@code run} answers a command whose reply was passed on before, over an earlier connection. Counts
     * as one reply; bytes [from, to) are the whole frame, or of a very long one its end.
     */
    default void onSwallowed(Run run, ByteBuf bytes, int from, int to, long readNanos) {
        onReplies(run, bytes, to, to, 1, true, readNanos);
    }

    /**
     * The server says something unasked, between replies, on a connection that is lent to it; bytes [from, to) are the whole
     * frame.
     */
    default void onPush(ByteBuf bytes, int from, int to) {
        // Most have asked for nothing of the kind.
    }

    /** What waited for the connection's socket when {@link UpstreamConnection#backedUp} said so has drained. */
    default void onDrained(UpstreamConnection connection) {
        // Only who streams to a connection asks.
    }

    /** The reply that is arriving for it is a big one. */
    default void onBigReply() {
        // It may matter to nobody.
    }

    /**
     * A big reply of another session is in front of its own on {@code connection}, which is not shared any more: what may
     * be asked elsewhere may be given up here.
     */
    default void onBlocked(UpstreamConnection connection) {
        // Whoever does nothing waits.
    }

    /**
     * Another claim is in use than that of {@code connection}, to which commands were sent that are not answered: what it still
     * replies may only be a refusal. Called once per connection and session.
     *
     * @return who hears of the commands that still wait for an answer there
     */
    default ReplySink onRetired(UpstreamConnection connection) {
        onConnectionLost(connection, "its claim is over");
        return this;
    }

    /**
     * The connection is gone; what it has not answered by now it never will. A session with others' commands between its own
     * may be told more than once.
     */
    void onConnectionLost(UpstreamConnection connection, String cause);
}
