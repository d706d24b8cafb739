package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TickPaceTest {
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final AtomicLong bytes = new AtomicLong();
    private final TickPace pace = new TickPace(TICK_NANOS, bytes::get);
    private long nowNanos = -7;

    @Test
    void anIdleProxyTicksJustOftenEnoughForALeaseWithoutAGap() {
        assertThat(ticksIn(TickPace.REST_AFTER_NANOS)).isEqualTo(600);
        assertThat(pace.nextNanos(true, nowNanos)).isBetween(TICK_NANOS * 3 / 2, TICK_NANOS * 19 / 10);
        assertThat(ticksIn(TimeUnit.HOURS.toNanos(1))).isEqualTo(40_000);
    }

    @Test
    void whatClientsSendKeepsItAwake() {
        for (int i = 0; i < 100; i++) {
            bytes.incrementAndGet();
            assertThat(ticksIn(TickPace.REST_AFTER_NANOS - TICK_NANOS)).isEqualTo(599);
        }
        assertThat(pace.endRest(nowNanos)).as("there is none").isFalse();
    }

    @Test
    void aRestEndsWhenSomethingIsWanted() {
        ticksIn(2 * TickPace.REST_AFTER_NANOS);
        assertThat(pace.nextNanos(true, nowNanos)).isGreaterThan(TICK_NANOS);
        assertThat(pace.endRest(nowNanos)).isTrue();
        assertThat(pace.endRest(nowNanos)).as("ended already").isFalse();
        assertThat(ticksIn(TickPace.REST_AFTER_NANOS)).isEqualTo(600);
    }

    @Test
    void thereIsNoRestWhileNothingCanBeWritten() {
        for (int i = 0; i < 10_000; i++) {
            nowNanos += TICK_NANOS;
            assertThat(pace.nextNanos(false, nowNanos)).isEqualTo(TICK_NANOS / 2);
        }
    }

    /** How many ticks there are in that time, while writes may be sent. */
    private long ticksIn(long nanos) {
        long ticks = 0;
        long endNanos = nowNanos + nanos;
        while (nowNanos < endNanos) {
            nowNanos += pace.nextNanos(true, nowNanos);
            ticks++;
        }
        return ticks;
    }
}
