package io.tidegate.proxy.dispatch;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.Protocol;
import io.tidegate.protocol.ReplyError;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.upstream.ConnectionKey;
import io.tidegate.proxy.upstream.RelaySink;
import io.tidegate.proxy.upstream.ReplySink;
import io.tidegate.proxy.upstream.Run;
import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.routing.Router;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The connection to which the primary sends the invalidations of those who redirect them to one client of this proxy. It
 * speaks RESP3, so that no subscription is needed; the client gets them as it would of the server: as a push, or as a
 * message if it speaks RESP2 and is subscribed to anything. Ends with the client, of which the server then tells whoever
 * redirects to it; before it, if the client says that it goes. If it is lost before, those are ended, and the client is told
 * to forget everything.
 *
 * <p>Confined to the client's event loop, but for {@link #forgetAll}.
 */
final class TrackingSink implements RelaySink, ReplySink {
    private static final ConnectionKey KEY = ConnectionKey.INITIAL.withProtocol(Protocol.RESP3);
    private static final String INVALIDATE = "invalidate";
    private static final String CHANNEL = "__redis__:invalidate";
    /** A server that does not let it end is not waited for any longer. */
    private static final long LEAVE_SECONDS_MAX = 1;

    /**
     * Where invalidations are to be sent.
     *
     * @param number by which the server knows the connection
     * @param runId of which process it is
     */
    record At(TrackingSink sink, long number, String runId) {}

    private final Session session;
    private final DataLoop loop;
    private final Frames frames;
    private @Nullable UpstreamConnection connection;
    /** Whether it is ready to be sent to. */
    private boolean open;

    private long lastReadNanos;
    private boolean asked;
    /** PINGs without their PONG, and up to which of them the session waits; 0 if for none. */
    private int pongsOwed;

    private int pongsAwaited;
    private boolean heard;
    /** The client goes, and the server was told. */
    private boolean leaving;

    TrackingSink(Session session) {
        this.session = session;
        this.loop = session.loop;
        this.frames = new Frames(session.channel.alloc(), loop.settings().limits());
    }

    /** Null if it is not known yet: the connection is being opened, as far as there is a primary. */
    @Nullable At at() {
        if (connection == null) {
            RoutingTable table = loop.table();
            int id = loop.router().write(table);
            Node node = id == Router.HOLD ? null : table.node(id);
            connection = node == null ? null : loop.upstreams().pinned(this, table, node, KEY);
        }
        UpstreamConnection current = connection;
        if (current == null || current.connecting() || current.closed()) {
            return null;
        }
        if (!open) {
            open = true;
            lastReadNanos = loop.nowNanos();
            current.relayTo(this);
        }
        return new At(this, current.greeting().clientId(), current.greeting().runId());
    }

    /** Who redirects to it has lost its connection: whatever was read over that is not tracked. By any thread. */
    void forgetAll() {
        loop.eventLoop().execute(() -> session.guarded(this::tellToForget));
    }

    private void tellToForget() {
        ByteBuf nothing = session.channel.alloc().buffer(8);
        try {
            RespWriter.nullValue(nothing, session.key.protocol());
            deliver(nothing, nothing.readerIndex(), nothing.writerIndex());
        } finally {
            nothing.release();
        }
    }

    /** Whether the client is still there for those who want to redirect to it. */
    static boolean mayStandFor(Session session) {
        return !session.closing && (session.sink == null || !session.sink.leaving);
    }

    /**
     * Whether nothing comes for the session any more, which says that it goes: whoever has seen that must not write what its
     * readers hear of neither by it nor by the server's word that they are not heard any more. If not yet, the session waits,
     * and asks again.
     */
    static boolean over(Session session) {
        TrackingSink sink = session.sink;
        return sink == null || (!session.busy() && sink.over());
    }

    private boolean over() {
        UpstreamConnection current = connection;
        if (current == null || !open || current.closed()) {
            close();
            return true;
        }
        if (!leaving) {
            leaving = true;
            send(current, "QUIT");
            loop.eventLoop().schedule(() -> current.close("no end upon QUIT"), LEAVE_SECONDS_MAX, TimeUnit.SECONDS);
        }
        session.wait = Wait.ANSWER;
        return false;
    }

    /**
     * Whether the session was told of all that was written before its command at hand came to its turn, as it is to be told now.
     * If not, it waits, and asks again.
     */
    static boolean heardAll(Session session) {
        TrackingSink sink = session.sink;
        if (sink == null || sink.connection == null || !sink.open || sink.connection.closed()) {
            return true;
        }
        Inquiry inquiry = Inquiries.at(session);
        if (inquiry.invalidationsHeard) {
            return true;
        }
        if (!session.busy()) {
            inquiry.invalidationsHeard = true;
            sink.ping(sink.connection, sink.loop.nowNanos());
            sink.pongsAwaited = sink.pongsOwed;
            session.wait = Wait.ANSWER;
        }
        return false;
    }

