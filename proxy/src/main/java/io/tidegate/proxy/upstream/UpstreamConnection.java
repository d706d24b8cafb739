package io.tidegate.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.loop.OutBuffer;
import io.tidegate.routing.Instants;
import io.tidegate.routing.RoutingTable;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pipelined connection to one Redis process, shared by the sessions of an event loop or lent to a single one: its life,
 * and what goes out over it. What comes in is for {@link ReplyReader}.
 *
 * <p>Everything here runs on the channel's event loop.
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
    private final Slot slot;
    private final int nodeId;
    private final long epoch;

    private State state = State.CONNECTING;
    private @Nullable Channel channel;
    private @Nullable OutBuffer out;
    private Greeting greeting = Greeting.NONE;
    private boolean followed;
    private RoutingTable.Node node;
    private @Nullable String refusal;

    private final PendingRuns pending;
    private final ReplyReader replies;
    private @Nullable RelaySink relay;
    /** The session that has it for itself, which is told of its end even if nothing is outstanding. */
    private @Nullable ReplySink borrower;

    /** Its socket is not read, since the client whose reply comes does not keep up. */
    private boolean paused;

    /** Until when it is kept although its claim is over, see {@link #retire}; {@link Instants#UNKNOWN} while that is not so. */
    private long retiredUntilNanos = Instants.UNKNOWN;

    private long lastReadNanos;
    private boolean congested;
    private final Stall stall = new Stall();

    UpstreamConnection(Upstreams owner, Slot slot, RoutingTable.Node node, long epoch) {
        this.owner = owner;
        this.slot = slot;
        this.nodeId = node.id();
        this.node = node;
        this.epoch = epoch;
        this.pending = new PendingRuns(owner, nodeId);
        this.replies = new ReplyReader(owner, this, pending);
    }

    // ---- what a session asks ----

    /**
     * Whether a run may be sent now: to this very process, in the role it had when it greeted, and if that was the
     * primary's, under this very claim, be it in use or about to be. What was opened to a primary is of no use for it as a
     * replica: it may still owe replies to writes.
     */
    public boolean usable(RoutingTable table, RoutingTable.Node wanted) {
        return state == State.READY
                && open()
                && wanted.id() == nodeId
                && wanted.runId().equals(greeting.runId())
                && greeting.primary() == table.servesAsPrimary(nodeId)
                && (greeting.primary() ? epoch == table.epochOf(nodeId) : followed(table));
    }

    /** Looked at once: whom it follows later it tells the control plane. */
    private boolean followed(RoutingTable table) {
        followed |= greeting.followsAsIn(table, nodeId);
        return followed;
    }

    /** Not so from the read on that found its end, of which {@link #channelInactive} tells later in that look at all sockets. */
    public boolean open() {
        return channel != null && channel.isActive();
    }

    public boolean connecting() {
        return state == State.CONNECTING;
    }

    boolean ready() {
        return state == State.READY;
    }

    public boolean closed() {
        return state == State.CLOSING || state == State.CLOSED;
    }

    public ConnectionKey key() {
        return slot.key();
    }

    Slot slot() {
        return slot;
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
        if (pending.isEmpty()) {
            lastReadNanos = run.sentNanos();
        }
        pending.add(run);
        if (paused) {
            // Whoever it is for, only the session that paused it may wait for its own client.
            resume();
        }
    }

    /** Stops reading, as the client of {@code asker} does not keep up. False if others wait, or there is nothing to come. */
    public boolean pause(ReplySink asker) {
        boolean own = replies.apart() || borrower != null;
        if (!own || state != State.READY || channel == null || pending.isEmpty() || !pending.allOf(asker)) {
            return false;
        }
        if (!paused) {
            paused = true;
            owner.stats().upstreamPaused();
            channel.config().setAutoRead(false);
        }
        return true;
    }

    /** It was taken from those that stand apart, and is shared again. */
    void shareAgain() {
        replies.shareAgain();
        resume();
    }

    /** Reads on. */
    public void resume() {
        if (paused && channel != null) {
            paused = false;
            // The server was not silent meanwhile: it was not listened to.
            lastReadNanos = owner.nowNanos();
            channel.config().setAutoRead(true);
        }
    }

    /** Lends the connection to one session, or ends that with null. */
    void lendTo(@Nullable ReplySink newBorrower) {
        borrower = newBorrower;
    }

    /** Writes a command of the proxy's own for {@code run}, which has one command. */
    public void sendOwn(Run run, String... command) {
        send(run, to -> RespWriter.command(to, command));
    }

    /** The same, of words that are bytes. */
    public void sendOwn(Run run, byte[]... command) {
        send(run, to -> RespWriter.command(to, command));
    }

    /** All of it, or nothing: half a command, as there was no memory for the rest, would take the next one for its other half. */
    private void send(Run run, Consumer<ByteBuf> command) {
        ByteBuf to = outgoing().writable();
        int begin = to.writerIndex();
        try {
            command.accept(to);
        } catch (Throwable e) {
            to.writerIndex(begin);
            throw e;
        }
        enqueue(run);
    }

    /** The server said something unasked; bytes [from, to) are the whole frame. */
    void pushed(ByteBuf bytes, int from, int to) {
        if (borrower != null) {
            borrower.onPush(bytes, from, to);
        }
    }

    /** From now on everything that arrives goes to {@code sink} as it is; nothing may be outstanding. */
    public void relayTo(RelaySink sink) {
        if (!pending.isEmpty()) {
            throw new IllegalStateException("replies are outstanding (expected: none)");
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

    /**
     * Closes it because of its server. Writes that it owes replies to may be sent elsewhere, so what it has not got yet it
     * shall not get later, however long the network holds it up: it may be another one's replica by then, and a primary again
     * after that. Hence a reset, upon which nothing is transmitted any more.
     */
    void abandon(String cause) {
        Channel open = channel;
        if (!closed() && open != null && pending.owesWrites()) {
            try {
                open.config().setOption(ChannelOption.SO_LINGER, 0);
            } catch (ChannelException e) {
                log.debug("connection to node {} has just ended, and cannot be reset", nodeId, e);
            }
        }
        close(cause);
    }

    /** Says that nothing more will be sent, upon which a server closes the connection. False if it cannot be said now. */
    public boolean endOutput() {
        if (state == State.READY && channel instanceof DuplexChannel duplex) {
            duplex.shutdownOutput();
            return true;
        }
        return false;
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
        replies.release();
        List<ReplySink> sinks = pending.leaveAll();
        owner.closed(this, failed, borrower != null);
        if (borrower != null && !sinks.contains(borrower)) {
            sinks.add(borrower);
        }
        for (ReplySink sink : sinks) {
            tellLost(sink, cause);
        }
        if (relay != null) {
            relay.onRelayLost(cause);
        }
        owner.changed(this);
    }

    /** A failure of ours over one of them keeps none of the others waiting for ever. */
    private void tellLost(ReplySink sink, String cause) {
        try {
            sink.onConnectionLost(this, cause);
        } catch (Throwable e) {
            log.error("the end of the connection to node {} could not be told", nodeId, e);
        }
    }

    /** Called now and then: a server that owes replies and has been silent, or takes nothing, for too long is given up. */
    void checkSilence(long silenceNanosMax, long nowNanos) {
        Run head = pending.head();
        if (head != null && !paused && head.owed() && nowNanos - lastReadNanos > silenceNanosMax) {
            abandon("no reply for " + silenceNanosMax / 1_000_000 + " ms");
        } else if (out != null && stall.lasts(out.pendingBytes(), nowNanos) > silenceNanosMax) {
            abandon("no byte taken for " + silenceNanosMax / 1_000_000 + " ms");
        }
    }

    /**
     * Whether it owes replies as the primary that another node has replaced, alive and well: it may have kept commands back,
     * as it does while its clients are paused, and refuse them when it is a replica, which proves that they did not run.
     */
    boolean mayRefuse(RoutingTable table, RoutingTable.Node wanted) {
        return state == State.READY
                && open()
                && greeting.primary()
                && epoch < table.epoch()
                && wanted.runId().equals(greeting.runId())
                && table.answersBeside(nodeId)
                && relay == null
                && !paused
                && !replies.apart()
                && !pending.unwanted();
    }

    /**
     * Nothing more is sent on it, and who waits for something that it may yet refuse waits until then at the most; everybody else
     * goes on as if it were lost.
     */
    void retire(long untilNanos) {
        retiredUntilNanos = untilNanos;
        pending.retire(this);
        leaveIfUnwanted();
    }

    boolean retired() {
        return retiredUntilNanos != Instants.UNKNOWN;
    }

    /** Closes it if nobody waits for a refusal any more. */
    public void leaveIfUnwanted() {
        if (pending.unwanted()) {
            abandon("nothing is left that it might refuse");
        }
    }

    /** Called now and then while it is retired. */
    void checkRetired(long nowNanos) {
        if (nowNanos >= retiredUntilNanos) {
            abandon("it has refused nothing for too long");
        } else {
            leaveIfUnwanted();
        }
    }

    /** Whether replies are outstanding that some other node might give. */
    boolean owesReads() {
        return state == State.READY && !pending.isEmpty() && !greeting.primary();
    }

    /** Open, and without a reply owed or got since {@code sinceNanos}. */
    boolean unusedSince(long sinceNanos) {
        return idle() && borrower == null && lastReadNanos < sinceNanos;
    }

    long lastReadNanos() {
        return lastReadNanos;
    }

    /** Nothing outstanding and no stream: may be lent to another session. */
    public boolean idle() {
        return state == State.READY && pending.isEmpty() && relay == null;
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
        if (!(cause instanceof java.io.IOException)) {
            log.error("connection to node {} failed", nodeId, cause);
        }
        abandon(String.valueOf(cause.getMessage()));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf chunk = (ByteBuf) message;
        long readNanos = owner.nowNanos();
        lastReadNanos = readNanos;
        owner.stats().upstreamBytesRead(chunk.readableBytes());
        if (relay != null) {
            try {
                relay.onChunk(chunk, readNanos);
            } finally {
                chunk.release();
            }
        } else {
            replies.read(chunk, readNanos);
        }
        owner.flushes().passOn();
    }
}
