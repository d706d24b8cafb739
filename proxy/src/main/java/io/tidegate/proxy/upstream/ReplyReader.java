package io.tidegate.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.ReplyError;
import io.tidegate.protocol.ReplyScanner;
import org.jspecify.annotations.Nullable;

/**
 * The replies that come over one connection: matches them to its {@link Run}s by order alone, and looks at nothing but the
 * boundaries of frames, save for errors and the cursors of scans. Confined to the connection's event loop.
 */
final class ReplyReader {
    private static final String UNASKED = "a reply that nothing asked for";

    private final Upstreams owner;
    private final UpstreamConnection connection;
    private final PendingRuns pending;
    private final ReplyScanner scanner;

    private final BegunReply begunReply = new BegunReply();
    private boolean midFrame;
    private final ReplySize size = new ReplySize();
    /** Not among the shared ones, because of a big reply: see {@link Apart}. */
    private boolean apart;

    ReplyReader(Upstreams owner, UpstreamConnection connection, PendingRuns pending) {
        this.owner = owner;
        this.connection = connection;
        this.pending = pending;
        this.scanner = new ReplyScanner(owner.settings().limits());
    }

    boolean apart() {
        return apart;
    }

    void shareAgain() {
        apart = false;
    }

    /** The connection is gone, and with it the rest of what has begun. */
    void release() {
        begunReply.release();
    }

    /** More has come; takes ownership of {@code chunk}. */
    void read(ByteBuf chunk, long readNanos) {
        ByteBuf whole = chunk;
        if (begunReply.isThere()) {
            whole = begunReply.join(chunk);
            scanner.reset();
            midFrame = false;
        }
        try {
            scan(whole, readNanos);
        } finally {
            whole.release();
        }
        if ((midFrame || apart) && connection.ready()) {
            lookAtSize();
        }
    }

    /**
     * Walks the chunk frame by frame. Neighbouring replies of a run go to its session in one piece: [segment, at) is
     * scanned and not yet delivered, and {@code frames} of it end there.
     */
    private void scan(ByteBuf chunk, long readNanos) {
        int end = chunk.writerIndex();
        int at = chunk.readerIndex();
        int segment = at;
        int frames = 0;
        int frame = at;
        boolean begun = midFrame;
        while (at < end) {
            Run run = pending.head();
            frame = at;
            boolean begins = !midFrame;
            boolean error = begins && chunk.getByte(frame) == '-';
            at = scanner.next(chunk, frame, end);
            if (scanner.error() != null) {
                connection.abandon("malformed reply: " + scanner.error());
                return;
            }
            midFrame = !scanner.complete();
            if (midFrame && !BegunReply.fits(end - frame)) {
                // No server says so much in an error of its own: it is a script's reply, and passed on as any other.
                error = false;
            }
            if (run == null || error || scanner.push() || run.swallow() > 0) {
                deliver(run, chunk, segment, frame, frames, true, readNanos);
                frames = 0;
                segment = at;
                boolean goesOn = midFrame
                        ? begun(run, chunk, frame, end, begins)
                        : single(pending.head(), chunk, frame, at, error, readNanos);
                if (!goesOn) {
                    return;
                }
            } else if (!midFrame && ++frames == run.unanswered()) {
                deliver(run, chunk, segment, at, frames, true, readNanos);
                frames = 0;
                segment = at;
            }
        }
        int whole = midFrame ? frame : end;
        boolean goesOn = begun && midFrame && frame == chunk.readerIndex();
        size.scanned(goesOn, end - whole);
        if (segment < whole) {
            deliver(pending.head(), chunk, segment, whole, frames, true, readNanos);
        }
        if (!goesOn && segment < end && BegunReply.lacksCursor(pending.head(), end - whole)) {
            begunReply.keep(chunk, whole, end);
        } else {
            deliver(pending.head(), chunk, Math.max(segment, whole), end, 0, false, readNanos);
        }
    }

    /** Looks at what the chunk left: part of a reply, or a connection apart that may be free again. */
    private void lookAtSize() {
        Run head = pending.head();
        if (midFrame && head != null && size.turnsBig(scanner.stringBytesLeft())) {
            head.sink().onBigReply();
            if (owner.setApart(connection)) {
                apart = true;
                pending.makeWay(connection);
            }
        }
        if (size.big() && pending.pointless()) {
            connection.close("nobody waits for the big reply that it sends");
        } else if (apart && pending.isEmpty()) {
            owner.freeApart(connection);
        }
    }

    /**
     * The beginning, if it {@code begins} here, or some more of a frame that must not go out with its neighbours, and is
     * looked at when it is whole. Of a long one whose reply is dropped only the end is. False if the connection is no longer
     * of use.
     */
    private boolean begun(@Nullable Run run, ByteBuf chunk, int from, int to, boolean begins) {
        boolean fits = BegunReply.fits(to - from);
        if (scanner.push() ? !fits : run == null) {
            // Who sends next must not get the rest of it.
            connection.abandon(fits ? UNASKED : "a push that is too long");
            return false;
        }
        if (begins && fits) {
            begunReply.keep(chunk, from, to);
        }
        return true;
    }

    /** One whole frame that must not go out with its neighbours. False if the connection is no longer of use. */
    private boolean single(@Nullable Run run, ByteBuf chunk, int from, int to, boolean error, long readNanos) {
        if (scanner.push()) {
            // Nobody subscribes on a shared connection: a push there answers nothing and concerns nobody.
            connection.pushed(chunk, from, to);
            return true;
        }
        if (run == null) {
            connection.close(UNASKED);
            return false;
        }
        ReplyError kind = error ? ReplyError.classify(chunk, from, to) : ReplyError.OTHER;
        if (run.swallow() > 0) {
            run.swallowed();
            answered(run, 1, readNanos);
            run.sink().onSwallowed(run, chunk, from, to, readNanos);
            run.leaveConnectionIfAnswered();
        } else if (error) {
            answered(run, 1, readNanos);
            if (kind.provesNotExecuted()) {
                run.sink().onRefused(run, kind, chunk, from, to, readNanos);
            } else {
                run.sink().onError(run, chunk, from, to, readNanos);
            }
            run.leaveConnectionIfAnswered();
        } else {
            deliver(run, chunk, from, to, 1, true, readNanos);
        }
        return true;
    }

    private void deliver(
            @Nullable Run run, ByteBuf chunk, int from, int to, int frames, boolean whole, long readNanos) {
        if (run != null && from < to) {
            answered(run, frames, readNanos);
            run.sink().onReplies(run, chunk, from, to, frames, whole, readNanos);
            run.leaveConnectionIfAnswered();
        }
    }

    /** Counts before the session hears of it. What a big reply takes, and what stood behind it, says nothing of the node. */
    private void answered(Run run, int frames, long readNanos) {
        pending.answered(run, frames, readNanos, !apart);
    }
}
