package io.tidegate.proxy.loop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop's sockets are read into: a single buffer for all of them, as long as nobody keeps what was read.
 * It stays in the processor's cache, is never sized by guesses, and an idle client costs no memory.
 *
 * <p>Whoever gets the buffer in {@code channelRead} owns one reference, as with any other; as long as a slice of it is
 * held, a new buffer takes its place. A channel in the middle of a large frame may have its bytes read straight to where
 * they belong ({@link Target}). Not for every transport, see {@link Transport#receive}.
 *
 * <p>Confined to its event loop.
 */
public final class ReceiveBuffers {
    /** A value of 64 KiB with its frame fits, so that it need not be put together. */
    static final int BYTES = 128 * 1024;

    /** Then the next socket has its turn. */
    private static final int READS_IN_A_ROW = 4;

    /** Where a channel's next bytes belong. */
    public interface Target {
        /** A buffer with room, with one reference for the caller, whose bytes then count as arrived; null for any. */
        @Nullable ByteBuf inPlace();
    }

    private @Nullable ByteBuf shared;
    private boolean closed;

    /** Has {@code channel}, one of this loop's, read as said above. */
    public void serve(Channel channel, Target target) {
        channel.config().setRecvByteBufAllocator(new Policy(target));
    }

    /** Gives the buffer back to the allocator; a channel that still reads afterwards gets one of its own. */
    public void close() {
        closed = true;
        if (shared != null) {
            shared.release();
            shared = null;
        }
    }

    private ByteBuf next(ByteBufAllocator alloc) {
        if (closed) {
            return alloc.directBuffer(BYTES, BYTES);
        }
        ByteBuf current = shared;
        if (current == null || current.refCnt() > 1) {
            // First: there may be no memory for another, and this one is nobody's to read into any more.
            shared = null;
            if (current != null) {
                current.release();
            }
            current = alloc.directBuffer(BYTES, BYTES);
            shared = current;
        }
        return current.clear().retain();
    }

    private final class Policy extends DefaultMaxMessagesRecvByteBufAllocator {
        private final Target target;

        Policy(Target target) {
            super(READS_IN_A_ROW);
            this.target = target;
        }

        @Override
        @SuppressWarnings("deprecation") // Netty asks for this very type.
        public RecvByteBufAllocator.Handle newHandle() {
            return new MaxMessageHandle() {
                @Override
                public int guess() {
                    return BYTES;
                }

                @Override
                public ByteBuf allocate(ByteBufAllocator alloc) {
                    ByteBuf inPlace = target.inPlace();
                    return inPlace == null ? next(alloc) : inPlace;
                }
            };
        }
    }
}
