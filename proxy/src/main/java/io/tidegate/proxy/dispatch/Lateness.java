package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.loop.Patience;
import io.tidegate.proxy.metrics.DoorStats.TimedOut;
import org.jspecify.annotations.Nullable;

/**
 * Whether one client lets the proxy wait for too long, found by looking at its session now and then: nothing is noted and
 * no timer is set when bytes come and go, so that it costs no request anything. What is seen at one look is remembered
 * until the next, hence a limit is kept to about the time between two of them.
 *
 * <p>Only a client whose turn it is can be late. Whatever is owed to it, waits for a node, for a replica or for what other
 * clients do (BLPOP, a subscription, MONITOR) is not its delay, nor is a request of which the proxy does not read more.
 */
final class Lateness {
    /** A request may take as long as it likes, if so much of it comes; a line of the slowest modem brings more. */
    static final int REQUEST_BYTES_PER_SECOND_MIN = 1_024;

    private static final long NO_REQUEST = -1;
    private static final long SECOND_NANOS = 1_000_000_000;

    private final Session session;

    /** When it was last known who it is, or it came. */
    private long knownNanos;
    /** When something was last seen to be owed to it, or it did something. */
    private long activeNanos;
    /** When the kernel was last seen to take replies, or nothing to wait for that. */
    private long readingNanos;

    /** Position of the request that it has begun and not ended. */
    private long request = NO_REQUEST;
    /** When the look at it began, and up to where it had come then. */
    private long requestSinceNanos;

    private long requestEnd;

    /** A session that begins now. */
    Lateness(Session session, long nowNanos) {
        this.session = session;
        this.knownNanos = nowNanos;
        this.activeNanos = nowNanos;
        this.readingNanos = nowNanos;
    }

    /** What it is too late with; null if with nothing. */
    @Nullable TimedOut look(Patience patience, long nowNanos) {
        boolean owed = owed();
        if (session.out.progressed()) {
            readingNanos = nowNanos;
        }
        if (owed) {
            activeNanos = nowNanos;
        } else if (session.out.pendingBytes() > 0) {
            activeNanos = Math.max(activeNanos, readingNanos);
        }
        activeNanos = Math.max(activeNanos, session.arrivalNanos);
        if (session.authenticated) {
            knownNanos = nowNanos;
        }
        boolean unknownForLong = nowNanos - knownNanos > patience.handshakeNanosMax();
        if (!owed && unknownForLong && !session.loop.standing().maySayNothing(session)) {
            return TimedOut.HANDSHAKE;
        }
        if (passed(patience.requestNanosMax(), requestSinceNanos(patience, nowNanos), nowNanos)) {
            return TimedOut.REQUEST;
        }
        if (passed(patience.writeNanosMax(), readingNanos, nowNanos)) {
            return TimedOut.WRITE;
        }
        return passed(patience.idleNanosMax(), activeNanos, nowNanos) ? TimedOut.IDLE : null;
    }

    private static boolean passed(long nanosMax, long sinceNanos, long nowNanos) {
        return nanosMax > 0 && nowNanos - sinceNanos > nanosMax;
    }

    /** Whether it waits for something, rather than to be waited for. */
    private boolean owed() {
        return !session.order.isEmpty() || session.wait != Wait.NONE || ClientLine.type(session) == ClientType.PUBSUB;
    }

    /** Since when its unfinished request has not come on as it should; now if there is none, or it has. */
    private long requestSinceNanos(Patience patience, long nowNanos) {
        if (!mustGoOn()) {
            request = NO_REQUEST;
            return nowNanos;
        }
        // An upload's session moves on with its bytes.
        long begun = session.upload == null ? session.next : session.upload.start();
        long bytes = session.input.end() - requestEnd;
        long bytesMin = patience.requestNanosMax() / SECOND_NANOS * REQUEST_BYTES_PER_SECOND_MIN;
        boolean wellUnderWay = nowNanos - requestSinceNanos > patience.requestNanosMax() && bytes > bytesMin;
        if (begun != request || wellUnderWay) {
            request = begun;
            requestSinceNanos = nowNanos;
            requestEnd = session.input.end();
        }
        return requestSinceNanos;
    }

    /** Whether the next bytes of a request are to come from it, and would be read. */
    private boolean mustGoOn() {
        boolean unfinished = session.upload == null
                ? session.scanner.unfinished() && session.next < session.input.end()
                : session.upload.unfinished();
        return unfinished
                && session.wait == Wait.NONE
                && !session.stalled
                && !session.closing
                && session.channel.config().isAutoRead();
    }
}
