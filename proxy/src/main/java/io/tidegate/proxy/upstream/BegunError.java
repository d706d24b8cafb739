package io.tidegate.proxy.upstream;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** The beginning of an error line whose end has not arrived: errors are looked at whole. Owns its buffer. */
final class BegunError {
    private static final int ROOM_BYTES = 64;

    private @Nullable ByteBuf begun;

    boolean isThere() {
        return begun != null;
    }

    /** Takes a copy of bytes [from, end) of {@code chunk}. */
    void keep(ByteBuf chunk, int from, int end) {
        begun = chunk.alloc().buffer(end - from + ROOM_BYTES).writeBytes(chunk, from, end - from);
    }

    /** The beginning with {@code chunk} behind it, the caller's to release; takes ownership of {@code chunk}. */
    ByteBuf join(ByteBuf chunk) {
        ByteBuf joined = begun;
        if (joined == null) {
            return chunk;
        }
        begun = null;
        joined.writeBytes(chunk);
        chunk.release();
        return joined;
    }

    void release() {
        if (begun != null) {
            begun.release();
            begun = null;
        }
    }
}
