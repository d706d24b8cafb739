package io.tidegate.routing.sim;

import static io.tidegate.routing.sim.EventQueue.MILLIS;

import io.tidegate.routing.RandomSource;
import java.util.function.Consumer;

/** One sentinel's own clock: it starts anywhere, drifts and steps; and TILT, which it enters when its timer seems held up. */
final class SentinelClock {
    private static final long TILT_TRIGGER_MILLIS = 2000;
    private static final long TILT_MILLIS = 30_000;

    private final EventQueue queue;
    private long offsetMillis;
    private final long driftPerMillion;

    private boolean tilt;
    private long tiltSinceMillis;
    private long lastTickMillis;

    SentinelClock(EventQueue queue, RandomSource random) {
        this.queue = queue;
        offsetMillis = random.next(1_000_000);
        // With the longest down-after the margin of a lease covers 5000.
        driftPerMillion = random.next(3) == 0 ? random.next(6001) - 3000L : random.next(401) - 200L;
    }

    long millis() {
        long millis = queue.nowNanos() / MILLIS;
        return offsetMillis + millis + millis * driftPerMillion / 1_000_000;
    }

    boolean tilt() {
        return tilt;
    }

    /** Somebody sets the clock of its host. */
    void step(long byMillis) {
        offsetMillis += byMillis;
    }

    void restart() {
        tilt = false;
        lastTickMillis = 0;
    }

    /** {@code sentinelCheckTiltCondition}; tells of entering (true) and leaving. */
    void tick(Consumer<Boolean> changes) {
        long nowMillis = millis();
        long sinceMillis = nowMillis - lastTickMillis;
        boolean heldUp = lastTickMillis != 0 && (sinceMillis < 0 || sinceMillis > TILT_TRIGGER_MILLIS);
        lastTickMillis = nowMillis;
        if (heldUp) {
            tilt = true;
            tiltSinceMillis = nowMillis;
            changes.accept(true);
        } else if (tilt && nowMillis - tiltSinceMillis >= TILT_MILLIS) {
            tilt = false;
            changes.accept(false);
        }
    }
}
