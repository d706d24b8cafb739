package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.Limits;
import io.tidegate.protocol.ReplyError;
import io.tidegate.protocol.ReplyScanner;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.metrics.RequestGroup;
import io.tidegate.proxy.upstream.Run;
import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.routing.Durability.Missing;
import io.tidegate.routing.Instants;
import io.tidegate.routing.RoutingTable;
import java.util.List;

/**
 * How one session's replies go out: those of the run at the head of its order, as they come if they are proven; all
 * others are kept in their run until their turn and their evidence have come.
 *
 * <p>Invariant: of the runs in the order only the head has replies that are out, {@link #deliveredOfHead} of them; if any
 * of them are kept, so is every reply behind them. Confined to its session's event loop.
 */
final class Delivery {
    private final Session session;
    private final DataLoop loop;
    /** Replies of the first run in its order that are out. */
    private int deliveredOfHead;
    /** Half a reply is out: the client could not tell the rest of it from anything else. */
    private boolean midReply;
    /** Of the reply that is arriving, in more than one piece. */
    private long partBytes;
    /** When replies of servers that could not go at once were last read. */
    private long keptBackNanos = Instants.UNKNOWN;

    Delivery(Session session, DataLoop loop) {
        this.session = session;
        this.loop = loop;
    }

    int deliveredOfHead() {
        return deliveredOfHead;
    }

    boolean midReply() {
        return midReply;
    }

    /** An instant after the latest of its replies was read, the first of which, {@code head}'s, is kept back. */
    long latestNanos(Run head) {
        return Math.max(head.readNanos(), keptBackNanos);
    }

    /** Replies have come to {@code run}, which has counted them. The bytes stay the caller's. */
    void take(Run run, ByteBuf bytes, int from, int to, int frames, boolean whole, long readNanos) {
        boolean proven = missing(run, readNanos) == Missing.NOTHING;
        take(run, bytes, from, to, frames, whole, readNanos, proven);
    }

    /** The same of one that is an error: if it says itself that nothing ran, there is nothing to be proven. */
    void takeError(Run run, ByteBuf bytes, int from, int to, long readNanos) {
        boolean proven = missing(run, readNanos) == Missing.NOTHING
                || loop.rewinds().nothingRan(session, run, ReplyError.classify(bytes, from, to));
        take(run, bytes, from, to, 1, true, readNanos, proven);
    }

    private void take(
            Run run, ByteBuf bytes, int from, int to, int frames, boolean whole, long readNanos, boolean proven) {
        session.inFlight -= frames;
        if (!whole || partBytes > 0) {
            part(run, to - from, frames);
        }
        if (session.upload != null && run.answered()) {
            session.upload.answeredEarly();
        }
        Transaction transaction = session.transaction;
        if (transaction.begins(run)) {
            transaction.begun();
        }
        Refusal refusal = session.refusal;
        if (refusal.active() && frames > 0 && loop.rewinds().executedBehindRefusal(session, run, frames)) {
            refusal.clear();
        }
        if (mayGo(run, proven)) {
            if (!run.silent()) {
                session.out.append(bytes, from, to);
                midReply = !whole;
            }
            messagesMayGo();
            delivered(run, frames, readNanos, readNanos);
            if (!session.channel.isWritable() && session.slowReader.dropped(run)) {
                return;
            }
        } else {
            keptBackNanos = readNanos;
            keep(run, bytes, from, to, whole);
        }
        if (run.answered()) {
            advance();
        }
    }

    /** Part of a reply came, or the rest of one of which that much had come, and perhaps more behind it. */
    private void part(Run run, int bytes, int frames) {
        if (frames == 0) {
            partBytes += bytes;
            return;
        }
        long atLeast = partBytes + (frames == 1 ? bytes : 0);
        partBytes = 0;
        loop.hotKeys().replied(session, run, run.commands() - run.unanswered() - frames, atLeast);
    }

    /** The rest of the reply of which part has come will not come. */
    void replyCut() {
        partBytes = 0;
    }

