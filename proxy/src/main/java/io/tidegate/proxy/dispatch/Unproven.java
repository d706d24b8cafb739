package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of a stream that no evidence reaches yet, in pieces by when they were read, so that evidence releases what it
 * reaches and not only all of it. Of more than a limited number of pieces the two neighbours that are closest in time
 * become one, which then goes out when its latest byte is proven: never too early, and later by little.
 *
 * <p>Each piece owns its buffer. Whoever takes one gets the buffer with it, and nothing is written to it any more: part of
 * it may stand in a socket's queue for long.
 */
final class Unproven {
    static final int PIECES_MAX = 64;

    private final List<Piece> pieces = new ArrayList<>();
    private int bytes;

    private static final class Piece {
        final long firstReadNanos;
        long lastReadNanos;
        final ByteBuf bytes;

        Piece(long readNanos, ByteBuf bytes) {
            this.firstReadNanos = readNanos;
            this.lastReadNanos = readNanos;
            this.bytes = bytes;
        }
    }

    /** Takes a copy of the readable bytes of {@code chunk}, which was read at {@code readNanos}, after all others. */
    void add(ByteBuf chunk, long readNanos) {
        int length = chunk.readableBytes();
        ByteBuf copy = chunk.alloc().buffer(length).writeBytes(chunk, chunk.readerIndex(), length);
        pieces.add(new Piece(readNanos, copy));
        bytes += length;
        if (pieces.size() > PIECES_MAX) {
            joinClosest();
        }
    }

    private void joinClosest() {
        int closest = 0;
        for (int i = 1; i + 1 < pieces.size(); i++) {
            if (span(i) < span(closest)) {
                closest = i;
            }
        }
        Piece left = pieces.get(closest);
        Piece right = pieces.remove(closest + 1);
        left.bytes.writeBytes(right.bytes);
        left.lastReadNanos = right.lastReadNanos;
        right.bytes.release();
    }

    /** How long it took to read piece {@code index} and the next one. */
    private long span(int index) {
        return pieces.get(index + 1).lastReadNanos - pieces.get(index).firstReadNanos;
    }

    boolean isEmpty() {
        return pieces.isEmpty();
    }

    int bytes() {
        return bytes;
    }

    /** When the first of these bytes was read; only if there are any. */
    long oldestNanos() {
        return pieces.get(0).firstReadNanos;
    }

    /** The instant that evidence must reach for the first piece to go out; only if there is one. */
    long neededNanos() {
        return pieces.get(0).lastReadNanos;
    }

    /** The first piece, now the caller's to release; only if there is one. */
    ByteBuf take() {
        ByteBuf first = pieces.remove(0).bytes;
        bytes -= first.readableBytes();
        return first;
    }

    void release() {
        for (Piece piece : pieces) {
            piece.bytes.release();
        }
        pieces.clear();
        bytes = 0;
    }
}
