package io.tidegate.proxy.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.Test;

class InputWindowTest {
    @Test
    void bytesStillOnTheirWayOutAreNotOverwritten() {
        PooledByteBufAllocator alloc = PooledByteBufAllocator.DEFAULT;
        InputWindow window = new InputWindow(alloc);
        ByteBuf chunk = alloc.buffer(65_536);
        chunk.writeBytes("a".repeat(65_000).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        chunk.writeBytes("b".repeat(100).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        window.append(chunk);
        // As OutBuffer hands a large command to a channel that does not drain yet.
        ByteBuf slice = window.buffer().retainedSlice(window.index(0), 65_000);
        window.release(65_000);
        window.append(alloc.buffer(1_000).writeBytes(new byte[1_000]));
        assertThat(slice.getByte(0)).isEqualTo((byte) 'a');
        assertThat(slice.getByte(500)).isEqualTo((byte) 'a');
        slice.release();
        window.close();
    }
}
