package io.tidegate.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.tidegate.protocol.RequestScanner.Status;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;

/** Frames are scanned without allocating anything, whatever they announce. */
class AllocationTest {
    private static final int ROUNDS = 2_000;

    /** For all the rounds: what the measuring itself may take; a byte per round would be more. */
    private static final long BYTES_MAX = 1_000;

    private static final Limits LIMITS = Limits.redisDefaults();

    @Test
    void ofAPipelineOfCommands() {
        StringBuilder pipeline = new StringBuilder();
        for (int i = 0; i < 32; i++) {
            pipeline.append("*2\r\n$3\r\nGET\r\n$")
                    .append(i)
                    .append("\r\n")
                    .append("k".repeat(i))
                    .append("\r\n");
            pipeline.append("PING\r\n*0\r\n");
            pipeline.append("*20\r\n").append("$12\r\nHINCRBYFLOAT\r\n".repeat(20));
        }
        RequestScanner scanner = new RequestScanner(LIMITS);
        assertAllocatesNothing(pipeline.toString(), buf -> {
            int at = 0;
            int found = 0;
            for (Status status; (status = scanner.next(buf, at, buf.writerIndex())) != Status.INCOMPLETE; ) {
                at = scanner.end();
                found += status == Status.COMMAND ? scanner.argLength(scanner.argCount() - 1) : 1;
            }
            return found;
        });
    }

    @Test
    void ofCommandsByteByByte() {
        RequestScanner scanner = new RequestScanner(LIMITS);
        assertAllocatesNothing("*2\r\n$12\r\nHINCRBYFLOAT\r\n$100\r\n" + "x".repeat(100) + "\r\n", buf -> {
            int found = 0;
            for (int to = 1; to <= buf.writerIndex(); to++) {
                found += scanner.next(buf, 0, to) == Status.COMMAND ? 1 : 0;
            }
            return found;
        });
    }

    @Test
    void ofAPipelineOfReplies() {
        String one =
                "+OK\r\n:1\r\n$16\r\n0123456789abcdef\r\n$-1\r\n*2\r\n%1\r\n_\r\n,1.5\r\n|1\r\n+a\r\n+b\r\n=5\r\ntxt:x\r\n-ERR no\r\n";
        ReplyScanner scanner = new ReplyScanner(LIMITS);
        assertAllocatesNothing(one.repeat(32), buf -> {
            int found = 0;
            for (int at = 0; at < buf.writerIndex(); ) {
                at = scanner.next(buf, at, buf.writerIndex());
                found += scanner.type();
            }
            return found;
        });
    }

    @Test
    void ofRepliesByteByByte() {
        ReplyScanner scanner = new ReplyScanner(LIMITS);
        assertAllocatesNothing(
                "*3\r\n$16\r\n0123456789abcdef\r\n+a line of text\r\n%1\r\n:1\r\n#t\r\n",
                buf -> {
                    int found = 0;
                    for (int at = 0; at < buf.writerIndex(); at++) {
                        scanner.next(buf, at, at + 1);
                        found += scanner.complete() ? 1 : 0;
                    }
                    return found;
                });
    }

    @Test
    void ofWhatIsOnlyAnnounced() {
        RequestScanner requests = new RequestScanner(LIMITS);
        assertAllocatesNothing("*1000000\r\n$536870912\r\nx", buf -> {
            requests.reset();
            return requests.next(buf, 0, buf.writerIndex()) == Status.MALFORMED ? 1 : 0;
        });
        assertAllocatesNothing("*1000000\r\n$536870913\r\nx", buf -> {
            requests.reset();
            return requests.next(buf, 0, buf.writerIndex()) == Status.MALFORMED ? 1 : 0;
        });
        ReplyScanner replies = new ReplyScanner(LIMITS);
        assertAllocatesNothing(
                "*1000000\r\n%4294967296\r\n$4294967296\r\nx",
                buf -> {
                    replies.reset();
                    return replies.next(buf, 0, buf.writerIndex());
                });
    }

    @Test
    void ofAReplyWritten() {
        ByteBuf out = new UnpooledByteBufAllocator(true, true).directBuffer(256);
        try {
            assertAllocatesNothing("", buf -> {
                out.clear();
                RespWriter.error(out, "ERR no such thing");
                RespWriter.integer(out, Long.MIN_VALUE);
                RespWriter.nullValue(out, Protocol.RESP3);
                RespWriter.mapHeader(out, 2, Protocol.RESP2);
                RespWriter.bulk(out, "some text");
                return out.writerIndex();
            });
        } finally {
            out.release();
        }
    }

    private interface Scan {
        int of(ByteBuf buf);
    }

    private static void assertAllocatesNothing(String bytes, Scan scan) {
        // Without leak detection, which would allocate at every access.
        ByteBuf buf = new UnpooledByteBufAllocator(true, true).directBuffer();
        try {
            buf.writeCharSequence(bytes, StandardCharsets.ISO_8859_1);
            IntSupplier rounds = () -> {
                int found = 0;
                for (int i = 0; i < ROUNDS; i++) {
                    found += scan.of(buf);
                }
                return found;
            };
            int found = rounds.getAsInt();
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long before = threads.getCurrentThreadAllocatedBytes();
            int again = rounds.getAsInt();
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(allocated).isLessThanOrEqualTo(BYTES_MAX);
            assertThat(again).isEqualTo(found);
        } finally {
            buf.release();
        }
    }
}