    /** The client is gone. */
    void close() {
        UpstreamConnection current = connection;
        connection = null;
        pongsAwaited = 0;
        if (current != null) {
            current.close("the client that invalidations went to is gone");
        }
        frames.reset();
    }

    /** Now and then: a server that does not answer is given up. */
    void houseKeep(long nowNanos) {
        UpstreamConnection current = connection;
        if (current == null || !open || current.closed()) {
            return;
        }
        long silentNanos = nowNanos - lastReadNanos;
        if (asked && silentNanos > loop.upstreams().replyNanosMax()) {
            current.close("no reply to PING");
        } else if (!asked && silentNanos > loop.upstreams().replyNanosMax() / 2) {
            ping(current, nowNanos);
        }
    }

    private void ping(UpstreamConnection current, long nowNanos) {
        asked = true;
        lastReadNanos = nowNanos;
        pongsOwed++;
        send(current, "PING");
    }

    private void send(UpstreamConnection current, String word) {
        ByteBuf command = session.channel.alloc().buffer(16);
        try {
            RespWriter.command(command, word);
            current.relay(command, command.readerIndex(), command.writerIndex());
        } finally {
            command.release();
        }
    }

    // ---- what comes ----

    @Override
    public void onChunk(ByteBuf chunk, long readNanos) {
        lastReadNanos = readNanos;
        asked = false;
        session.guarded(() -> read(chunk));
    }

    private void read(ByteBuf chunk) {
        long bytesMax = loop.settings().subscriberLimits().bytesMax();
        String mistake = frames.read(chunk, bytesMax, "too many keys at once", (all, from, to) -> {
            if (frames.push() && isOf(INVALIDATE, all, from, to)) {
                deliver(all, from + prefix(INVALIDATE).length(), to);
            } else if (!frames.push()) {
                replied();
            }
            return null;
        });
        if (mistake != null) {
            giveUp(mistake);
        }
        if (connection == null) {
            frames.reset();
        } else if (heard) {
            goOn();
        }
    }

    private void replied() {
        pongsOwed--;
        if (pongsAwaited > 0) {
            heard = --pongsAwaited == 0;
        }
    }

    /** The session waited for what has come now. */
    private void goOn() {
        heard = false;
        pongsAwaited = 0;
        session.wait = Wait.NONE;
        session.retry();
    }

    /** Whether the frame is a push of two, the first of which is {@code kind}. */
    static boolean isOf(String kind, ByteBuf bytes, int from, int to) {
        String prefix = prefix(kind);
        return to - from > prefix.length()
                && bytes.toString(from, prefix.length(), US_ASCII).equals(prefix);
    }

    private static String prefix(String kind) {
        return ">2\r\n$" + kind.length() + "\r\n" + kind + "\r\n";
    }

    /** The client is told of the keys in [from, to), which are as the server wrote them. */
    private void deliver(ByteBuf bytes, int from, int to) {
        if (session.closed) {
            return;
        }
        Pin pin = session.pin;
        if (pin != null && pin.streaming()) {
            // It became a pipe, in which nothing can be put.
            session.close();
            return;
        }
        Listening listening = Listening.of(session);
        boolean resp3 = session.key.protocol() == Protocol.RESP3;
        if (!resp3 && !listening.subscriber.subscribed()) {
            return;
        }
        ByteBuf message = session.channel.alloc().buffer(to - from + 64);
        try {
            if (resp3) {
                RespWriter.pushHeader(message, 2, Protocol.RESP3);
                RespWriter.bulk(message, INVALIDATE);
            } else {
                RespWriter.arrayHeader(message, 3);
                RespWriter.bulk(message, "message");
                RespWriter.bulk(message, CHANNEL);
            }
            message.writeBytes(bytes, from, to - from);
            listening.message(message, message.readerIndex(), message.writerIndex());
        } finally {
            message.release();
        }
    }

    // ---- its end ----

    private void giveUp(String cause) {
        UpstreamConnection current = connection;
        if (current != null) {
            current.close(cause);
        }
    }

    @Override
    public void onConnectionLost(UpstreamConnection lost, String cause) {
        if (lost != connection) {
            return;
        }
        connection = null;
        frames.reset();
        boolean awaited = leaving || pongsAwaited > 0;
        pongsOwed = 0;
        if (open && !leaving) {
            open = false;
            asked = false;
            session.guarded(this::tellToForget);
            for (DataLoop each : loop.plane().loops()) {
                each.eventLoop().execute(() -> Redirects.sinkLost(each, this));
            }
        }
        if (awaited) {
            goOn();
        }
    }

    @Override
    public void onRelayLost(String cause) {
        // It hears of it as the connection's borrower.
    }

    @Override
    public void onReplies(Run run, ByteBuf bytes, int from, int to, int frames, boolean whole, long readNanos) {
        throw new IllegalStateException("a reply to a run (expected: a stream)");
    }

    @Override
    public void onRefused(Run run, ReplyError error, ByteBuf bytes, int from, int to, long readNanos) {
        throw new IllegalStateException("a reply to a run (expected: a stream)");
    }
}
