package io.tidegate.proxy.agreement;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.tidegate.protocol.Limits;
import io.tidegate.protocol.ReplyScanner;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One connection, whose replies are read as bytes, frame by frame; messages of subscriptions apart, as they come when they
 * come. Reads whenever it writes, so that neither side waits for the other with full hands.
 */
final class Wire implements AutoCloseable {
    private static final int READ_BYTES = 256 * 1024;
    private static final int MESSAGE_HEAD_CHARS = 32;
    private static final Pattern MESSAGE =
            Pattern.compile("[*>][34]\r\n\\$[789]\r\n[ps]?message\r\n.*", Pattern.DOTALL);

    private final SocketChannel channel;
    private final Selector selector;
    private final ByteBuffer chunk = ByteBuffer.allocate(READ_BYTES);
    private final ByteBuf received = Unpooled.buffer();
    private final ReplyScanner scanner = new ReplyScanner(Limits.redisDefaults());
    private int scanned;
    private boolean ended;

    private final Deque<byte[]> replies = new ArrayDeque<>();
    private final List<byte[]> messages = new ArrayList<>();

    Wire(InetSocketAddress address) throws IOException {
        channel = SocketChannel.open(address);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        selector = Selector.open();
        channel.register(selector, SelectionKey.OP_READ);
    }

    /** Sends these bytes in pieces. */
    void send(List<byte[]> pieces) throws IOException {
        for (byte[] piece : pieces) {
            ByteBuffer bytes = ByteBuffer.wrap(piece);
            while (bytes.hasRemaining()) {
                if (channel.write(bytes) == 0) {
                    channel.keyFor(selector).interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                    selector.select();
                    selector.selectedKeys().clear();
                    channel.keyFor(selector).interestOps(SelectionKey.OP_READ);
                }
                take();
            }
        }
    }

    /** Takes what has arrived, without waiting. */
    void take() throws IOException {
        int read = 1;
        while (!ended && read > 0) {
            chunk.clear();
            try {
                read = channel.read(chunk);
            } catch (IOException reset) {
                read = -1;
            }
            ended = read < 0;
            received.writeBytes(chunk.flip());
        }
        while (scanFrame()) {
            // One after the other.
        }
    }

    private boolean scanFrame() throws IOException {
        scanned = scanner.next(received, scanned, received.writerIndex());
        if (scanner.error() != null) {
            throw new IOException("not a reply: " + scanner.error());
        }
        if (!scanner.complete()) {
            return false;
        }
        byte[] frame = ByteBufUtil.getBytes(received, received.readerIndex(), scanned - received.readerIndex());
        received.readerIndex(scanned).discardReadBytes();
        scanned = received.readerIndex();
        String head = new String(frame, 0, Math.min(frame.length, MESSAGE_HEAD_CHARS), ISO_8859_1);
        if (MESSAGE.matcher(head).matches()) {
            messages.add(frame);
        } else {
            replies.add(frame);
        }
        return true;
    }

    /** What is waited for. */
    interface Arrival {
        boolean isThere();
    }

    /** Whether it came in time. */
    boolean await(Arrival arrival, Duration patience) throws IOException {
        long deadlineNanos = System.nanoTime() + patience.toNanos();
        take();
        while (!arrival.isThere()) {
            long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
            if (ended || leftMillis <= 0) {
                return false;
            }
            selector.select(leftMillis);
            selector.selectedKeys().clear();
            take();
        }
        return true;
    }

    /** The replies that have arrived, up to that many, or those before the end; what is missing is missing. */
    List<byte[]> replies(int count, Duration patience) throws IOException {
        await(() -> replies.size() >= count, patience);
        List<byte[]> taken = new ArrayList<>();
        while (taken.size() < count && !replies.isEmpty()) {
            taken.add(replies.remove());
        }
        return taken;
    }

    /** Whether the other side closed the connection. */
    boolean ends(Duration patience) throws IOException {
        await(() -> ended, patience);
        return ended;
    }

    /** Replies that nobody asked for. */
    List<byte[]> leftOver() {
        return List.copyOf(replies);
    }

    /** Messages that have arrived so far. */
    List<byte[]> messages() {
        return messages;
    }

    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }
}
