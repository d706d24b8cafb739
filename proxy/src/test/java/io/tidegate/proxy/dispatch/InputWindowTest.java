package io.tidegate.proxy.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.tidegate.proxy.loop.NoMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @Test
    void aSmallChunkIsFreeAtOnce() {
        PooledByteBufAllocator alloc = PooledByteBufAllocator.DEFAULT;
        InputWindow window = new InputWindow(alloc);
        ByteBuf chunk = alloc.buffer().writeBytes(new byte[100]);
        window.append(chunk);
        assertThat(chunk.refCnt()).isZero();
        assertThat(window.needed()).isEqualTo(100);
        window.close();
    }

    @Test
    void whereNoMemoryIsToBeHadTheChunkIsFreeAllTheSame() {
        InputWindow window = new InputWindow(new NoMemory());
        ByteBuf chunk = PooledByteBufAllocator.DEFAULT.buffer().writeBytes(new byte[100]);
        assertThatThrownBy(() -> window.append(chunk)).isInstanceOf(OutOfMemoryError.class);
        assertThat(chunk.refCnt()).isZero();
        assertThat(window.needed()).isZero();
        window.close();
    }

    @Test
    void nothingIsReadInPlaceWhileLittleIsKept() {
        InputWindow window = new InputWindow(PooledByteBufAllocator.DEFAULT);
        assertThat(window.inPlace()).isNull();
        window.append(PooledByteBufAllocator.DEFAULT.buffer().writeBytes(new byte[1_000]));
        assertThat(window.inPlace()).isNull();
        window.close();
    }

    /** Chunks of all sizes, some read in place, some kept on their way out as slices, against an array of all bytes. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyPositionStaysWhatItWas(long seed) {
        PooledByteBufAllocator alloc = PooledByteBufAllocator.DEFAULT;
        Random random = new Random(seed);
        InputWindow window = new InputWindow(alloc);
        byte[] all = new byte[1 << 20];
        random.nextBytes(all);
        int arrived = 0;
        int released = 0;
        List<ByteBuf> leaving = new ArrayList<>();
        while (arrived < all.length - 200_000) {
            int length = 1 + random.nextInt(random.nextInt(10) == 0 ? 100_000 : 200);
            ByteBuf place = window.inPlace();
            if (place == null) {
                place = alloc.directBuffer(length);
            }
            length = Math.min(length, place.writableBytes());
            place.writeBytes(all, arrived, length);
            assertThat(window.append(place)).isEqualTo(length);
            arrived += length;
            assertThat(window.end()).isEqualTo(arrived);
            assertThat(window.needed()).isEqualTo(arrived - released);
            int at = released + random.nextInt(arrived - released);
            assertThat(window.buffer().getByte(window.index(at))).isEqualTo(all[at]);
            if (random.nextInt(3) == 0) {
                int upTo = random.nextBoolean() ? arrived : released + random.nextInt(arrived - released);
                if (upTo - released >= 32_768) {
                    leaving.add(window.buffer().retainedSlice(window.index(released), upTo - released));
                    leaving.add(Unpooled.wrappedBuffer(all, released, upTo - released));
                }
                window.release(upTo);
                released = upTo;
            }
        }
        for (int i = 0; i < leaving.size(); i += 2) {
            assertThat(ByteBufUtil.equals(leaving.get(i), leaving.get(i + 1))).isTrue();
            leaving.get(i).release();
        }
        window.close();
    }
}
