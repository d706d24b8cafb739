package io.tidegate.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.protocol.ReplyError;
import io.tidegate.routing.Durability;
import io.tidegate.routing.Instants;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive commands of one session that went to one upstream connection together: the unit of sending, of order and
 * of proof. Its commands are not objects; they are the bytes [start, end) of the session's input, which the session
 * keeps until their replies are delivered, so that an unanswered tail can be looked at again. The exception is an
 * <em>upload</em>: one command whose bytes were passed on as they came and are gone.
 *
 * <p>A run hangs in two queues, its session's (order of replies to the client) and its connection's (order of replies
 * from the server), and returns to its loop's pool when it has left both. Confined to its event loop.
 */
public final class Run {
    /** A scan's reply up to the end of its cursor: an array of two, the first of them a string of up to 20 digits. */
    public static final int CURSOR_BYTES_MAX = "*2\r\n$20\r\n18446744073709551615\r\n".length();

    private static final int IN_SESSION = 1;
    private static final int IN_CONNECTION = 2;

    private static final ReplySink NOBODY = new ReplySink() {
        @Override
        public void onReplies(Run run, ByteBuf bytes, int from, int to, int frames, boolean whole, long readNanos) {
            // The session that asked has given the run up.
        }

        @Override
        public void onRefused(Run run, ReplyError error, ByteBuf bytes, int from, int to, long readNanos) {
            // As above.
        }

        @Override
        public void onConnectionLost(UpstreamConnection lost, String cause) {
            // As above.
        }
    };

    private final RunPool pool;
    private int membership;

    /** Next in the session's queue. */
    public @Nullable Run nextInSession;

    @Nullable Run nextInConnection;

    private @Nullable ReplySink sink;
    private @Nullable UpstreamConnection connection;
    private long startPosition;
    private long endPosition;
    private int commands;
    private int unanswered;
    private int swallow;
    private int reads;
    private int writes;
    private boolean needsEvidence;
    private Durability durability = Durability.ACKNOWLEDGED;
    private boolean script;
    private boolean cursorToMark;
    private long arrivedNanos;
    private long sentNanos;
    private long readNanos;
    private @Nullable ByteBuf kept;
    private int keptWholeBytes;
    private boolean forgotten;
    private boolean silent;
    private boolean patient;
    private int spilled;
    private boolean upload;
    private boolean rewritten;
    /** Its last byte is not sent: the server owes nothing yet, and has executed nothing. */
    private boolean unfinished;

    private boolean writtenOff;

    Run(RunPool pool) {
        this.pool = pool;
    }

    /** Starts a run whose first command begins at {@code position} of the session's input; it is in the session's queue. */
    public void open(ReplySink owner, @Nullable UpstreamConnection target, long position) {
        sink = owner;
        connection = target;
        startPosition = position;
        endPosition = position;
        commands = 0;
        unanswered = 0;
        swallow = 0;
        reads = 0;
        writes = 0;
        needsEvidence = false;
        durability = Durability.ACKNOWLEDGED;
        script = false;
        cursorToMark = false;
        arrivedNanos = Instants.UNKNOWN;
        sentNanos = Instants.UNKNOWN;
        readNanos = 0;
        forgotten = false;
        silent = false;
        patient = false;
        spilled = 0;
        upload = false;
        rewritten = false;
        unfinished = false;
        writtenOff = false;
        membership = IN_SESSION;
    }

    /** Makes it an upload, of which nothing is sent so far. It needs no evidence: before its end no reply acknowledges. */
    public void beginUpload() {
        commands = 1;
        unanswered = 1;
        upload = true;
        unfinished = true;
    }

    /** The upload's bytes before {@code position} are sent. */
    public void uploaded(long position) {
        endPosition = position;
    }

    /** The upload's last byte is sent. */
    public void endUpload(boolean isWrite, boolean isFenced) {
        unfinished = false;
        reads = isWrite ? 0 : 1;
        writes = isWrite ? 1 : 0;
        needsEvidence = isFenced;
    }

