package io.tidegate.proxy.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.metrics.ScriptStats;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Sources that are kept, within limits that a reload may change. */
final class ScriptCacheTest {
    private final ScriptStats stats = new ScriptStats();

    @Test
    void otherLimitsLoseNothingThatFits() {
        ScriptCache cache = filled(100);
        cache.limits(1 << 21, 200);
        assertThat(known(cache, 100)).isEqualTo(100);
        assertThat(stats.count()).isEqualTo(100);
        assertThat(cache.countMax()).isEqualTo(200);
        cache.limits(1 << 21, 10);
        assertThat(known(cache, 100)).isBetween(1, 10);
        keep(cache, 200);
        assertThat(known(cache, 300)).isLessThanOrEqualTo(10);
        cache.limits(0, 10);
        assertThat(known(cache, 300)).isZero();
        cache.limits(1 << 20, 10);
        keep(cache, 1);
        assertThat(known(cache, 300)).isOne();
        cache.flush();
        assertThat(known(cache, 300)).isZero();
        assertThat(stats.count()).as("each that was kept was dropped once").isZero();
        assertThat(stats.bytes()).isZero();
    }

    /** Whoever asks while they move finds each, wherever it is just then. */
    @Test
    void nobodyMissesOneWhileTheyMove() throws InterruptedException {
        ScriptCache cache = filled(2_000);
        CountDownLatch done = new CountDownLatch(1);
        Thread mover = new Thread(() -> {
            for (int i = 0; i < 200; i++) {
                cache.limits(1 << 24, 4_000 + i);
            }
            done.countDown();
        });
        mover.start();
        int looks = 0;
        while (done.getCount() > 0) {
            assertThat(known(cache, 2_000)).isEqualTo(2_000);
            looks++;
        }
        mover.join();
        assertThat(looks).isPositive();
    }

    private ScriptCache filled(int count) {
        ScriptCache cache = new ScriptCache(1 << 20, 4_000, stats);
        for (int i = 0; i < count; i++) {
            keep(cache, i);
        }
        return cache;
    }

    private static void keep(ScriptCache cache, int number) {
        cache.keep(new ScriptDigest(number, 0, 0), new byte[] {1, 2, 3});
    }

    private static int known(ScriptCache cache, int count) {
        int known = 0;
        for (int i = 0; i < count; i++) {
            known += cache.knows(new ScriptDigest(i, 0, 0)) ? 1 : 0;
        }
        return known;
    }
}
