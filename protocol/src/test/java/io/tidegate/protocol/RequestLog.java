package io.tidegate.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.tidegate.protocol.RequestScanner.Status;
import java.util.ArrayList;
import java.util.List;

/**
 * What a {@link RequestScanner} makes of some bytes that arrive in pieces, as text that can be compared. It owns the
 * window as a session does, but moves it before each call: to another buffer, at another place, with no room behind.
 */
final class RequestLog {
    /** Without leak detection, which notes every access; each buffer is released where it is made. */
    private static final ByteBufAllocator BUFFERS = new UnpooledByteBufAllocator(true, true);

    private final RequestScanner scanner;
    private final List<String> lines = new ArrayList<>();
    private int moves;

    private RequestLog(Limits limits) {
        this.scanner = new RequestScanner(limits);
    }

    /** Scans bytes whose pieces end at {@code ends}; the last line says how it ended. */
    static List<String> of(Limits limits, byte[] bytes, int... ends) {
        RequestLog log = new RequestLog(limits);
        int start = 0;
        for (int end : ends) {
            start = log.give(bytes, start, end);
            if (start < 0) {
                break;
            }
        }
        return log.lines;
    }

    static List<String> whole(Limits limits, byte[] bytes) {
        return of(limits, bytes, bytes.length);
    }

    /** The window is bytes[start, end); returns its new start, or -1 if that was all. */
    private int give(byte[] bytes, int start, int end) {
        int lead = moves++ * 7 % 13;
        int room = lead + end - start;
        ByteBuf window = moves % 2 == 0 ? BUFFERS.heapBuffer(room, room) : BUFFERS.directBuffer(room, room);
        try {
            window.writeZero(lead).writeBytes(bytes, start, end - start);
            int from = lead;
            while (true) {
                Status status = scanner.next(window, from, window.writerIndex());
                if (status == Status.INCOMPLETE) {
                    return end - (window.writerIndex() - from);
                }
                if (status == Status.MALFORMED) {
                    lines.add("MALFORMED " + scanner.error());
                    return -1;
                }
                lines.add(found(status, from));
                from = scanner.end();
            }
        } finally {
            window.release();
        }
    }

    private String found(Status status, int from) {
        StringBuilder line = new StringBuilder().append(status).append(' ').append(scanner.end() - from);
        if (status == Status.COMMAND) {
            line.append(' ').append(Long.toHexString(scanner.name0()));
            line.append(' ').append(Long.toHexString(scanner.name1()));
            line.append(' ').append(Long.toHexString(scanner.name2()));
            line.append(' ').append(scanner.nameLength());
            for (int i = 0; i < scanner.argCount(); i++) {
                line.append(' ').append(scanner.argOffset(i) - from).append('+').append(scanner.argLength(i));
            }
        }
        return line.toString();
    }
}
