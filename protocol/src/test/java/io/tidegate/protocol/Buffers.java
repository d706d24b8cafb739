package io.tidegate.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;

/** Buffers as the tests need them: pooled, direct and watched for leaks, as in the proxy. */
final class Buffers {
    private Buffers() {}

    /** A buffer with these bytes, one per character. */
    static ByteBuf of(String latin1) {
        return of(latin1.getBytes(StandardCharsets.ISO_8859_1));
    }

    static ByteBuf of(byte[] bytes) {
        return PooledByteBufAllocator.DEFAULT
                .directBuffer(Math.max(1, bytes.length))
                .writeBytes(bytes);
    }

    static ByteBuf empty() {
        return PooledByteBufAllocator.DEFAULT.directBuffer();
    }

    static String text(ByteBuf buf) {
        return buf.toString(StandardCharsets.ISO_8859_1);
    }

    static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
