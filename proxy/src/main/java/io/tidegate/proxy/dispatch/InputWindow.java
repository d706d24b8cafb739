package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/**
 * The bytes of a client that are still needed: from the first command whose reply is not delivered to the last byte
 * that arrived. Addressed by <em>position</em>, the count of bytes since the client connected, which stays valid
 * however the bytes move; {@link #index} gives the place in {@link #buffer} of the moment.
 *
 * <p>Keeping the bytes until the reply is what makes retries, holds and replays simple: nothing is copied aside, the
 * session goes back to a position. While a client waits for its replies it sends nothing more, so in the common case
 * the window is the very buffer that Netty read into, used once and released; only what arrives on top of bytes still
 * in use is copied.
 *
 * <p>Owns its buffer. Confined to the session's event loop.
 */
final class InputWindow {
    private static final int SHRINK_BYTES = 64 * 1024;

    private final ByteBufAllocator alloc;
    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    /** Position of the byte at index 0 of the buffer. */
    private long origin;
    /** Position of the first byte still needed. */
    private long kept;

    InputWindow(ByteBufAllocator alloc) {
        this.alloc = alloc;
    }

    /** Takes ownership of {@code chunk}, whose readable bytes come next. */
    void append(ByteBuf chunk) {
        if (kept == end()) {
            origin = end() - chunk.readerIndex();
            buffer.release();
            buffer = chunk;
        } else {
            makeRoom(chunk.readableBytes());
            buffer.writeBytes(chunk);
            chunk.release();
        }
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
            ByteBuf larger = alloc.buffer(Math.max(needed + bytes, 2 * needed));
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
            buffer.release();
            buffer = Unpooled.EMPTY_BUFFER;
        }
    }

    /** Puts {@code command} in the place of the bytes [from, to), which must be the next command: an inline line made RESP. */
    void replace(long from, long to, ByteBuf command) {
        int before = index(from) - index(kept);
        int after = (int) (end() - to);
        ByteBuf joined = alloc.buffer(before + command.readableBytes() + after);
        joined.writeBytes(buffer, index(kept), before);
        joined.writeBytes(command);
        joined.writeBytes(buffer, index(to), after);
        origin = kept;
        buffer.release();
        buffer = joined;
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

    /** Whether so much is kept that no more should be read before some of it is answered. */
    boolean large() {
        return needed() > SHRINK_BYTES;
    }

    void close() {
        buffer.release();
        buffer = Unpooled.EMPTY_BUFFER;
        origin = 0;
        kept = 0;
    }
}
