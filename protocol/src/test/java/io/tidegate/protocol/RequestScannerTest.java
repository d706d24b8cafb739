package io.tidegate.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RequestScanner.Status;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RequestScannerTest {
    private final RequestScanner scanner = new RequestScanner(Limits.redisDefaults());

    @Test
    void findsCommandsOfAPipelineOneByOne() {
        ByteBuf buf = Buffers.of("*2\r\n$3\r\nGeT\r\n$5\r\nkey:1\r\n*1\r\n$4\r\nPING\r\n");
        try {
            assertThat(scanner.next(buf, 0, buf.writerIndex())).isEqualTo(Status.COMMAND);
            assertThat(scanner.end()).isEqualTo(24);
            assertThat(scanner.argCount()).isEqualTo(2);
            assertThat(scanner.name0()).isEqualTo(RequestScanner.nameWord("get", 0));
            assertThat(buf.toString(scanner.argOffset(1), scanner.argLength(1), StandardCharsets.US_ASCII))
                    .isEqualTo("key:1");
            assertThat(scanner.next(buf, scanner.end(), buf.writerIndex())).isEqualTo(Status.COMMAND);
            assertThat(scanner.name0()).isEqualTo(RequestScanner.nameWord("ping", 0));
            assertThat(scanner.end()).isEqualTo(buf.writerIndex());
            assertThat(scanner.next(buf, scanner.end(), buf.writerIndex())).isEqualTo(Status.INCOMPLETE);
        } finally {
            buf.release();
        }
    }
}