    /** Whether its bytes are gone, so that its command cannot be looked at again. */
    public boolean upload() {
        return upload;
    }

    /** Whether silence of the server means anything. */
    boolean owed() {
        return !patient && !unfinished;
    }

    /** Takes one more command, which ends at {@code position}. */
    public void add(long position, boolean isWrite, boolean isFenced) {
        endPosition = position;
        commands++;
        unanswered++;
        reads += isWrite ? 0 : 1;
        writes += isWrite ? 1 : 0;
        needsEvidence |= isFenced;
    }

    /** An instant after the bytes of its commands had come, the first ones at least. */
    public void arrived(long nanos) {
        arrivedNanos = nanos;
    }

    /** Unknown where nobody said. */
    public long arrivedNanos() {
        return arrivedNanos;
    }

    /** The command added last runs a script or a function. */
    public void scriptLast() {
        script = true;
    }

    public boolean script() {
        return script;
    }

    /** Its only command is a scan, whose cursor is to be marked: the first bytes of the reply come with all of it. */
    public void markCursor() {
        cursorToMark = true;
    }

    public boolean cursorToMark() {
        return cursorToMark;
    }

    public void cursorMarked() {
        cursorToMark = false;
    }

    /** The command added last is a read that is at the primary for want of a replica. */
    public void spillLast() {
        spilled++;
    }

    int spilled() {
        return spilled;
    }

    /** Does not count for its node's load any more, although replies are still to come. */
    void writeOff() {
        writtenOff = true;
    }

    boolean writtenOff() {
        return writtenOff;
    }

    /** The client wants no reply to any of its commands: whatever comes, or would be said instead, ends here. */
    public void silence() {
        silent = true;
    }

    public boolean silent() {
        return silent;
    }

    /** Whether nobody waits for its replies any more. */
    boolean unwanted() {
        return sink == NOBODY;
    }

    /** Its only command may rightly take for ever: silence proves nothing. */
    public void bePatient() {
        patient = true;
    }

    public boolean patient() {
        return patient;
    }

    /** The reply to the command added last was given to the client before, over an earlier connection: drop it. */
    public void swallowLast() {
        swallow++;
    }

    /**
     * Keeps reply bytes back until they may go; the bytes are copied, the source stays the caller's.
     *
     * @param whole whether a reply ends at {@code to}
     */
    public void keep(ByteBuf source, int from, int to, boolean whole) {
        if (forgotten) {
            throw new IllegalStateException("a reply to a run whose replies are forgotten (expected: none is kept)");
        }
        ByteBuf buffer = kept;
        if (buffer == null) {
            buffer = source.alloc().buffer(to - from);
            kept = buffer;
        }
        buffer.writeBytes(source, from, to - from);
        if (whole) {
            keptWholeBytes = buffer.readableBytes();
        }
    }

    /** Its only reply is not passed on as it is: it is kept until it is whole. */
    public void rewrite() {
        if (commands != 1) {
            throw new IllegalStateException(commands + " commands (expected: one whose reply is to be rewritten)");
        }
        rewritten = true;
        keep(Unpooled.EMPTY_BUFFER, 0, 0, false);
    }

    public boolean rewritten() {
        return rewritten;
    }

    /** Takes ownership of a reply made by the proxy itself to the command that ends at {@code position}. */
    public void answer(long position, ByteBuf reply) {
        endPosition = position;
        commands = 1;
        kept = reply;
    }

    public void dropKept() {
        if (kept != null) {
            kept.release();
            kept = null;
        }
        keptWholeBytes = 0;
    }

    public @Nullable ByteBuf kept() {
        return kept;
    }

    /** Drops the replies that are kept, and those that still come: nobody will see them. */
    public void forget() {
        dropKept();
        forgotten = true;
    }

    public boolean forgotten() {
        return forgotten;
    }

    /** Null for a reply that the proxy made itself. */
    public @Nullable UpstreamConnection connection() {
        return connection;
    }

    public long startPosition() {
        return startPosition;
    }

    public long endPosition() {
        return endPosition;
    }

    public int commands() {
        return commands;
    }

