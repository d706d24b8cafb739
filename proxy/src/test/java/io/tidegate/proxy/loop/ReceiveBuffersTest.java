package io.tidegate.proxy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("deprecation") // Netty's own type of a handle.
class ReceiveBuffersTest {
    private final UnpooledByteBufAllocator alloc = UnpooledByteBufAllocator.DEFAULT;
    private final ReceiveBuffers buffers = new ReceiveBuffers();

    @AfterEach
    void giveBack() {
        buffers.close();
    }

    private RecvByteBufAllocator.Handle handle(ReceiveBuffers.Target target) {
        EmbeddedChannel channel = new EmbeddedChannel();
        buffers.serve(channel, target);
        RecvByteBufAllocator.Handle handle =
                channel.config().getRecvByteBufAllocator().newHandle();
        channel.finishAndReleaseAll();
        return handle;
    }

    @Test
    void whatIsReleasedIsReadIntoAgainByAnyChannel() {
        ByteBuf first = handle(() -> null).allocate(alloc);
        first.writeZero(100);
        first.release();
        ByteBuf second = handle(() -> null).allocate(alloc);
        assertThat(second).isSameAs(first);
        assertThat(second.readableBytes()).isZero();
        assertThat(second.writableBytes()).isEqualTo(ReceiveBuffers.BYTES);
        second.release();
    }

    @Test
    void whatIsHeldIsLeftAlone() {
        RecvByteBufAllocator.Handle handle = handle(() -> null);
        ByteBuf first = handle.allocate(alloc);
        first.writeByte(1);
        ByteBuf slice = first.retainedSlice(0, 1);
        first.release();
        ByteBuf second = handle.allocate(alloc);
        second.writeByte(2);
        assertThat(slice.getByte(0)).isEqualTo((byte) 1);
        second.release();
        assertThat(slice.release()).as("the last reference was the slice's").isTrue();
    }

    /** Neither is it read into while somebody holds it, nor is the loop left with a buffer that is gone. */
    @Test
    void thatThereIsNoMemoryForAnotherLeavesTheOneThatIsHeldAlone() {
        RecvByteBufAllocator.Handle handle = handle(() -> null);
        ByteBuf first = handle.allocate(alloc);
        first.writeByte(1);
        ByteBuf slice = first.retainedSlice(0, 1);
        first.release();
        assertThatThrownBy(() -> handle.allocate(new NoMemory())).isInstanceOf(OutOfMemoryError.class);
        ByteBuf second = handle.allocate(alloc);
        second.writeByte(2);
        assertThat(slice.getByte(0)).isEqualTo((byte) 1);
        slice.release();
        assertThatThrownBy(() -> handle.allocate(new NoMemory())).isInstanceOf(OutOfMemoryError.class);
        second.release();
        ByteBuf third = handle.allocate(alloc);
        assertThat(third.refCnt()).isEqualTo(2);
        third.release();
    }

    @Test
    void aChannelMayHaveItsBytesReadInPlace() {
        ByteBuf place = alloc.directBuffer(10);
        ByteBuf given = handle(place::retain).allocate(alloc);
        assertThat(given).isSameAs(place);
        given.release();
        place.release();
    }

    @Test
    void afterTheLoopHasClosedNothingIsKept() {
        buffers.close();
        ByteBuf late = handle(() -> null).allocate(alloc);
        assertThat(late.release()).isTrue();
    }
}
