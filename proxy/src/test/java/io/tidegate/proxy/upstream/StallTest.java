package io.tidegate.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StallTest {
    private final Stall stall = new Stall();

    @Test
    void beginsAboveTheLimitAndLastsUntilAllDrained() {
        assertThat(stall.begins(100, 100)).isFalse();
        assertThat(stall.ends()).isFalse();
        assertThat(stall.begins(101, 100)).isTrue();
        assertThat(stall.begins(50, 100)).as("half drained").isTrue();
        assertThat(stall.ends()).isTrue();
        assertThat(stall.ends()).isFalse();
        assertThat(stall.begins(50, 100)).isFalse();
    }

    @Test
    void isTimedFromWhenNothingWasTakenAnyMore() {
        assertThat(stall.lasts(500, 10)).isZero();
        stall.begins(500, 100);
        assertThat(stall.lasts(500, 20)).as("asked for the first time").isZero();
        assertThat(stall.lasts(500, 50)).isEqualTo(30);
        assertThat(stall.lasts(499, 60)).isZero();
        assertThat(stall.lasts(499, 65)).isEqualTo(5);
        stall.ends();
        assertThat(stall.lasts(499, 100)).isZero();
        stall.begins(499, 100);
        assertThat(stall.lasts(499, 200)).as("another one, of as many bytes").isZero();
    }
}