    public int unanswered() {
        return unanswered;
    }

    public boolean answered() {
        return unanswered == 0;
    }

    /** Whether it holds a command that only reads. */
    public boolean read() {
        return reads > 0;
    }

    public int reads() {
        return reads;
    }

    /** Whether it holds a command that may change data. */
    public boolean write() {
        return writes > 0;
    }

    /** Its commands that may change data, of a part those of the whole. */
    public int writes() {
        return writes;
    }

    /** How many writes are among its first {@code replies} commands at least: all reads may be. */
    public int writesAtLeast(int replies) {
        return Math.max(0, replies - reads);
    }

    /** How many writes are among its first {@code replies} commands at most. */
    public int writesAtMost(int replies) {
        return Math.min(replies, writes);
    }

    /**
     * Another run in place of this one, for its session alone: the first {@code count} commands, which end at {@code position}
     * and are answered, with {@code keptBytes} of the replies that are kept. What this one's connection may still owe it owes
     * to this one.
     */
    public Run answeredPart(int count, long position, int keptBytes) {
        Run part = pool.take();
        part.open(sink(), connection, startPosition);
        part.endPosition = position;
        part.commands = count;
        part.reads = reads;
        part.writes = writes;
        part.needsEvidence = needsEvidence;
        part.durability = durability;
        part.script = script;
        part.arrivedNanos = arrivedNanos;
        part.sentNanos = sentNanos;
        part.readNanos = readNanos;
        part.forgotten = forgotten;
        part.silent = silent;
        part.rewritten = rewritten;
        if (kept != null) {
            part.kept = kept.writerIndex(kept.readerIndex() + keptBytes);
            kept = null;
        }
        return part;
    }

    /** Reply bytes of a server that are kept back. */
    public int keptBytes() {
        return kept == null || connection == null ? 0 : kept.readableBytes();
    }

    /** Bytes of the proxy's own reply. */
    public int answerBytes() {
        return kept == null || connection != null ? 0 : kept.readableBytes();
    }

    /** Bytes kept back up to the end of the last whole reply. */
    public int keptWholeBytes() {
        return keptWholeBytes;
    }

    /** It waits for evidence, though none of its commands asks for any: the server was in doubt when it replied. */
    public void demandEvidence() {
        needsEvidence = true;
    }

    public boolean needsEvidence() {
        return needsEvidence;
    }

    /** It holds a command whose reply tells of data that must be held by more than the primary. */
    public void mustBeHeld(Durability rule) {
        durability = rule;
    }

    /** Who must hold what its replies tell of before they go, besides the primary. */
    public Durability durability() {
        return durability;
    }

    /** The instant of its latest reply: the evidence that releases it must reach so far. */
    public long readNanos() {
        return readNanos;
    }

    ReplySink sink() {
        if (sink == null) {
            throw new IllegalStateException("a pooled run has no session");
        }
        return sink;
    }

    /** Has another one hear of it from now on. */
    void passTo(ReplySink heir) {
        sink = heir;
    }

    int swallow() {
        return swallow;
    }

    void swallowed() {
        swallow--;
    }

    void replied(int frames, long nanos) {
        unanswered -= frames;
        readNanos = nanos;
    }

    /** An instant before its first byte could be written; {@link Instants#UNKNOWN} if none was sent. */
    public long sentNanos() {
        return sentNanos;
    }

    void joinConnection(long nowNanos) {
        membership |= IN_CONNECTION;
        sentNanos = nowNanos;
    }

    void leaveConnection() {
        leave(IN_CONNECTION);
    }

    void leaveConnectionIfAnswered() {
        if (answered()) {
            leaveConnection();
        }
    }

    /** The session is done with it. */
    public void leaveSession() {
        dropKept();
        nextInSession = null;
        // Replies that still come are nobody's.
        sink = NOBODY;
        leave(IN_SESSION);
    }

    private void leave(int queue) {
        membership &= ~queue;
        if (membership == 0) {
            dropKept();
            sink = null;
            connection = null;
            nextInConnection = null;
            pool.give(this);
        }
    }
}
