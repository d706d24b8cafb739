package io.tidegate.proxy.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DrainRateTest {
    private static final long MS = 1_000_000;

    private final DrainRate rate = new DrainRate();
    private long nowNanos = 1_000 * MS;

    @Test
    void soManyPassPerSecondAndAHundredthOfThemAtOnce() {
        assertThat(pass(1_000)).isEqualTo(11);
        int passed = 0;
        for (int i = 0; i < 1_000; i++) {
            nowNanos += MS;
            passed += pass(1_000);
        }
        assertThat(passed).isEqualTo(1_000);
    }

    @Test
    void whatWasNotUsedIsNotSavedUp() {
        pass(1_000);
        nowNanos += 60_000 * MS;
        assertThat(pass(1_000)).isEqualTo(11);
    }

    @Test
    void evenTheSlowestLetsSomebodyPass() {
        assertThat(pass(1)).isEqualTo(1);
        nowNanos += 989 * MS;
        assertThat(pass(1)).isZero();
        nowNanos += MS;
        assertThat(pass(1)).isEqualTo(1);
    }

    private int pass(int perSecond) {
        int passed = 0;
        while (passed < 100 && rate.mayPass(nowNanos)) {
            rate.passed(perSecond, nowNanos);
            passed++;
        }
        return passed;
    }
}
