package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.tidegate.protocol.ReplyError;
import io.tidegate.protocol.RequestScanner;
import io.tidegate.proxy.loop.OutBuffer;
import io.tidegate.proxy.loop.ReceiveBuffers;
import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.proxy.upstream.ConnectionKey;
import io.tidegate.proxy.upstream.Greeting;
import io.tidegate.proxy.upstream.ReplySink;
import io.tidegate.proxy.upstream.Run;
import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.routing.Causality;
import io.tidegate.routing.Durability;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.command.CommandSpec;
import org.jspecify.annotations.Nullable;

/**
 * One client: its unanswered input, the order of its replies, and what it has asked of its connection. Knows nothing of
 * routing; the {@link Dispatcher} moves it forward, {@link Rewinds} moves it back, its {@link Delivery} lets replies out.
 *
 * <p>Two invariants carry the rest. All commands in flight are on <em>one</em> upstream connection, {@code target}, so
 * nothing of a session overtakes anything else of it and replies arrive in the order in which they are owed. And
 * every byte from the first undelivered command on is still in {@code input}, so whatever is not answered can be looked
 * at again; but for an {@link Upload}, which is alone in flight, and answered instead. Confined to its event loop.
 */
public final class Session implements ReplySink {
    final DataLoop loop;
    final Client client;
    final Channel channel;
    final OutBuffer out;
    final InputWindow input;
    final RequestScanner scanner;
    final RequestArgs args;
    final ReplyQueue order;
    final Refusal refusal = new Refusal();
    final Checked checked = new Checked();
    final RunCursor cursor = new RunCursor();
    final Marks marks = new Marks();
    final BigReplies bigReplies = new BigReplies();
    final SlowReader slowReader = new SlowReader(this);
    final ReplyMode replies = new ReplyMode();
    final Answers answers = new Answers(this);
    final Asker asker = new Asker(this);
    final Delivery delivery;
    final Lateness lateness;

    ConnectionKey key;
    ReadLevel level;
    Durability durability;
    Causality causality;
    /** Whether it is known who it is; else it is nobody yet, whatever its key. */
    boolean authenticated;
    /** When those bytes arrived for which the servers said last that nobody may go on as nobody; 0 if they never did. */
    long strangerSinceNanos;
    /** What it may not do on its listener, null if nothing is forbidden there. */
    final @Nullable Rights rights;

    /** Position of the first command that is not dispatched. */
    long next;
    /** What held when it began. Where that bounds what one client may take, a reload changes nothing for it. */
    final DispatchSettings settings;

    /** An instant after the latest bytes were read, or after it connected. */
    long arrivalNanos;

    int inFlight;

    @Nullable UpstreamConnection target;
    /** Part of the queue, not yet sent. */
    @Nullable Run open;

    Wait wait = Wait.NONE;
    /** When waiting for a node ends in an error; 0 while nothing had to wait since the last progress. */
    long waitDeadlineNanos;

    long settleDeadlineNanos;
    boolean settleOver;
    /** Why the open run goes where it goes. */
    RouteReason reason = RouteReason.WRITE;
    /** Whether the command that had no target was answered with an error, rather than kept. */
    boolean answeredByWait;
    /** Whether replies or output filled up and dispatching goes on when they drain. */
    boolean stalled;

    /** When the command at the session's position began to wait for a node; 0 if it does not. */
    long heldSinceNanos;

    final WaitingPlace place = new WaitingPlace(this);

    long parkedBytes;

    /** When its reply began to wait for replicas; 0 if it does not. */
    long replicasAwaitedNanos;

    /** Reply bytes of servers that are kept back. */
    long keptBytes;
    /** Bytes of the proxy's own replies that wait for their turn behind others. */
    long answerBytes;

    /** A connection of its own, null while it shares. */
    @Nullable Pin pin;

    /** The command at its position, of which parts are gone already; null while every byte is kept. */
    @Nullable Upload upload;

    /** An EXEC's reply that is on its way with answers of the proxy in it; null if there is none. */
    @Nullable ExecReply execReply;

    /** What it is subscribed to, null if it never was. */
    @Nullable Listening listening;

    /** To whom its invalidations go, null if to nobody else. */
    @Nullable Redirect redirect;
    /** Where those of others come in that are for it, null if there never were any. */
    @Nullable TrackingSink sink;

    final Transaction transaction = new Transaction();
    /** What is being found out for the command at its position; of an earlier one's nothing is left. */
    @Nullable Inquiry inquiry;
    /** What was dispatched last, for CLIENT LIST; null if nothing was, or nobody knows it. */
    @Nullable CommandSpec latest;
    /** A connection on which credentials are being tried. */
    @Nullable UpstreamConnection attempt;

    /** Nothing more is dispatched; it ends when all is answered. */
    boolean closing;
    /** It ends where nothing of it is under way. */
    boolean dismissed;
    /** The proxy has ended its half of the connection, and waits for the client to end the other. */
    boolean leaving;

    boolean inputClosed;
    boolean closed;

