package io.tidegate.proxy.upstream;

import io.netty.buffer.ByteBuf;

/** Who gets everything that arrives on a connection that one session has for itself as a stream, unmatched. */
public interface RelaySink {
    /** All readable bytes of {@code chunk}, which stays the connection's. */
    void onChunk(ByteBuf chunk, long readNanos);

    void onRelayLost(String cause);
}
