package io.tidegate.proxy.loop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes on their way out of one channel, in order: small pieces copied into one buffer, large ones as slices.
 *
 * <p>Ownership: the buffer under construction belongs to this object until {@link #flush} hands it to the channel;
 * {@link #discard} releases it if the channel is gone.
 */
public final class OutBuffer {
    /** Below this a copy is cheaper than a slice with its reference count and its own entry in the channel's queue. */
    static final int COPY_BYTES_MAX = 32 * 1024;

    private static final int INITIAL_BYTES = 512;

    /** What becomes of the channel when all is with the kernel. */
    private enum End {
        NONE,
        HALF,
        WHOLE
    }

    /** A buffer that has not grown beyond this is used again; a channel costs no more than this while it is idle. */
    private static final int REUSED_BYTES_MAX = 4 * 1024;

    private final Channel channel;
    private final FlushBatch batch;
    private final LongConsumer written;
    private final Runnable flushed;
    private @Nullable ByteBuf buffer;
    /** The buffer handed over last, one reference of which is kept; free again when the channel has released its own. */
    private @Nullable ByteBuf spare;

    /** Bytes that the channel was given. */
    private long handedOver;

    // As of the last look at what the channel still has: its first message, how much of that is gone, and by how much
    // what it was given exceeds what it has.
    private int firstSeen;
    private long firstTaken;
    private long goneAtLeast;

    private boolean dirty;
    private boolean discarded;
    private End end = End.NONE;
    private Runnable onHalfEnded = () -> {};

    /**
     * Empty.
     *
     * @param written counts the bytes handed to the channel
     * @param flushed is told after each flush that left the channel writable
     */
    public OutBuffer(Channel channel, FlushBatch batch, LongConsumer written, Runnable flushed) {
        this.channel = channel;
        this.batch = batch;
        this.written = written;
        this.flushed = flushed;
    }

    /** Appends bytes [from, to) of {@code source}, which stays the caller's. */
    public void append(ByteBuf source, int from, int to) {
        if (discarded || from == to) {
            return;
        }
        int length = to - from;
        if (length < COPY_BYTES_MAX) {
            writable().writeBytes(source, from, length);
        } else {
            handOver();
            // The slice holds one reference to the source; the channel releases it when written or failed.
            channel.write(source.retainedSlice(from, length), channel.voidPromise());
            handedOver += length;
            written.accept(length);
            markDirty();
            batch.addSliced(this);
        }
    }

    /** What the buffer for small pieces takes, whatever is in it. */
    public int bufferBytes() {
        ByteBuf current = buffer == null ? spare : buffer;
        return current == null ? 0 : current.capacity();
    }

    /** The buffer under construction, for those who write replies in place; marks the channel dirty. */
    public ByteBuf writable() {
        ByteBuf current = buffer;
        if (current == null) {
            current = empty();
            buffer = current;
        }
        markDirty();
        return current;
    }

    private ByteBuf empty() {
        ByteBuf free = spare;
        spare = null;
        if (free != null) {
            if (free.refCnt() == 1) {
                return free.clear();
            }
            free.release();
        }
        return channel.alloc().directBuffer(INITIAL_BYTES);
    }

    /** Bytes accepted but not yet taken by the kernel. */
    public long pendingBytes() {
        ChannelOutboundBuffer queued = channel.unsafe().outboundBuffer();
        long inChannel = queued == null ? 0 : queued.totalPendingWriteBytes();
        return inChannel + (buffer == null ? 0 : buffer.readableBytes());
    }

    /**
     * Whether the kernel has taken some bytes since this was last asked, or none wait for that. With TLS it may seem so once
     * too often.
     */
    public boolean progressed() {
        ChannelOutboundBuffer queued = channel.unsafe().outboundBuffer();
        if (queued == null || queued.isEmpty()) {
            return true;
        }
        int first = System.identityHashCode(queued.current());
        long taken = queued.currentProgress();
        long gone = handedOver - queued.totalPendingWriteBytes();
        // A message may come again under the same identity: then more is gone.
        boolean progressed = first != firstSeen || taken != firstTaken || gone > goneAtLeast;
        firstSeen = first;
        firstTaken = taken;
        goneAtLeast = gone;
        return progressed;
    }

    /** Closes the channel when all that was appended so far is with the kernel. */
    public void closeAfterFlush() {
        end = End.WHOLE;
        markDirty();
    }

    /**
     * The same for the outgoing half: the channel can still be read.
     *
     * @param halfEnded called on the event loop then, however long the other side took to read what was there
     */
    public void endAfterFlush(Runnable halfEnded) {
        end = End.HALF;
        onHalfEnded = halfEnded;
        markDirty();
    }

    /** Drops what was not handed over, and everything appended from now on. */
    public void discard() {
        discarded = true;
        if (buffer != null) {
            buffer.release();
            buffer = null;
        }
        dropSpare();
    }

    private void dropSpare() {
        if (spare != null) {
            spare.release();
            spare = null;
        }
    }

    /** Ends the channel, with whatever it has not taken yet. */
    void close() {
        channel.close();
    }

    @Override
    public String toString() {
        return channel.toString();
    }

    /** Gives the kernel what there is, before the turn of {@link #flush}, which still comes. */
    void passOn() {
        if (!discarded) {
            handOver();
            channel.flush();
        }
    }

    void flush() {
        dirty = false;
        if (discarded) {
            return;
        }
        handOver();
        switch (end) {
            case HALF -> channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> endHalf());
            case WHOLE -> channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            case NONE -> {
                channel.flush();
                if (channel.isWritable()) {
                    flushed.run();
                }
            }
        }
    }

    private void endHalf() {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            halfEnded();
        } else {
            // Without its close_notify an end looks like one that somebody in between has made.
            tls.closeOutbound().addListener(told -> halfEnded());
        }
    }

    private void halfEnded() {
        ((DuplexChannel) channel).shutdownOutput();
        onHalfEnded.run();
    }

    private void markDirty() {
        if (!dirty) {
            dirty = true;
            batch.add(this);
        }
    }

    private void handOver() {
        ByteBuf full = buffer;
        if (full != null) {
            handedOver += full.readableBytes();
            written.accept(full.readableBytes());
            buffer = null;
            if (full.capacity() <= REUSED_BYTES_MAX) {
                dropSpare();
                spare = full.retain();
            }
            channel.write(full, channel.voidPromise());
        }
    }
}
