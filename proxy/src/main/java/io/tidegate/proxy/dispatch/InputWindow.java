package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a client that are still needed: from the first command whose reply is not delivered (of an {@link
 * Upload}, from the first byte that was not passed on) to the last byte that arrived. Addressed by <em>position</em>,
 * the count of bytes since the client connected, which stays valid however the bytes move; {@link #index} gives the
 * place in {@link #buffer} of the moment.
 *
 * <p>Keeping the bytes until the reply is what makes retries, holds and replays simple: nothing is copied aside, the
 * session goes back to a position. Small chunks, which are nearly all, are copied into one small buffer that the session
 * keeps: that costs less than giving every chunk a buffer of its own, and what the loop reads into is free at once for
 * the next client. A large chunk is taken as it is, and while much is kept the socket is read in place.
 *
 * <p>Owns its buffer. Confined to the session's event loop.
 */
final class InputWindow {
    private static final int LARGE_BYTES = 64 * 1024;

    /** A chunk of this size is worth a buffer of its own. */
    private static final int TAKEN_BYTES_MIN = 32 * 1024;

    /** While so much is kept, what comes is read behind it. */
    private static final int IN_PLACE_BYTES_MIN = 16 * 1024;

    private static final int IN_PLACE_ROOM_BYTES = 64 * 1024;

    private static final int INITIAL_BYTES = 512;

    /** An idle client keeps a buffer of at most this. */
    private static final int IDLE_BYTES_MAX = 4 * 1024;

    private final ByteBufAllocator alloc;
    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    /** Position of the byte at index 0 of the buffer. */
    private long origin;
    /** Position of the first byte still needed. */
    private long kept;
    /** The end as of the latest chunk: what was read in place since is not told yet. */
    private long arrived;

    InputWindow(ByteBufAllocator alloc) {
        this.alloc = alloc;
    }

    /**
     * Takes ownership of {@code chunk}, whose readable bytes come next, or which is {@link #inPlace}'s.
     *
     * @return how many bytes arrived with it
     */
    @SuppressWarnings("ReferenceEquality") // This very buffer, not one of the same content.
    int append(ByteBuf chunk) {
        long before = arrived;
        if (chunk == buffer) {
            // Read in place: the writer index has moved already.
            chunk.release();
        } else if (kept == end() && chunk.readableBytes() >= TAKEN_BYTES_MIN) {
            origin = end() - chunk.readerIndex();
            buffer.release();
            buffer = chunk;
        } else {
            try {
                makeRoom(chunk.readableBytes());
                buffer.writeBytes(chunk);
            } finally {
                // Also where no memory is to be had.
                chunk.release();
            }
        }
        arrived = end();
        return (int) (arrived - before);
    }

    /** A buffer, retained for the caller, whose bytes written count as appended; null if nothing is gained by that. */
    @Nullable ByteBuf inPlace() {
        if (needed() < IN_PLACE_BYTES_MIN) {
            return null;
        }
        makeRoom(IN_PLACE_ROOM_BYTES);
        return buffer.retain();
    }

    private void makeRoom(int bytes) {
        if (buffer.maxWritableBytes() >= bytes && buffer.writableBytes() >= bytes && !buffer.isReadOnly()) {
            return;
        }
        int needed = needed();
        // A second reference is a slice on its way out: its bytes must stay where they are.
        if (buffer.refCnt() == 1 && buffer.capacity() >= needed + bytes && index(kept) > needed) {
            buffer.setBytes(0, buffer, index(kept), needed);
            buffer.setIndex(0, needed);
        } else {
            // Doubling keeps the cost of copying proportional to the bytes that arrive.
            ByteBuf larger = alloc.directBuffer(alloc.calculateNewCapacity(
                    Math.max(INITIAL_BYTES, Math.max(needed + bytes, 2 * needed)), Integer.MAX_VALUE));
            larger.writeBytes(buffer, index(kept), needed);
            buffer.release();
            buffer = larger;
        }
        origin = kept;
    }

    /** Bytes before {@code position} are not needed any more. */
    void release(long position) {
        kept = position;
        if (kept == end() && buffer.capacity() > 0) {
            origin = kept;
            if (buffer.capacity() <= IDLE_BYTES_MAX) {
                buffer.clear();
            } else {
                buffer.release();
                buffer = Unpooled.EMPTY_BUFFER;
            }
        }
    }

    /** Puts {@code command} in the place of the bytes [from, to), which must be the next command: an inline line made RESP. */
    void replace(long from, long to, ByteBuf command) {
        int before = index(from) - index(kept);
        int after = (int) (end() - to);
        ByteBuf joined = alloc.directBuffer(before + command.readableBytes() + after);
        joined.writeBytes(buffer, index(kept), before);
        joined.writeBytes(command);
        joined.writeBytes(buffer, index(to), after);
        origin = kept;
        buffer.release();
        buffer = joined;
        arrived = end();
    }

    ByteBuf buffer() {
        return buffer;
    }

    int index(long position) {
        return (int) (position - origin);
    }

    /** The position after the last byte that arrived. */
    long end() {
        return origin + buffer.writerIndex();
    }

    /** How many bytes are kept. */
    int needed() {
        return (int) (end() - kept);
    }

    /** How many bytes would fit without another buffer. */
    int room() {
        return buffer.writableBytes();
    }

    int capacity() {
        return buffer.capacity();
    }

    /** Whether so much is kept that no more should be read before some of it is answered. */
    boolean large() {
        return needed() > LARGE_BYTES;
    }

    void close() {
        buffer.release();
        buffer = Unpooled.EMPTY_BUFFER;
        origin = 0;
        kept = 0;
        arrived = 0;
    }
}
