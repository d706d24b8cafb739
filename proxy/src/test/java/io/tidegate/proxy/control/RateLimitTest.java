package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RateLimitTest {
    private static final int BURST_MAX = 3;

    private final RateLimit limit = new RateLimit();

    @Test
    void admitsABurstThenCountsWhatIsLeftOut() {
        for (int i = 0; i < BURST_MAX; i++) {
            assertThat(limit.admit("a", BURST_MAX, 1_000 + i)).isZero();
        }
        assertThat(limit.admit("a", BURST_MAX, 2_000)).isEqualTo(RateLimit.LEFT_OUT);
        assertThat(limit.admit("a", BURST_MAX, 3_000)).isEqualTo(RateLimit.LEFT_OUT);
        assertThat(limit.admit("b", BURST_MAX, 3_000)).as("another kind").isZero();
        long nextWindow = 1_000 + RateLimit.WINDOW_NANOS;
        assertThat(limit.admit("a", BURST_MAX, nextWindow))
                .as("left out before")
                .isEqualTo(2);
        assertThat(limit.admit("a", BURST_MAX, nextWindow + 1)).isZero();
    }

    @Test
    void remembersOnlySoManyKinds() {
        assertThat(limit.admit("first", 1, 1)).isZero();
        assertThat(limit.admit("first", 1, 1)).isEqualTo(RateLimit.LEFT_OUT);
        for (int i = 0; i < RateLimit.KINDS_MAX; i++) {
            limit.admit(i, 1, 2);
        }
        assertThat(limit.admit("first", 1, 3)).as("forgotten, so admitted anew").isZero();
    }
}