    /** The first bytes of a reply, {@code begun}, stay the caller's; what is taken next goes on with it. */
    void takeBegun(Run run, ByteBuf begun, long readNanos) {
        if (!mayGo(run, missing(run, readNanos) == Missing.NOTHING)) {
            keep(run, begun, begun.readerIndex(), begun.writerIndex(), false);
        } else if (!run.silent()) {
            session.out.append(begun, begun.readerIndex(), begun.writerIndex());
            midReply = true;
        }
    }

    private boolean mayGo(Run run, boolean proven) {
        return session.order.head() == run
                && run.kept() == null
                && !run.forgotten()
                && !session.refusal.active()
                && proven;
    }

    /** Sets reply bytes aside, unless nobody will see them. */
    void keep(Run run, ByteBuf bytes, int from, int to, boolean whole) {
        if (!run.forgotten()) {
            run.keep(bytes, from, to, whole);
            loop.parking().keptBack(session, to - from);
        }
    }

    /** What the replies of {@code run} up to {@code readNanos} have to wait for. */
    Missing missing(Run run, long readNanos) {
        UpstreamConnection connection = run.connection();
        return connection == null || !(run.needsEvidence() || inDoubt(connection))
                ? Missing.NOTHING
                : run.durability().missing(loop.table(), connection.epoch(), connection.node(), readNanos);
    }

    /** Whether a primary may be none any more: what it replies to any read may be found in the data of another one. */
    private boolean inDoubt(UpstreamConnection connection) {
        return connection.greeting().primary() && !loop.table().vouchesFor(connection.epoch(), connection.node());
    }

    /** Delivers what is complete and proven at the head of the queue, then goes on. */
    void advance() {
        if (session.refusal.active() && session.inFlight == 0) {
            loop.rewinds().replayRefused(session);
        }
        Run head = session.order.head();
        while (head != null && head.answered() && !session.refusal.holdsBack(head)) {
            ByteBuf kept = head.kept();
            Missing missing = head.forgotten() ? Missing.NOTHING : missing(head, head.readNanos());
            if (head.forgotten()) {
                answerOwed(head, head.commands(), ErrorReply.UNCERTAIN_FORGOTTEN);
            } else if (missing != Missing.NOTHING) {
                if (!loop.parking().park(session, head, missing)) {
                    return;
                }
                break;
            } else if (kept != null) {
                passOnKept(head, kept);
                midReply = false;
                messagesMayGo();
                delivered(head, head.commands() - deliveredOfHead, head.readNanos(), loop.nowNanos());
            }
            popHead();
            head = session.order.head();
        }
        session.goOn();
    }

    /**
     * The whole and proven replies of the head; EXEC's goes out in parts if there are commands for the proxy to answer in it,
     * and what tells of clients is put right.
     */
    private void passOnKept(Run head, ByteBuf kept) {
        List<OwnPart> own = head.rewritten() ? session.transaction.answerOwn(head.endPosition()) : null;
        if (own != null) {
            session.execReply = new ExecReply(session, own, kept.retain(), head.silent(), head.endPosition());
        } else if (head.rewritten() && !head.silent()) {
            loop.figures().passOn(session, head, kept);
        } else if (!head.silent()) {
            session.out.append(kept, kept.readerIndex(), kept.writerIndex());
        }
    }

    /** What came for a subscriber while half a reply was out follows it. */
    private void messagesMayGo() {
        if (session.listening != null && !midReply) {
            session.listening.replyEnded();
        }
    }

    private void delivered(Run run, int replies, long readNanos, long outNanos) {
        deliveredOfHead += replies;
        UpstreamConnection connection = run.connection();
        if (replies == 0 || connection == null) {
            return;
        }
        session.waitDeadlineNanos = 0;
        if (run.arrivedNanos() != Instants.UNKNOWN) {
            loop.stats()
                    .answered(
                            group(run),
                            session.level.kind(),
                            connection.node(),
                            replies,
                            outNanos - run.arrivedNanos(),
                            readNanos - run.sentNanos());
            loop.slowCommands()
                    .answered(session, run, connection, deliveredOfHead - replies, replies, readNanos, outNanos);
        }
        if (run.write()) {
            session.causality.acknowledged(readNanos);
            loop.told(run, connection, deliveredOfHead - replies, deliveredOfHead, readNanos);
        }
        if (run.read()) {
            session.causality.read(connection.node(), readNanos);
        }
    }

