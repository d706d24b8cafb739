package io.tidegate.routing.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.Instants;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistoryTest {
    private final History history = new History("p", "h1");

    @Test
    void knowsNothingWithoutSamples() {
        assertThat(history.asOf(1_000)).isEqualTo(Instants.UNKNOWN);
        assertThat(history.lastOffset()).isEqualTo(-1);
        assertThat(history.waits()).isFalse();
    }

    @Test
    void asOfIsTheLatestInstantAtOrBelowTheAppliedOffset() {
        sample(10, 100);
        sample(20, 200);
        sample(30, 300);
        assertThat(history.asOf(99)).isEqualTo(Instants.UNKNOWN);
        assertThat(history.asOf(100)).isEqualTo(10);
        assertThat(history.asOf(299)).isEqualTo(20);
        assertThat(history.asOf(300)).isEqualTo(30);
        assertThat(history.asOf(Long.MAX_VALUE)).isEqualTo(30);
    }

    @Test
    void anIdlePrimaryMovesTheInstantNotTheNumberOfSamples() {
        sample(10, 100);
        for (int i = 0; i < 5 * Limits.SAMPLES_MAX; i++) {
            sample(20 + i, 200);
        }
        assertThat(history.asOf(100)).isEqualTo(10);
        assertThat(history.asOf(200)).isEqualTo(19 + 5L * Limits.SAMPLES_MAX);
    }

    @Test
    void aSampleCountsOnceEvidenceReachesItsReading() {
        assertThat(history.sample(10, 15, 100)).isTrue();
        assertThat(history.sample(20, 25, 200)).isTrue();
        history.prove(14);
        assertThat(history.asOf(200)).isEqualTo(Instants.UNKNOWN);
        history.prove(24);
        assertThat(history.asOf(200)).isEqualTo(10);
        assertThat(history.waits()).isTrue();
        history.prove(Instants.FOREVER);
        assertThat(history.asOf(200)).isEqualTo(20);
        assertThat(history.waits()).isFalse();
    }

    @Test
    void unprovenSamplesAreSeenAsTheLastOffsetOnly() {
        history.sample(10, 15, 100);
        assertThat(history.lastOffset()).isEqualTo(100);
        assertThat(history.asOf(100)).isEqualTo(Instants.UNKNOWN);
    }

    @Test
    void anOffsetThatGoesBackIsRefused() {
        assertThat(history.sample(10, 15, 100)).isTrue();
        assertThat(history.sample(20, 25, 99)).isFalse();
        assertThat(history.lastOffset()).isEqualTo(100);
    }

    @Test
    void tooManyPendingSamplesAreThinnedOutAndKeepTheOldest() {
        int last = 3 * Limits.PENDING_SAMPLES_MAX;
        for (int i = 0; i <= last; i++) {
            history.sample(10 + i, 11 + i, i);
        }
        assertThat(history.sharedUntil(0)).isEqualTo(10);
        history.prove(Instants.FOREVER);
        assertThat(history.asOf(0)).isEqualTo(10);
        for (int offset = 0; offset <= last; offset++) {
            assertThat(history.asOf(offset)).as("never newer").isBetween(10L, 10L + offset);
        }
        assertThat(history.asOf(last)).isEqualTo(10 + last);
    }

    /** While writes are held the primary stands still, but for what others write, and is asked all the time. */
    @Test
    void howeverManyPendingSamplesFollowThoseUpToAForkCount() {
        history.sample(10, 11, 100);
        for (int i = 0; i < 10 * Limits.PENDING_SAMPLES_MAX; i++) {
            history.sample(20 + i, 21 + i, 200);
        }
        long lastNanos = 19 + 10L * Limits.PENDING_SAMPLES_MAX;
        for (int i = 1; i <= 10 * Limits.PENDING_SAMPLES_MAX; i++) {
            history.sample(lastNanos + i, lastNanos + i + 1, 300);
        }
        assertThat(history.sharedUntil(100)).isEqualTo(10);
        assertThat(history.sharedUntil(200)).isEqualTo(lastNanos);
        history.prove(21);
        assertThat(history.asOf(200))
                .as("the first of them is the soonest proven")
                .isEqualTo(20);
    }

    @Test
    void aSuccessorHasWhatWasExecutedBeforeTheLastSampleUpToItsForkProvenOrNot() {
        assertThat(history.sharedUntil(100)).isEqualTo(Instants.UNKNOWN);
        history.sample(10, 15, 100);
        history.sample(20, 25, 200);
        history.sample(30, 35, 200);
        history.prove(25);
        assertThat(history.sharedUntil(99)).isEqualTo(Instants.UNKNOWN);
        assertThat(history.sharedUntil(100)).isEqualTo(10);
        assertThat(history.sharedUntil(199)).isEqualTo(10);
        assertThat(history.sharedUntil(200))
                .as("of a sample that nobody has proven, from before it was asked for")
                .isEqualTo(30);
        assertThat(history.asOf(200)).isEqualTo(20);
    }

    /** Against a list that forgets nothing: never newer, and exact for the newest samples. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void thinningNeverMakesAsOfNewer(long seed) {
        Random random = new Random(seed);
        List<long[]> all = new ArrayList<>();
        long instant = 0;
        long offset = 0;
        for (int i = 0; i < 4 * Limits.SAMPLES_MAX; i++) {
            instant += 1 + random.nextInt(5);
            offset += random.nextInt(3);
            all.add(new long[] {instant, offset});
            sample(instant, offset);
        }
        for (int i = 0; i < 2_000; i++) {
            long applied = random.nextLong(offset + 2);
            assertThat(history.asOf(applied))
                    .as("seed %d, offset %d", seed, applied)
                    .isLessThanOrEqualTo(exact(all, applied));
        }
        for (int i = all.size() - Limits.SAMPLES_MAX / 4; i < all.size(); i++) {
            long applied = all.get(i)[1];
            assertThat(history.asOf(applied))
                    .as("seed %d, offset %d", seed, applied)
                    .isEqualTo(exact(all, applied));
        }
    }

    private static long exact(List<long[]> all, long applied) {
        long latest = Instants.UNKNOWN;
        for (long[] sample : all) {
            if (sample[1] <= applied) {
                latest = sample[0];
            }
        }
        return latest;
    }

    private void sample(long written, long offset) {
        assertThat(history.sample(written, written, offset)).isTrue();
        history.prove(written);
    }
}
