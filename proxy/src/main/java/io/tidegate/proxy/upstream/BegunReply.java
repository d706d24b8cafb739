package io.tidegate.proxy.upstream;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of a reply of which more has to arrive before it is looked at: of an error the whole line, of a scan its
 * cursor, of what is dropped all of it. Owns its buffer.
 */
final class BegunReply {
    /** An error of more bytes is no server's own, and what is asked on a client's behalf is answered in fewer. */
    static final int BYTES_MAX = 64 * 1024;

    private static final int ROOM_BYTES = 64;

    private @Nullable ByteBuf begun;

    boolean isThere() {
        return begun != null;
    }

    /** Whether so much of a reply may be kept; each time more comes it is looked at from its beginning. */
    static boolean fits(int bytes) {
        return bytes <= BYTES_MAX;
    }

    /** Whether the {@code bytes} that have come of the reply to {@code run}, the first ones, may lack some of a cursor. */
    static boolean lacksCursor(@Nullable Run run, int bytes) {
        return bytes > 0 && bytes < Run.CURSOR_BYTES_MAX && run != null && run.cursorToMark();
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
        try {
            joined.writeBytes(chunk);
        } finally {
            chunk.release();
        }
        begun = null;
        return joined;
    }

    void release() {
        if (begun != null) {
            begun.release();
            begun = null;
        }
    }
}
