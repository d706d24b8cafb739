package io.tidegate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClockTest {
    @Test
    void startsAtOneSecondAndNeverGoesBack() {
        Clock clock = Clock.start();
        long before = clock.nowNanos();
        assertThat(before).isBetween(1_000_000_000L, 61_000_000_000L);
        for (int i = 0; i < 1_000; i++) {
            long now = clock.nowNanos();
            assertThat(now).isGreaterThanOrEqualTo(before);
            before = now;
        }
    }
}