    public Session(DataLoop loop, Channel channel, Profile profile) {
        this.loop = loop;
        this.order = new ReplyQueue(loop.plane().blockedClients());
        this.settings = loop.settings();
        this.key = settings.initialKey();
        this.delivery = new Delivery(this, loop);
        this.client = loop.plane().newClient(channel, profile);
        this.channel = channel;
        this.out = new OutBuffer(channel, loop.flushes(), loop.stats()::clientBytesWritten, this::onWritable);
        this.input = new InputWindow(channel.alloc());
        this.scanner = new RequestScanner(settings.limits());
        this.args = new RequestArgs(scanner);
        this.rights = profile.rights().restrict() ? profile.rights() : null;
        this.level = profile.level();
        this.durability = profile.durability();
        this.causality = new Causality(profile.scopeOf().apply(client.user));
        this.arrivalNanos = loop.nowNanos();
        this.lateness = new Lateness(this, arrivalNanos);
        this.authenticated = !settings.passthroughAuth();
        scanner.authenticationRequired(!authenticated);
        this.dismissed = profile.entrance().closed();
        channel.config().setWriteBufferWaterMark(settings.clientWaterMark());
        loop.sessions().add(this);
    }

    // ---- what the client's socket reports ----

    /** Bytes arrived; takes ownership of {@code chunk}. */
    public void onBytes(ByteBuf chunk) {
        if (closed || closing) {
            loop.stats().clientBytesRead(chunk.readableBytes());
            chunk.release();
            return;
        }
        arrivalNanos = loop.nowNanos();
        if (wait == Wait.NONE && order.isEmpty()) {
            // What is on its way may have waited, and be refused: more bytes do not give it more time.
            waitDeadlineNanos = 0;
        }
        loop.stats().clientBytesRead(input.append(chunk));
        if (input.needed() > settings.queryBytesMax()) {
            answers.errorAndClose(ErrorReply.OVERLOADED_WINDOW.text());
            return;
        }
        loop.dispatch(this);
        closeIfDone();
    }

    /** Where the bytes that come next belong, null if anywhere will do; see {@link ReceiveBuffers.Target}. */
    public @Nullable ByteBuf inPlace() {
        return closed || closing ? null : input.inPlace();
    }

    /** The client sends nothing more, but may still read. */
    public void onInputClosed() {
        inputClosed = true;
        if (closed) {
            close();
            return;
        }
        if (upload != null) {
            upload.inputClosed();
        }
        if (order.patient() || wait == Wait.PAUSE || (pin != null && pin.streaming())) {
            // Nobody will read what it waits for.
            Pin.leave(this);
        } else {
            closeIfDone();
        }
    }

    public void onWritable() {
        slowReader.readOn();
        if (stalled && !closed) {
            guarded(this::goOn);
        }
    }

    /** The socket is gone. */
    public void onClosed() {
        if (closed) {
            return;
        }
        closed = true;
        loop.sessions().remove(this);
        loop.plane().clients().remove(client.id);
        loop.drain().sessionEnded();
        loop.waiting().ended(this);
        loop.parking().remove(this);
        loop.pause().ended(this);
        Pins.clientGone(this);
        endSubscriptions();
        if (sink != null) {
            sink.close();
        }
        if (attempt != null) {
            attempt.close("the client went away");
        }
        if (execReply != null) {
            execReply.release();
        }
        order.dropBehind(null);
        slowReader.readOn();
        out.discard();
        input.close();
    }

    // ---- replies from upstream ----

    @Override
    public void onReplies(Run run, ByteBuf bytes, int from, int to, int frames, boolean whole, long readNanos) {
        if (closed) {
            return;
        }
        try {
            int rest = run.cursorToMark()
                    ? loop.dispatcher().scans().replied(this, run, bytes, from, to, readNanos)
                    : from;
            delivery.take(run, bytes, rest, to, frames, whole, readNanos);
        } catch (Throwable e) {
            fail(e);
        }
    }

    @Override
    public void onRefused(Run run, ReplyError error, ByteBuf bytes, int from, int to, long readNanos) {
        if (closed || loop.pause().functions().waits(this, run, bytes, from, to)) {
            return;
        }
        try {
            if (!loop.rewinds().triesAgain(this, run, error, bytes, from, to)) {
                delivery.take(run, bytes, from, to, 1, true, readNanos);
            }
        } catch (Throwable e) {
            fail(e);
        }
    }

    @Override
    public void onError(Run run, ByteBuf bytes, int from, int to, long readNanos) {
        if (closed || loop.pause().functions().waits(this, run, bytes, from, to)) {
            return;
        }
        guarded(() -> {
            failed(run, bytes, from, to);
            if (run.script()) {
                loop.scripts().failed(run, bytes, from, to);
            }
            delivery.takeError(run, bytes, from, to, readNanos);
        });
    }

    void failed(Run run, ByteBuf bytes, int from, int to) {
        transaction.failed(run);
        Pins.failed(this, run, bytes, from, to);
        redirect = redirect == null ? null : redirect.afterFailure(run);
    }

    @Override
    public void onPush(ByteBuf bytes, int from, int to) {
        guarded(() -> Redirects.pushed(this, bytes, from, to));
    }

