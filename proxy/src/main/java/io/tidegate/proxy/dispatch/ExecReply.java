package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.ReplyScanner;
import io.tidegate.protocol.RequestScanner;
import io.tidegate.proxy.request.RedisNumbers;
import java.util.List;

/**
 * The reply to an EXEC, whole and proven, on its way to a client of whose transaction the proxy answers {@link OwnPart}s. It
 * goes out up to the next of them; then the session stands at that command, with nothing in flight, and answers it as it
 * would answer it anywhere, waiting included; then the reply goes on. Nothing else is dispatched meanwhile, and messages of
 * subscriptions wait as behind any half reply.
 */
final class ExecReply {
    private static final String PONG = "+PONG\r\n";
    private static final String OK = "+OK\r\n";

    private final Session session;
    private final List<OwnPart> parts;
    private final ByteBuf reply;
    private final boolean silent;
    private final long end;
    private final ReplyScanner scanner;
    /** Place of the element at {@link #at} in the reply. */
    private int index;

    private int at;
    private int next;
    /** The session stands at the part before {@link #next}, whose answer has not come. */
    private boolean standing;

    /**
     * @param reply the bytes from its reader index on, retained for this
     * @param end where EXEC ends in the session's input
     */
    ExecReply(Session session, List<OwnPart> parts, ByteBuf reply, boolean silent, long end) {
        this.session = session;
        this.parts = parts;
        this.reply = reply;
        this.silent = silent;
        this.end = end;
        this.scanner = new ReplyScanner(session.loop.settings().limits());
        this.at = reply.readerIndex();
        session.loop.parking().keptBack(session, bytes());
        boolean ran = reply.getByte(at) == '*' && reply.getByte(at + 1) != '-';
        if (ran) {
            passOn(reply.indexOf(at, reply.writerIndex(), (byte) '\n') + 1);
        } else {
            // Nil, an error: of no part anything is to be told.
            next = parts.size();
        }
    }

    int bytes() {
        return reply.readableBytes();
    }

    /** Goes on as far as it can. Whether all of it is out, and the session stands behind EXEC. */
    boolean goOn(OwnParts ownParts) {
        while (!session.closed && (standing || next < parts.size())) {
            if (standing && session.next != parts.get(next - 1).end() && !answer(ownParts, parts.get(next - 1))) {
                return false;
            }
            standing = false;
            if (next < parts.size()) {
                reach(parts.get(next++));
            }
        }
        if (!session.closed) {
            passOn(reply.writerIndex());
            over();
        }
        return !session.closed;
    }

    /** Passes on what is before {@code part}, and its own element if that is the answer to it. */
    private void reach(OwnPart part) {
        int elementEnd = at;
        int element = at;
        for (; index <= part.index(); index++) {
            element = elementEnd;
            elementEnd = scanner.next(reply, element, reply.writerIndex());
        }
        if (part.byServer() && OwnParts.serversOwn(part.spec())) {
            passOn(element);
            putRight(part, elementEnd);
        } else if (part.byServer()) {
            passOn(elementEnd);
            if (part.spec().name().equals("select") && is(element, OK)) {
                selected(part);
            }
        } else if (is(element, PONG)) {
            passOn(element);
            at = elementEnd;
            session.next = part.position();
            session.inquiry = null;
            standing = true;
        } else {
            // The server did not let it happen, and says why.
            passOn(elementEnd);
        }
    }

    private boolean answer(OwnParts ownParts, OwnPart part) {
        find(part);
        return ownParts.answer(session, part.spec(), part.end());
    }

    /** Makes the part's command the session's command at hand. */
    private void find(OwnPart part) {
        RequestScanner requests = session.scanner;
        ByteBuf input = session.input.buffer();
        requests.reset();
        requests.next(input, session.input.index(part.position()), input.writerIndex());
        session.args.at(requests, input);
    }

    /** The reply up to {@code to} tells of clients, or that some are to end. */
    private void putRight(OwnPart part, int to) {
        if (!silent) {
            find(part);
            ByteBuf element = reply.slice(at, to - at);
            session.loop.figures().passOn(session, part.spec().name(), session.args, element);
        }
        at = to;
    }

    private void selected(OwnPart part) {
        find(part);
        int database = Math.toIntExact(RedisNumbers.parse(session.args.text(1)));
        session.key = session.key.withDatabase(database);
        session.client.database = database;
    }

    private boolean is(int from, String frame) {
        return from + frame.length() <= reply.writerIndex()
                && reply.toString(from, frame.length(), java.nio.charset.StandardCharsets.US_ASCII)
                        .equals(frame);
    }

    private void passOn(int to) {
        if (!silent) {
            session.out.append(reply, at, to);
        }
        at = to;
    }

    private void over() {
        release();
        session.scanner.reset();
        session.next = end;
        session.transaction.ownAnswered();
        session.input.release(session.transaction.keepsFrom(end));
        if (session.listening != null) {
            session.listening.replyEnded();
        }
    }

    /** The session is done with it. */
    void release() {
        session.execReply = null;
        if (!session.closed) {
            // Of a session that is gone nothing is counted any more.
            session.loop.parking().keptBack(session, -bytes());
        }
        reply.release();
    }
}
