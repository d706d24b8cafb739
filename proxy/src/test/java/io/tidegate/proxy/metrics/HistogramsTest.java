package io.tidegate.proxy.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class HistogramsTest {
    private final Histograms histograms = new Histograms(2);

    @Test
    void aDurationFallsIntoTheFirstBucketThatReachesIt() {
        for (int bucket = 0; bucket < Histograms.BOUNDS_MICROS.length; bucket++) {
            long bound = TimeUnit.MICROSECONDS.toNanos(Histograms.BOUNDS_MICROS[bucket]);
            histograms.add(1, bound, 1);
            histograms.add(1, bound + 1, 10);
            assertThat(histograms.count(1, bucket)).as("up to %s ns", bound).isEqualTo(bucket == 0 ? 1 : 11);
        }
        assertThat(histograms.count(1, Histograms.BUCKETS - 1)).as("beyond").isEqualTo(10);
        for (int bucket = 0; bucket < Histograms.BUCKETS; bucket++) {
            assertThat(histograms.count(0, bucket)).isZero();
        }
        assertThat(histograms.sumNanos(0)).isZero();
    }

    @Test
    void whatIsNegativeCountsAsNothing() {
        histograms.add(0, -5, 3);
        histograms.add(0, 7, 2);
        assertThat(histograms.count(0, 0)).isEqualTo(5);
        assertThat(histograms.sumNanos(0)).isEqualTo(14);
    }
}