    private RequestGroup group(Run run) {
        if (run.patient()) {
            return RequestGroup.BLOCKING;
        }
        if (session.pin != null || run.upload()) {
            return RequestGroup.OTHER;
        }
        if (run.script()) {
            return RequestGroup.SCRIPT;
        }
        return run.write() ? RequestGroup.WRITE : RequestGroup.READ;
    }

    /** The head is delivered: its bytes are not needed any more, unless a transaction may have to be sent again. */
    void popHead() {
        Run head = session.order.head();
        if (head != null) {
            loop.parking().released(session, head);
            session.answerBytes -= head.answerBytes();
            session.marks.delivered(head.endPosition());
            // It may have been parked when a lost connection sent the session back to before it.
            session.input.release(Math.min(session.next, session.transaction.keepsFrom(head.endPosition())));
            session.order.pop();
            deliveredOfHead = 0;
        }
    }

    /** The run that was the head was cut off by a rewind, behind what was delivered of it: at {@code position}. */
    void headCut(long position) {
        session.marks.delivered(position);
        deliveredOfHead = 0;
    }

    /** Answers what the head still owes of its first {@code upTo} commands with an error, in place of its replies. */
    void answerOwed(Run head, int upTo, ErrorReply error) {
        for (; deliveredOfHead < upTo; deliveredOfHead++) {
            if (loop.rewinds().repliedBefore(session, head, deliveredOfHead)) {
                continue;
            }
            session.transaction.uncertain(head, deliveredOfHead);
            loop.stats().errorAnswered(error.label());
            if (!head.silent()) {
                RespWriter.error(session.out.writable(), error.text());
            }
        }
    }

    /**
     * Answers what the head still owes, of which all is here and too few replicas hold it: what tells of nothing that they must
     * hold as it came, everything else by saying that it ran.
     */
    void answerUnderreplicated(Run head) {
        ByteBuf kept = head.kept();
        if (kept == null) {
            return;
        }
        if (head.silent()) {
            loop.stats().errorAnswered(ErrorReply.UNDERREPLICATED.label());
            delivered(head, head.commands() - deliveredOfHead, head.readNanos(), loop.nowNanos());
            return;
        }
        RoutingTable table = loop.table();
        ErrorReply error = ErrorReply.UNDERREPLICATED;
        String text =
                error.text(table.holders(head.readNanos()), head.durability().needed(table));
        ReplyScanner scanner = new ReplyScanner(Limits.redisDefaults());
        int index = deliveredOfHead;
        int end;
        for (int at = kept.readerIndex(); at < kept.writerIndex(); at = end) {
            end = scanner.next(kept, at, kept.writerIndex());
            while (loop.rewinds().repliedBefore(session, head, index)) {
                index++;
            }
            if (asksNoReplicas(head, index++, kept.getByte(at))) {
                session.out.append(kept, at, end);
            } else {
                loop.stats().errorAnswered(error.label());
                RespWriter.error(session.out.writable(), text);
            }
        }
        delivered(head, head.commands() - deliveredOfHead, head.readNanos(), loop.nowNanos());
    }

    /**
     * Whether a reply to command {@code index} of the head, of which {@code type} is the first byte, waited only for those before
     * it: an error of the server's, which changed nothing, or a read that asks for nothing that could not be lost.
     */
    private boolean asksNoReplicas(Run head, int index, byte type) {
        if (type == '-' || type == '!') {
            return true;
        }
        Rewinds rewinds = loop.rewinds();
        return !head.upload()
                && !Dispatcher.tellsOfHeldData(session, false)
                && Fate.onlyReads(rewinds.specAt(session, rewinds.positionOf(session, head, index)));
    }
}
