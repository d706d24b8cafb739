package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.Protocol;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.upstream.Run;
import org.jspecify.annotations.Nullable;

/**
 * That a session's invalidations go to another client (CLIENT TRACKING … REDIRECT). The session keeps a connection of its
 * own for as long, since what it reads is tracked by connection. If that is lost, what it had read is not tracked any more:
 * the other client is told to forget everything, and the session ends, to connect and ask again.
 */
final class Redirect {
    /** The server's {@code tracking-redir-broken}, without the number behind it. */
    static final String BROKEN = "tracking-redir-broken";

    /** The client, by its number here. */
    final long target;

    final TrackingSink.At at;
    final boolean broadcast;
    /** What held before the command that asks for this one; null if nothing did. */
    final @Nullable Redirect before;
    /** Where that command stands. */
    private final long position;

    private boolean broken;

    Redirect(long target, TrackingSink.At at, boolean broadcast, @Nullable Redirect before, long position) {
        this.target = target;
        this.at = at;
        this.broadcast = broadcast;
        this.before = before;
        this.position = position;
    }

    /** The server has found that there is nobody any more to whom invalidations could go. */
    boolean broken() {
        return broken;
    }

    /** The server may speak of it in what {@code relay} passes on. */
    void mayBeToldOf(Relay relay) {
        relay.replies.mayTell(at.number(), target);
    }

    /** What holds if the latest reply of {@code run} is an error. */
    @Nullable Redirect afterFailure(Run run) {
        return run.startPosition() == position ? before : this;
    }

    /** The session's connection is lost, or given up: nothing that it has read so far is tracked. */
    void lost() {
        at.sink().forgetAll();
    }

    /** The server speaks unasked, on the session's own connection; [from, to) is the whole frame. */
    void pushed(Session session, ByteBuf bytes, int from, int to) {
        if (session.key.protocol() != Protocol.RESP3 || !TrackingSink.isOf(BROKEN, bytes, from, to)) {
            return;
        }
        broken = true;
        ByteBuf told = session.channel.alloc().buffer(64);
        try {
            RespWriter.pushHeader(told, 2, Protocol.RESP3);
            RespWriter.bulk(told, BROKEN);
            RespWriter.integer(told, target);
            Listening.of(session).message(told, told.readerIndex(), told.writerIndex());
        } finally {
            told.release();
        }
    }
}
