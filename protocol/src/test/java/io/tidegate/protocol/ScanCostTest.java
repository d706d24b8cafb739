package io.tidegate.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How often a scanner looks at a byte: payloads never, anything else a few times at most, however it arrives. */
class ScanCostTest {
    private static final Limits LIMITS = Limits.redisDefaults();

    /** A call may read one word again, of the line that it goes on with. */
    private static final int LOOKS_MAX = Long.BYTES + 4;

    private final CountingBuf buf = new CountingBuf(1 << 17);

    @Test
    void ofALongHeaderThatArrivesByteByByte() {
        for (String start : new String[] {"*", "*1\r\n$"}) {
            assertThat(looksPerByteOfARequest(start + "1".repeat(60_000))).isLessThan(LOOKS_MAX);
        }
    }

    @Test
    void ofALongLineThatArrivesByteByByte() {
        assertThat(looksPerByteOfARequest("a ".repeat(30_000))).isLessThan(LOOKS_MAX);
        assertThat(looksPerByteOfARequest("a\0" + "b".repeat(60_000))).isLessThan(LOOKS_MAX);
        assertThat(looksPerByteOfARequest("*1\0" + "1".repeat(60_000))).isLessThan(LOOKS_MAX);
        buf.hold("+" + "a".repeat(60_000));
        ReplyScanner scanner = new ReplyScanner(LIMITS);
        for (int at = 0; at < buf.writerIndex(); at++) {
            scanner.next(buf, at, at + 1);
        }
        assertThat(buf.looks() / buf.writerIndex()).isLessThan(LOOKS_MAX);
    }

    @Test
    void ofManyArgumentsThatArriveByteByByte() {
        assertThat(looksPerByteOfARequest("*5000\r\n" + "$3\r\nabc\r\n".repeat(5_000)))
                .isLessThan(LOOKS_MAX);
    }

    @Test
    void ofAPayloadIsNothing() {
        String payload = "x".repeat(10_000);
        buf.hold("*2\r\n$3\r\nGET\r\n$10000\r\n" + payload + "\r\n");
        RequestScanner requests = new RequestScanner(LIMITS);
        for (int to = 1; to <= buf.writerIndex(); to++) {
            requests.next(buf, 0, to);
        }
        assertThat(requests.argLength(1)).isEqualTo(10_000);
        assertThat(buf.looksFrom(21, 21 + 10_000)).isZero();

        buf.hold("*2\r\n$10000\r\n" + payload + "\r\n:1\r\n");
        ReplyScanner replies = new ReplyScanner(LIMITS);
        for (int at = 0; at < buf.writerIndex(); at++) {
            replies.next(buf, at, at + 1);
        }
        assertThat(replies.complete()).isTrue();
        assertThat(buf.looksFrom(12, 12 + 10_000)).isZero();
    }

    @Test
    void ofArgumentsAskedForInTurnIsTheirHeadersOnce() {
        buf.hold("*5000\r\n" + "$3\r\nabc\r\n".repeat(5_000));
        RequestScanner scanner = new RequestScanner(LIMITS);
        scanner.next(buf, 0, buf.writerIndex());
        int before = buf.looks();
        for (int i = 0; i < 5_000; i++) {
            assertThat(scanner.argOffset(i)).isEqualTo(7 + 9 * i + 4);
            assertThat(scanner.argLength(i)).isEqualTo(3);
        }
        assertThat(buf.looks() - before).isLessThan(3 * 5_000);
    }

    private int looksPerByteOfARequest(String bytes) {
        buf.hold(bytes);
        RequestScanner scanner = new RequestScanner(LIMITS);
        for (int to = 1; to <= buf.writerIndex(); to++) {
            scanner.next(buf, 0, to);
        }
        return buf.looks() / buf.writerIndex();
    }

    /** Notes who looks at which byte. */
    private static final class CountingBuf extends UnpooledHeapByteBuf {
        private final int[] looks;

        CountingBuf(int capacity) {
            super(UnpooledByteBufAllocator.DEFAULT, capacity, capacity);
            looks = new int[capacity];
        }

        void hold(String bytes) {
            clear().writeBytes(Buffers.latin1(bytes));
            Arrays.fill(looks, 0);
        }

        int looks() {
            return looksFrom(0, capacity());
        }

        int looksFrom(int from, int to) {
            return IntStream.range(from, to).map(i -> looks[i]).sum();
        }

        @Override
        public byte getByte(int index) {
            looks[index]++;
            return super.getByte(index);
        }

        @Override
        public long getLongLE(int index) {
            for (int i = index; i < index + Long.BYTES; i++) {
                looks[i]++;
            }
            return super.getLongLE(index);
        }

        @Override
        public int getUnsignedShortLE(int index) {
            looks[index]++;
            looks[index + 1]++;
            return super.getUnsignedShortLE(index);
        }

        @Override
        public int indexOf(int from, int to, byte value) {
            for (int i = from; i < to; i++) {
                if (getByte(i) == value) {
                    return i;
                }
            }
            return -1;
        }
    }
}
