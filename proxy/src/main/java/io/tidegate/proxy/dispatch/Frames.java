package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.tidegate.protocol.Limits;
import io.tidegate.protocol.ReplyScanner;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what a server sends unasked into frames, however it comes, and looks at each byte once. The begin of a frame whose end
 * has not come is kept, up to a limit. Confined to its event loop.
 */
final class Frames {
    /** Who gets them. */
    interface Taker {
        /** Of the frame [from, to): null if it belongs here, else what is wrong with it. */
        @Nullable String take(ByteBuf bytes, int from, int to);
    }

    private final ByteBufAllocator alloc;
    private final ReplyScanner scanner;
    /** The begin of a frame whose end has not come, up to where it was scanned. */
    private @Nullable ByteBuf begun;

    Frames(ByteBufAllocator alloc, Limits limits) {
        this.alloc = alloc;
        this.scanner = new ReplyScanner(limits);
    }

    /** Whether the frame that is being taken is a push. */
    boolean push() {
        return scanner.push();
    }

    /**
     * Gives {@code taker} what is whole with {@code chunk}, which stays the caller's.
     *
     * @param bytesMax of a frame that is not
     * @param tooLong what is wrong with one that is longer
     * @return what is wrong, upon which the connection is of no more use; null if nothing is
     */
    @Nullable String read(ByteBuf chunk, long bytesMax, String tooLong, Taker taker) {
        ByteBuf all = begun;
        int scanned;
        if (all == null) {
            all = chunk.retain();
            scanned = all.readerIndex();
        } else {
            scanned = all.writerIndex();
            all.writeBytes(chunk, chunk.readerIndex(), chunk.readableBytes());
        }
        boolean own = begun != null;
        begun = null;
        try {
            int from = all.readerIndex();
            while (scanned < all.writerIndex()) {
                scanned = scanner.next(all, scanned, all.writerIndex());
                boolean whole = scanner.complete();
                String mistake = whole ? taker.take(all, from, scanned) : scanner.error();
                if (mistake != null) {
                    return "malformed reply: " + mistake;
                }
                from = whole ? scanned : from;
            }
            if (all.writerIndex() - from > bytesMax) {
                return tooLong;
            }
            keepRest(all, from, own);
            return null;
        } finally {
            all.release();
        }
    }

    private void keepRest(ByteBuf all, int from, boolean own) {
        int length = all.writerIndex() - from;
        if (length > 0) {
            // A slice of what is whole may be on its way to a client: the rest goes elsewhere.
            boolean untouched = own && from == all.readerIndex() && all.refCnt() == 1;
            begun = untouched ? all.retain() : alloc.buffer(2 * length).writeBytes(all, from, length);
        }
    }

    /** The connection is gone: another one begins with a whole frame. */
    void reset() {
        scanner.reset();
        if (begun != null) {
            begun.release();
            begun = null;
        }
    }
}
