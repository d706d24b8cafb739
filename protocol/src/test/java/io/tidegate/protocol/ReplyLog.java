package io.tidegate.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;

/**
 * What a {@link ReplyScanner} makes of some bytes that arrive in pieces, as text that can be compared. Every piece is in
 * a buffer of its own, which is gone before the next one comes.
 */
final class ReplyLog {
    /** Without leak detection, which notes every access; each buffer is released where it is made. */
    private static final ByteBufAllocator BUFFERS = new UnpooledByteBufAllocator(true, true);

    private final ReplyScanner scanner;
    private final List<String> lines = new ArrayList<>();
    private int pieces;

    private ReplyLog(Limits limits) {
        this.scanner = new ReplyScanner(limits);
    }

    /** Scans bytes whose pieces end at {@code ends}; a line per reply, one more for an error. */
    static List<String> of(Limits limits, byte[] bytes, int... ends) {
        ReplyLog log = new ReplyLog(limits);
        int start = 0;
        for (int end : ends) {
            log.give(bytes, start, end);
            if (log.scanner.error() != null) {
                break;
            }
            start = end;
        }
        return log.lines;
    }

    static List<String> whole(Limits limits, byte[] bytes) {
        return of(limits, bytes, bytes.length);
    }

    private void give(byte[] bytes, int start, int end) {
        int lead = pieces++ * 7 % 13;
        int room = lead + end - start;
        ByteBuf piece = pieces % 2 == 0 ? BUFFERS.heapBuffer(room, room) : BUFFERS.directBuffer(room, room);
        try {
            piece.writeZero(lead).writeBytes(bytes, start, end - start);
            int at = lead;
            while (at < room) {
                at = scanner.next(piece, at, room);
                if (scanner.complete()) {
                    lines.add((char) scanner.type() + (scanner.push() ? " push" : "") + " to " + (start + at - lead));
                } else if (scanner.error() != null) {
                    lines.add("error: " + scanner.error());
                }
            }
        } finally {
            piece.release();
        }
    }
}
