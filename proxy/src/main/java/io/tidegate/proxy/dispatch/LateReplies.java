package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.ReplyError;
import io.tidegate.proxy.upstream.ReplySink;
import io.tidegate.proxy.upstream.Run;
import io.tidegate.proxy.upstream.UpstreamConnection;

/**
 * What a session is still told over a connection to a primary that was replaced. A primary whose clients are paused
 * keeps writes back unexecuted, and refuses them once it is a replica: a refusal proves that the command did not run, whoever
 * is primary now, and so the session waits for it with a write that it would otherwise have to call uncertain. Nothing else
 * that comes proves anything. A reply to a read is none: it is asked again, with what is behind it if that is refused. Who
 * waits for data, in a command that blocks, is not made to wait for this.
 */
final class LateReplies implements ReplySink {
    private final Session session;
    private final UpstreamConnection connection;

    LateReplies(Session session, UpstreamConnection connection) {
        this.session = session;
        this.connection = connection;
    }

    /** Whether a refusal by that connection, whose claim is over, may spare the session an uncertain answer. */
    static boolean matter(Session session, UpstreamConnection connection) {
        Run first = session.order.firstUnanswered();
        return first != null
                && first.connection() == connection
                && !first.upload()
                && owesWrite(first)
                && session.inquiry == null
                && session.redirect == null
                && !session.order.patient()
                && !session.delivery.midReply()
                && !gone(session, connection, first);
    }

    private static boolean owesWrite(Run first) {
        for (Run run = first; run != null; run = run.nextInSession) {
            if (run.write() && !run.answered()) {
                return true;
            }
        }
        return false;
    }

    /** It may have run, where it does not count any more: nobody has to wait to hear that. */
    private static boolean gone(Session session, UpstreamConnection connection, Run first) {
        return session.loop
                .table()
                .fork()
                .leaves(connection.epoch(), connection.node().runId(), first.sentNanos());
    }

    @Override
    public void onReplies(Run run, ByteBuf bytes, int from, int to, int frames, boolean whole, long readNanos) {
        session.guarded(() -> ignore(run, bytes, from, to, frames, whole, readNanos));
        connection.leaveIfUnwanted();
    }

    @Override
    public void onRefused(Run run, ReplyError error, ByteBuf bytes, int from, int to, long readNanos) {
        session.guarded(() -> {
            if (!session.loop.rewinds().triesAgain(session, run, error, bytes, from, to)) {
                ignore(run, bytes, from, to, 1, true, readNanos);
            }
        });
        connection.leaveIfUnwanted();
    }

    @Override
    public void onError(Run run, ByteBuf bytes, int from, int to, long readNanos) {
        if (session.loop.rewinds().nothingRan(session, run, ReplyError.classify(bytes, from, to))) {
            session.onError(run, bytes, from, to, readNanos);
            connection.leaveIfUnwanted();
        } else {
            onReplies(run, bytes, from, to, 1, true, readNanos);
        }
    }

    @Override
    public void onSwallowed(Run run, ByteBuf bytes, int from, int to, long readNanos) {
        session.guarded(() -> session.loop.rewinds().disbelieve(session, run, 1));
        connection.leaveIfUnwanted();
    }

    private void ignore(Run run, ByteBuf bytes, int from, int to, int frames, boolean whole, long readNanos) {
        if (session.loop.rewinds().askedAgain(session, run, frames, whole)) {
            session.delivery.take(run, bytes, from, to, frames, whole, readNanos);
        } else {
            session.loop.rewinds().disbelieve(session, run, frames);
        }
    }

    @Override
    public void onBigReply() {
        session.onBigReply();
    }

    @Override
    public void onConnectionLost(UpstreamConnection lost, String cause) {
        session.onConnectionLost(lost, cause);
    }
}