    @Override
    public void onSwallowed(Run run, ByteBuf bytes, int from, int to, long readNanos) {
        if (inquiry != null && inquiry.askedBy(run)) {
            inquiry.replied(bytes, from, to);
        } else {
            Pins.swallowed(this, run, bytes, from, to);
        }
        onReplies(run, bytes, to, to, 1, true, readNanos);
    }

    @Override
    public void onDrained(UpstreamConnection connection) {
        guarded(() -> loop.dispatch(this));
    }

    @Override
    public void onBigReply() {
        bigReplies.begun();
    }

    @Override
    public void onBlocked(UpstreamConnection connection) {
        guarded(() -> loop.rewinds().blocked(this, connection));
    }

    @Override
    public ReplySink onRetired(UpstreamConnection connection) {
        if (LateReplies.matter(this, connection)) {
            return new LateReplies(this, connection);
        }
        onConnectionLost(connection, "its claim is over");
        return this;
    }

    @Override
    public void onConnectionLost(UpstreamConnection connection, String cause) {
        if (!closed && pin != null && pin.streaming() && pin.connection != connection) {
            // Something was asked elsewhere on its behalf.
            close();
        }
        if (closed || (pin != null && pin.streaming())) {
            return;
        }
        delivery.replyCut();
        boolean untracked = Redirects.ownLost(this, connection);
        if (untracked || delivery.midReply() || (inputClosed && order.patient())) {
            // Half a reply is out, and the client cannot tell the rest from the next one; or it is leaving.
            close();
            return;
        }
        guarded(() -> loop.rewinds().lost(this, connection));
    }

    /** A failure of ours, memory that cannot be had included: ends this session, and no other. */
    private void fail(Throwable e) {
        loop.plane().failed(client, e);
        close();
    }

    /** What it waited for may have come. All that wait are tried with every table, so it makes no object. */
    void retry() {
        try {
            loop.dispatch(this);
            closeIfDone();
        } catch (Throwable e) {
            fail(e);
        }
    }

    /** Does something on behalf of this session among others: a failure of ours ends this one only. */
    void guarded(Runnable step) {
        try {
            step.run();
        } catch (Throwable e) {
            fail(e);
        }
    }

    /** Dispatches what may be dispatched now. */
    void goOn() {
        if (order.isEmpty()) {
            target = null;
            Pins.release(this);
            if (wait == Wait.DRAIN) {
                wait = Wait.NONE;
            }
        }
        if (wait == Wait.NONE && (stalled || order.isEmpty())) {
            loop.dispatch(this);
        }
        closeIfDone();
    }

    /** Whether something is in flight that the command at hand must not overtake; then the session waits. */
    boolean busy() {
        answeredByWait = false;
        if (order.isEmpty()) {
            return false;
        }
        wait = Wait.DRAIN;
        return true;
    }

    /** Whether so much waits to go out, kept back or on its way, that nothing more should be asked for. */
    boolean outputFull() {
        return out.pendingBytes() + keptBytes + answerBytes > settings.outputBytesHigh();
    }

    // ---- what others ask of it ----

    /** Who it is. */
    public Client client() {
        return client;
    }

    /** What the server said of the connection on which its command blocks, null if none does. Nobody else gets that one. */
    public @Nullable Greeting blocks() {
        if (pin == null || !order.patient()) {
            return null;
        }
        // Should its reply come first, the number must not mean somebody else by the time the server reads it.
        pin.stateLeft = true;
        return pin.connection.greeting();
    }

    // ---- its end ----

    void closeWhenAnswered() {
        closing = true;
        channel.config().setAutoRead(false);
        closeIfDone();
    }

    /** What was to be the last command may be looked at again. */
    void reopen() {
        closing = false;
    }

    void closeIfDone() {
        if (closed || !order.isEmpty() || execReply != null) {
            return;
        }
        boolean halfClosed = !closing && inputClosed && wait == Wait.NONE && !stalled;
        if (halfClosed && !Listening.heardAll(this)) {
            return;
        }
        boolean nothingToDo = leaving ? inputClosed : closing || halfClosed;
        if (nothingToDo && !leaving && !inputClosed) {
            Farewell.begin(this);
        } else if (nothingToDo) {
            out.closeAfterFlush();
        } else if (loop.drain().ends(this)) {
            loop.drain().end(this);
        }
    }

    /** It is subscribed to nothing any more. */
    void endSubscriptions() {
        if (listening != null) {
            listening.end();
            listening = null;
        }
    }

    /**
     * The same once the server has confirmed it: it has all that was published before, and the server counts it no more.
     * False if the session has to wait for that.
     */
    boolean subscribedToNothing() {
        if (listening == null) {
            return true;
        }
        if (busy() || !listening.over()) {
            return false;
        }
        listening = null;
        return true;
    }

    /** Drops the client at once. */
    void close() {
        channel.close();
    }

    /** Drops the client, and nothing of it is dispatched any more when this returns. */
    public void kill() {
        close();
        onClosed();
    }
}
