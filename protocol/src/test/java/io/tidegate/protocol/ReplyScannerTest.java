package io.tidegate.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.Test;

class ReplyScannerTest {
    private final ReplyScanner scanner = new ReplyScanner(Limits.redisDefaults());

    @Test
    void findsRepliesOfAPipelineOneByOne() {
        ByteBuf buf = Buffers.of("+OK\r\n$3\r\nabc\r\n*2\r\n:1\r\n%1\r\n$-1\r\n_\r\n>1\r\n:7\r\n");
        try {
            int[] ends = {5, 14, 34, 42};
            int at = 0;
            for (int end : ends) {
                at = scanner.next(buf, at, buf.writerIndex());
                assertThat(scanner.error()).isNull();
                assertThat(scanner.complete()).isTrue();
                assertThat(at).isEqualTo(end);
            }
            assertThat(scanner.push()).isTrue();
        } finally {
            buf.release();
        }
    }
}
