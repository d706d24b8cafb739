package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RequestScanner;
import io.tidegate.proxy.upstream.Run;
import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.Router;
import io.tidegate.routing.RoutingTable;
import org.jspecify.annotations.Nullable;

/**
 * A command too large to be kept: its bytes go to the primary as they come, over a connection of the session's own, and
 * are gone. A shared one would stop for everybody while one client sends slowly. It is alone in flight, and a run in the
 * session's order from its first byte on. Redis executes nothing of a command whose last byte it has not got. So the gate
 * for writes is looked at when the upload begins and, what counts, when its last byte is to be sent; in between the claim
 * may move on, which ends the connection. Until then whatever happens proves that nothing was executed, and from then on
 * it is a run like any other, but for one thing: what cannot be sent again is answered.
 *
 * <pre>
 * state     event                                          then
 * -         the command is found to be large, its          SENDING
 *           connection is ready
 * -         none could be had in time                      DROPPING; the answer says so
 * SENDING   bytes                                          SENDING; they are sent
 * SENDING   its last byte, while CLIENT PAUSE holds it     SENDING; the session waits with the last piece
 * SENDING   its last byte, gate open                       over; the reply is awaited before the next command
 * SENDING   its last byte, gate shut                       SENDING; the session waits with the last piece
 * SENDING   the gate stays shut for too long               DROPPING; the answer says so
 * SENDING   the connection is lost                         DROPPING; UPLOAD_LOST
 * SENDING   a reply, which must be an error                DROPPING; it is the answer, and its connection is closed
 * SENDING   the client sends nothing more                  over; the connection is closed
 * DROPPING  bytes                                          DROPPING
 * DROPPING  its last byte                                  over; on to the next command
 * either    malformed                                      over; Redis's error, and the client's connection is closed
 * </pre>
 *
 * The client is read only as fast as the primary takes the bytes. It keeps one of the limited connections meanwhile, and so
 * has to go on ({@link Lateness}). Owns no buffers. Confined to its session's event loop.
 */
final class Upload {
    /** When so much waits for the primary's socket the client is not read until it drained. */
    private static final long PENDING_BYTES_MAX = 1 << 20;

    private static final long UNKNOWN = -1;

    private enum State {
        SENDING,
        DROPPING
    }

    private final Session session;
    private final DataLoop loop;
    /** Position of the command's first byte; the session's own is that of the first byte not sent or dropped. */
    private final long start;

    private final boolean write;
    private final boolean fenced;
    /** While {@code SENDING}. */
    private final @Nullable Pin pin;

    private State state;
    /** Position behind the command's last byte, once that has come. */
    private long end = UNKNOWN;

    /** Of the command at the session's position; it was answered already if {@code pin} is null. */
    Upload(Session session, @Nullable Pin pin, boolean write, boolean fenced) {
        this.session = session;
        this.loop = session.loop;
        this.start = session.next;
        this.write = write;
        this.fenced = fenced;
        this.pin = pin;
        this.state = pin == null ? State.DROPPING : State.SENDING;
        if (pin != null) {
            register(pin);
        }
    }

    private void register(Pin own) {
        Run run = loop.runs().take();
        run.open(session, own.connection, start);
        run.beginUpload();
        if (session.replies.silent(start)) {
            run.silence();
        }
        session.order.add(run);
        session.target = own.connection;
        session.inFlight++;
        own.connection.beginUpload(run);
        own.stateLeft = true;
        loop.waiting().ended(session);
        session.waitDeadlineNanos = 0;
        loop.stats().uploadBegun();
    }

    /** Takes what has come. True if the upload is over, and the session may look at its next command. */
    boolean goOn() {
        if (session.wait != Wait.NONE || (state == State.SENDING && connection().closed())) {
            // Of a closed connection the session hears in a moment.
            return false;
        }
        if (end == UNKNOWN && !scan()) {
            return false;
        }
        return state == State.SENDING ? finish() : over(end);
    }

    /** Position of the command's first byte. */
    long start() {
        return start;
    }

    /** Whether the command's last byte has still to come. */
    boolean unfinished() {
        return end == UNKNOWN;
    }

    /** Whether the client should be read. */
    boolean mayRead() {
        if (session.wait != Wait.NONE) {
            return !session.input.large();
        }
        return state == State.DROPPING || !connection().backedUp(PENDING_BYTES_MAX);
    }

