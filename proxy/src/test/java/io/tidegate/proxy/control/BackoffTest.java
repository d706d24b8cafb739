package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BackoffTest {
    @Test
    void doublesUpToItsLimitAndStartsAnewAfterAReply() {
        long seed = 7;
        Backoff backoff = new Backoff(new SplittableRandom(seed));
        for (int round = 0; round < 3; round++) {
            long bound = Backoff.NANOS_MIN;
            for (int i = 0; i < 20; i++) {
                assertThat(backoff.nextNanos())
                        .as("seed %d, attempt %d", seed, i)
                        .isBetween(bound / 2, bound);
                bound = Math.min(Backoff.NANOS_MAX, bound * 2);
            }
            backoff.reset();
        }
    }

    @Test
    void twoDoNotStayInStep() {
        Backoff one = new Backoff(new SplittableRandom(1));
        Backoff two = new Backoff(new SplittableRandom(2));
        assertThat(one.nextNanos()).isNotEqualTo(two.nextNanos());
    }
}
