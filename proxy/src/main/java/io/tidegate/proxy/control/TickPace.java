package io.tidegate.proxy.control;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How long from one tick to the next. Ticks carry the lease into the table, two ticks ahead, for whoever writes next. While
 * nobody does, waking up is most of what an idle proxy costs: so after a while without a byte from any client a tick comes
 * only just before what the last one has carried ends. The lease has no gap then either, unless this thread is late, and
 * then the first reply that needs evidence waits for a tick, which its {@code evidenceWanted} brings at once.
 *
 * <p>Lives on the control loop.
 */
final class TickPace {
    /** Without a byte from a client for so long, ticks are at rest. */
    static final long REST_AFTER_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final long tickNanos;
    private final LongSupplier clientBytes;
    private long bytesSeen = -1;
    private long activeNanos;
    private boolean resting;

    /** @param clientBytes all that clients have sent; never shrinks */
    TickPace(long tickNanos, LongSupplier clientBytes) {
        this.tickNanos = tickNanos;
        this.clientBytes = clientBytes;
    }

    /** The time from this tick to the next. {@code open}: writes may be sent, so that nothing waits for the engine. */
    long nextNanos(boolean open, long nowNanos) {
        long bytes = clientBytes.getAsLong();
        if (bytes != bytesSeen || !open) {
            bytesSeen = bytes;
            activeNanos = nowNanos;
        }
        resting = nowNanos - activeNanos >= REST_AFTER_NANOS;
        if (resting) {
            return restNanos();
        }
        // Where something is waited for, limits and questions of the engine come by the tick.
        return open ? tickNanos : tickNanos / 2;
    }

    /** Below the two ticks after which the engine would take the time in between for a stop of this process. */
    private long restNanos() {
        return tickNanos * 9 / 5;
    }

    /** Something cannot wait for a tick at rest; true if there is such a rest to end, by a tick now. */
    boolean endRest(long nowNanos) {
        boolean rested = resting;
        resting = false;
        activeNanos = nowNanos;
        return rested;
    }
}