    private UpstreamConnection connection() {
        if (pin == null) {
            throw new IllegalStateException("an upload without a connection is " + state + " (expected: DROPPING)");
        }
        return pin.connection;
    }

    /** Looks for the command's end, and passes on what cannot be it. Whether the end has come. */
    private boolean scan() {
        ByteBuf buffer = session.input.buffer();
        // Where the first byte would be if it had been kept: before the buffer's beginning.
        int from = session.input.index(start);
        RequestScanner scanner = session.scanner;
        switch (scanner.next(buffer, from, buffer.writerIndex())) {
            case COMMAND -> {
                end = start + (scanner.end() - from);
                return true;
            }
            case INCOMPLETE -> pass(start + (scanner.settled() - from));
            case MALFORMED -> {
                giveUp();
                session.upload = null;
                session.answers.errorAndClose(scanner.error());
            }
            case INLINE, EMPTY -> throw new IllegalStateException("an upload turned out to be no command");
        }
        return false;
    }

    /** Sends or drops what comes before {@code position}. */
    private void pass(long position) {
        Run run = session.order.head();
        if (state == State.SENDING && run != null) {
            ByteBuf buffer = session.input.buffer();
            connection().relay(buffer, session.input.index(session.next), session.input.index(position));
            run.uploaded(position);
            loop.stats().uploaded(position - session.next);
        }
        if (position != end) {
            session.replies.moved(session.next, position);
        }
        session.next = position;
        session.input.release(position);
    }

    /** Sends the last piece, if a write may be sent now, and is not paused. True if the upload is over. */
    private boolean finish() {
        if (loop.pause().holdsUpload(session, write)) {
            return false;
        }
        RoutingTable table = loop.table();
        UpstreamConnection connection = connection();
        if (!table.isWritable(connection.nodeId()) || !session.checked.allows(table, connection)) {
            boolean shut = loop.router().write(table) == Router.HOLD;
            String error =
                    loop.dispatcher().waitOrError(session, shut ? loop.router().reason() : RouteReason.NO_LINK);
            if (error != null) {
                fail(error);
            }
            return error != null && over(end);
        }
        pass(end);
        Run run = session.order.head();
        if (run != null) {
            run.endUpload(write, fenced || loop.dispatcher().ahead(connection));
            if (fenced && Dispatcher.tellsOfHeldData(session, write)) {
                run.mustBeHeld(session.durability);
            }
            connection.endUpload(run);
        }
        if (pin != null) {
            pin.stateLeft = false;
        }
        loop.waiting().ended(session);
        loop.stats()
                .routed(
                        session.level.kind(),
                        connection.node(),
                        write ? Dispatcher.whyWritten(table) : RouteReason.UPLOAD,
                        1);
        if (write) {
            loop.stats().writesSent(connection.epoch(), 1);
        }
        session.wait = Wait.DRAIN;
        session.upload = null;
        return true;
    }

    /** All of the command is dropped. */
    private boolean over(long position) {
        pass(position);
        session.upload = null;
        return true;
    }

    /** The primary answered before the command's end: that is its reply, and it wants no more of it. */
    void answeredEarly() {
        state = State.DROPPING;
        loop.waiting().ended(session);
        loop.pause().ended(session);
        session.wait = Wait.NONE;
    }

    /** The connection is gone before the command's last byte was sent. */
    void lost() {
        loop.waiting().ended(session);
        loop.pause().ended(session);
        loop.stats().errorAnswered(ErrorReply.UPLOAD_LOST.label());
        fail(ErrorReply.UPLOAD_LOST.text());
    }

    /** The client sends nothing more: without its end the command is nothing. */
    void inputClosed() {
        if (end == UNKNOWN) {
            giveUp();
            over(session.input.end());
        }
    }

    /** Answers the command, of which nothing runs, and drops the rest of it. */
    private void fail(String error) {
        giveUp();
        session.answers.error(error, session.next);
    }

    private void giveUp() {
        if (state == State.SENDING) {
            state = State.DROPPING;
            session.order.dropBehind(null);
            loop.parking().recount(session);
            session.inFlight = 0;
            session.target = null;
            Pins.abandon(session);
        }
    }
}
