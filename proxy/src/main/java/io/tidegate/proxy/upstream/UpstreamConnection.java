package io.tidegate.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.tidegate.protocol.ReplyError;
import io.tidegate.protocol.ReplyScanner;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.loop.OutBuffer;
import io.tidegate.routing.RoutingTable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pipelined connection to one Redis process, shared by the sessions of an event loop or lent to a single one. It
 * matches replies to {@link Run}s by order alone and looks at nothing but the boundaries of frames, save for errors.
 *
 * <p>Invariant: {@code pending} holds, in order of sending, the runs whose last reply has not arrived. Everything here
 * runs on the channel's event loop.
 */
public final class UpstreamConnection extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(UpstreamConnection.class);

    private enum State {
        CONNECTING,
        READY,
        /** Takes nothing more; what is outstanding is still owed until the channel says that it is gone. */
        CLOSING,
        CLOSED
    }

    private final Upstreams owner;
    private final ConnectionKey key;
    private final int nodeId;
    private final long epoch;
    private final ReplyScanner scanner;

    private State state = State.CONNECTING;
    private @Nullable Channel channel;
    private @Nullable OutBuffer out;
    private Greeting greeting = Greeting.NONE;
    private RoutingTable.Node node;
    private @Nullable String refusal;

    private @Nullable Run head;
    private @Nullable Run tail;
    private int outstanding;
    private @Nullable RelaySink relay;
    /** The session that has it for itself, which is told of its end even if nothing is outstanding. */
    private @Nullable ReplySink borrower;

    /** The beginning of an error line whose end has not arrived; errors are looked at whole. */
    private @Nullable ByteBuf brokenError;

    private boolean midFrame;

    private long lastReadNanos;
    private boolean congested;
    private final Stall stall = new Stall();

    UpstreamConnection(Upstreams owner, ConnectionKey key, RoutingTable.Node node, long epoch) {
        this.owner = owner;
        this.key = key;
        this.nodeId = node.id();
        this.node = node;
        this.epoch = epoch;
        this.scanner = new ReplyScanner(owner.settings().limits());
    }

    // ---- what a session asks ----

    /**
     * Whether a run may be sent now: to this very process, in the role it had when it greeted, and if that was the
     * primary's, under this very claim. What was opened to a primary is of no use for it as a replica: it may still owe
     * replies to writes.
     */
    public boolean usable(RoutingTable table, RoutingTable.Node wanted) {
        return state == State.READY
                && wanted.id() == nodeId
                && wanted.runId().equals(greeting.runId())
                && greeting.primary() == table.isPrimary(nodeId)
                && (!greeting.primary() || epoch == table.epoch());
    }

    public boolean connecting() {
        return state == State.CONNECTING;
    }

    public boolean closed() {
        return state == State.CLOSING || state == State.CLOSED;
    }

    public ConnectionKey key() {
        return key;
    }

    public int nodeId() {
        return nodeId;
    }

    /** The process at the other end, as it said itself; as it was expected while the connection is being opened. */
    public RoutingTable.Node node() {
        return node;
    }

    /** The epoch of the claim under which it was opened. */
    public long epoch() {
        return epoch;
    }

    /** What the server said of itself when the connection was opened. */
    public Greeting greeting() {
        return greeting;
    }

    /** The server's own error text that refused this connection (wrong password, no such database), null if none. */
    public @Nullable String refusal() {
        return refusal;
    }

    /** Too many bytes wait for the kernel: do not send more until {@link Upstreams} says that it drained. */
    public boolean congested() {
        if (out != null && out.pendingBytes() > owner.settings().pendingBytesMax()) {
            congested = true;
        }
        return congested;
    }

    /** Sends bytes [from, to) of the session's input, which make up {@code run}. */
    public void send(Run run, ByteBuf input, int from, int to) {
        outgoing().append(input, from, to);
        enqueue(run);
    }

    private void enqueue(Run run) {
        run.joinConnection(owner.nowNanos());
        Run last = tail;
        if (last == null) {
            head = run;
            lastReadNanos = run.sentNanos();
        } else {
            last.nextInConnection = run;
        }
        tail = run;
        outstanding += run.commands();
        owner.loads().sent(nodeId, run.commands());
        owner.loads().spilled(run.spilled());
    }

    /** Lends the connection to one session, or ends that with null. */
    void lendTo(@Nullable ReplySink newBorrower) {
        borrower = newBorrower;
    }

    /**
     * Writes something of the proxy's own for {@code run}, so that a WAIT behind it counts all that was written before:
     * newer servers count from the last write of the connection, older ones from its last command.
     */
    public void sendMark(Run run) {
        RespWriter.command(outgoing().writable(), "PUBLISH", "tidegate:wait", "");
        enqueue(run);
    }

    /** From now on everything that arrives goes to {@code sink} as it is; nothing may be outstanding. */
    public void relayTo(RelaySink sink) {
        if (head != null) {
            throw new IllegalStateException(outstanding + " replies outstanding (expected: 0)");
        }
        relay = sink;
    }

    /**
     * Registers {@code run}, an upload, whose bytes follow by {@link #relay}. Only on a connection that the session has for
     * itself: half a command is on it until {@link #endUpload}.
     */
    public void beginUpload(Run run) {
        enqueue(run);
    }

    /** The last byte of {@code run} was sent: from now on its reply is owed. */
    public void endUpload(Run run) {
        lastReadNanos = owner.nowNanos();
        run.joinConnection(lastReadNanos);
    }

    /** Whether more than {@code bytesMax} wait for the server's socket; if so the borrower is told when they drained. */
    public boolean backedUp(long bytesMax) {
        return stall.begins(out == null ? 0 : out.pendingBytes(), bytesMax);
    }

    /** Sends a piece of a stream (after {@link #relayTo}) or of an upload (after {@link #beginUpload}). */
    public void relay(ByteBuf input, int from, int to) {
        outgoing().append(input, from, to);
    }

    /** Ends the connection; whoever has replies outstanding is told, later in this iteration of the loop. */
    public void close(String cause) {
        if (!closed()) {
            log.debug("closing connection to node {}: {}", nodeId, cause);
            closeCause = cause;
            state = State.CLOSING;
            if (channel == null) {
                lost(cause);
            } else {
                channel.close();
            }
        }
    }

    private String closeCause = "the server closed the connection";

    private OutBuffer outgoing() {
        if (out == null || state != State.READY) {
            throw new IllegalStateException("connection to node " + nodeId + " is " + state + " (expected: READY)");
        }
        return out;
    }

    // ---- life ----

    void opened(Channel newChannel, Greeting newGreeting) {
        if (closed()) {
            return;
        }
        channel = newChannel;
        out = new OutBuffer(newChannel, owner.flushes(), owner.stats()::upstreamBytesWritten, this::drained);
        greeting = newGreeting;
        node = new RoutingTable.Node(nodeId, node.address(), newGreeting.runId(), node.sameZone());
        state = State.READY;
        lastReadNanos = owner.nowNanos();
        owner.changed(this);
    }

    void connectingOn(Channel newChannel) {
        channel = newChannel;
    }

    /** The connection could not be opened; {@code errorText} is the server's own, null if it gave none. */
    void refused(String cause, @Nullable String errorText) {
        refusal = errorText;
        lost(cause);
    }

    private void lost(String cause) {
        if (state == State.CLOSED) {
            return;
        }
        boolean failed = state == State.CONNECTING;
        state = State.CLOSED;
        if (out != null) {
            out.discard();
        }
        if (brokenError != null) {
            brokenError.release();
            brokenError = null;
        }
        owner.loads().lost(nodeId, outstanding);
        List<ReplySink> sinks = leaveAll();
        owner.closed(this, failed);
        if (borrower != null && !sinks.contains(borrower)) {
            sinks.add(borrower);
        }
        for (ReplySink sink : sinks) {
            sink.onConnectionLost(this, cause);
        }
        if (relay != null) {
            relay.onRelayLost(cause);
        }
        owner.changed(this);
    }

    /** Empties {@code pending}; the sessions in it, each once for a row of runs. */
    private List<ReplySink> leaveAll() {
        List<ReplySink> sinks = new ArrayList<>();
        Run run = head;
        head = null;
        tail = null;
        outstanding = 0;
        while (run != null) {
            Run next = run.nextInConnection;
            if (sinks.isEmpty() || sinks.get(sinks.size() - 1) != run.sink()) {
                sinks.add(run.sink());
            }
            owner.unspilled(run.spilled());
            run.leaveConnection();
            run = next;
        }
        return sinks;
    }

    /** Called now and then: a server that owes replies and has been silent, or takes nothing, for too long is given up. */
    void checkSilence(long silenceNanosMax, long nowNanos) {
        if (head != null && head.owed() && nowNanos - lastReadNanos > silenceNanosMax) {
            close("no reply for " + silenceNanosMax / 1_000_000 + " ms");
        } else if (out != null && stall.lasts(out.pendingBytes(), nowNanos) > silenceNanosMax) {
            close("no byte taken for " + silenceNanosMax / 1_000_000 + " ms");
        }
    }

    /** Whether replies are outstanding that some other node might give. */
    boolean owesReads() {
        return state == State.READY && head != null && !greeting.primary();
    }

    /** Open, and without a reply owed or got since {@code sinceNanos}. */
    boolean unusedSince(long sinceNanos) {
        return idle() && borrower == null && lastReadNanos < sinceNanos;
    }

    long lastReadNanos() {
        return lastReadNanos;
    }

    /** Nothing outstanding and no stream: may be lent to another session. */
    boolean idle() {
        return state == State.READY && head == null && relay == null;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        lost(closeCause);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            drained();
        }
    }

    private void drained() {
        if (congested) {
            congested = false;
            owner.changed(this);
        }
        if (stall.ends() && borrower != null) {
            borrower.onDrained(this);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        closeCause = String.valueOf(cause.getMessage());
        if (!(cause instanceof java.io.IOException)) {
            log.error("connection to node {} failed", nodeId, cause);
        }
        ctx.close();
    }

    // ---- replies ----

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf chunk = (ByteBuf) message;
        long readNanos = owner.nowNanos();
        lastReadNanos = readNanos;
        owner.stats().upstreamBytesRead(chunk.readableBytes());
        if (relay != null) {
            relay.onChunk(chunk, readNanos);
            chunk.release();
            return;
        }
        ByteBuf whole = brokenError == null ? chunk : joinBrokenError(chunk);
        try {
            scan(whole, readNanos);
        } finally {
            whole.release();
        }
    }

    private ByteBuf joinBrokenError(ByteBuf chunk) {
        ByteBuf begun = brokenError;
        if (begun == null) {
            return chunk;
        }
        brokenError = null;
        begun.writeBytes(chunk);
        chunk.release();
        scanner.reset();
        midFrame = false;
        return begun;
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
        while (at < end) {
            Run run = head;
            frame = at;
            boolean error = !midFrame && chunk.getByte(frame) == '-';
            at = scanner.next(chunk, frame, end);
            if (scanner.error() != null) {
                close("malformed reply: " + scanner.error());
                return;
            }
            midFrame = !scanner.complete();
            if (run == null || error || scanner.push() || run.swallow() > 0) {
                deliver(run, chunk, segment, frame, frames, true, readNanos);
                frames = 0;
                segment = at;
                if (midFrame) {
                    keepBegun(chunk, frame, end, error);
                } else if (!single(head, chunk, frame, at, error, readNanos)) {
                    return;
                }
            } else if (!midFrame && ++frames == run.unanswered()) {
                deliver(run, chunk, segment, at, frames, true, readNanos);
                frames = 0;
                segment = at;
            }
        }
        int whole = midFrame ? frame : end;
        if (segment < whole) {
            deliver(head, chunk, segment, whole, frames, true, readNanos);
        }
        deliver(head, chunk, Math.max(segment, whole), end, 0, false, readNanos);
    }

    /** One whole frame that must not go out with its neighbours. False if the connection is no longer of use. */
    private boolean single(@Nullable Run run, ByteBuf chunk, int from, int to, boolean error, long readNanos) {
        if (scanner.push()) {
            // Nobody subscribes on a shared connection: a push here answers nothing and concerns nobody.
            return true;
        }
        if (run == null) {
            close("a reply that nothing asked for");
            return false;
        }
        ReplyError kind = error ? ReplyError.classify(chunk, from, to) : ReplyError.OTHER;
        if (run.swallow() > 0) {
            run.swallowed();
            answered(run, 1, readNanos);
            run.sink().onSwallowed(run, chunk, from, to, readNanos);
            leaveIfAnswered(run);
        } else if (error) {
            answered(run, 1, readNanos);
            if (kind.provesNotExecuted()) {
                run.sink().onRefused(run, kind, chunk, from, to, readNanos);
            } else {
                run.sink().onError(run, chunk, from, to, readNanos);
            }
            leaveIfAnswered(run);
        } else {
            deliver(run, chunk, from, to, 1, true, readNanos);
        }
        return true;
    }

    private void keepBegun(ByteBuf chunk, int from, int end, boolean error) {
        if (error) {
            brokenError = chunk.alloc().buffer(end - from + 64).writeBytes(chunk, from, end - from);
        }
    }

    private void deliver(
            @Nullable Run run, ByteBuf chunk, int from, int to, int frames, boolean whole, long readNanos) {
        if (run != null && from < to) {
            answered(run, frames, readNanos);
            run.sink().onReplies(run, chunk, from, to, frames, whole, readNanos);
            leaveIfAnswered(run);
        }
    }

    /** Counts before the session hears of it; a run whose last reply this is leaves the queue, so the session may send. */
    private void answered(Run run, int frames, long readNanos) {
        run.replied(frames, readNanos);
        outstanding -= frames;
        if (run.answered()) {
            head = run.nextInConnection;
            if (head == null) {
                tail = null;
            }
            owner.loads().answered(nodeId, frames, readNanos - run.sentNanos());
            owner.unspilled(run.spilled());
        } else if (frames > 0) {
            owner.loads().answered(nodeId, frames);
        }
    }

    private static void leaveIfAnswered(Run run) {
        if (run.answered()) {
            run.leaveConnection();
        }
    }
}
