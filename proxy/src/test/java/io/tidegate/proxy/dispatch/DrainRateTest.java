package io.tidegate.proxy.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DrainRateTest {
    private static final long MS = 1_000_000;

    private long nowNanos = 1_000 * MS;

    @Test
    void soManyPassPerSecondAndAHundredthOfThemAtOnce() {
        DrainRate rate = new DrainRate(1_000);
        assertThat(pass(rate, 100)).isEqualTo(11);
        int passed = 0;
        for (int i = 0; i < 1_000; i++) {
            nowNanos += MS;
            passed += pass(rate, 100);
        }
        assertThat(passed).isEqualTo(1_000);
    }

    @Test
    void whatWasNotUsedIsNotSavedUp() {
        DrainRate rate = new DrainRate(1_000);
        pass(rate, 100);
        nowNanos += 60_000 * MS;
        assertThat(pass(rate, 100)).isEqualTo(11);
    }

    @Test
    void evenTheSlowestLetsSomebodyPass() {
        DrainRate rate = new DrainRate(1);
        assertThat(pass(rate, 100)).isEqualTo(1);
        nowNanos += 989 * MS;
        assertThat(pass(rate, 100)).isZero();
        nowNanos += MS;
        assertThat(pass(rate, 100)).isEqualTo(1);
    }

    private int pass(DrainRate rate, int atMost) {
        int passed = 0;
        while (passed < atMost && rate.mayPass(nowNanos)) {
            rate.passed(nowNanos);
            passed++;
        }
        return passed;
    }
}
