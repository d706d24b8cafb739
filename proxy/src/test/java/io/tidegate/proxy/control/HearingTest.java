package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.Notice.SentinelLinkChanged;
import org.junit.jupiter.api.Test;

class HearingTest {
    private static final NodeAddress S1 = new NodeAddress("127.0.0.1", 22000);
    private static final NodeAddress S2 = new NodeAddress("127.0.0.1", 22001);
    private static final NodeAddress S3 = new NodeAddress("127.0.0.1", 22002);
    private static final NodeAddress S4 = new NodeAddress("127.0.0.1", 22003);
    private static final long GONE = Hearing.GONE_NANOS;
    private static final long BACK = Hearing.BACK_NANOS;

    private final Hearing hearing = new Hearing();

    @Test
    void whoWasNeverHeardIsNotMissed() {
        assertThat(hearing.missedMost(1)).isFalse();
        hear(true, 1, S1);
        hear(false, 1, S2, S3);
        assertThat(hearing.missedMost(2)).isFalse();
    }

    @Test
    void halfOfThemAreMost() {
        hear(true, 1, S1, S2, S3, S4);
        hear(false, 2, S1);
        assertThat(hearing.missedMost(3)).isFalse();
        hear(false, 4, S2);
        assertThat(hearing.missedMost(5)).as("two of four may be a quorum").isTrue();
    }

    @Test
    void whoIsBackWasMissedUntilItHasToldAll() {
        hear(true, 1, S1, S2, S3);
        hear(false, 2, S2, S3);
        hear(true, 20 * GONE, S2, S3);
        assertThat(hearing.missedMost(20 * GONE + BACK - 1)).isTrue();
        assertThat(hearing.missedMost(20 * GONE + BACK)).isFalse();
    }

    @Test
    void whoIsHeardForTheFirstTimeWasNotMissed() {
        hear(true, 1, S1, S2, S3);
        assertThat(hearing.missedMost(1)).isFalse();
    }

    @Test
    void mostAreMissedHoweverLong() {
        hear(true, 1, S1, S2, S3);
        hear(false, 2, S2, S3);
        assertThat(hearing.missedMost(100 * GONE)).isTrue();
    }

    @Test
    void whoIsGoneForGoodIsMissedNoMore() {
        hear(true, 1, S1, S2, S3, S4);
        hear(false, 2, S4);
        hear(false, 1 + GONE, S3);
        assertThat(hearing.missedMost(1 + GONE)).isTrue();
        hear(true, 1 + GONE, S3);

        hear(false, 1 + 2 * GONE, S3);
        assertThat(hearing.missedMost(1 + 2 * GONE)).as("one of three").isFalse();
    }

    @Test
    void oneAfterTheOtherTheyAreBackFromAPartition() {
        hear(true, 1, S1, S2, S3, S4);
        hear(false, 2, S2, S3, S4);
        hear(true, 20 * GONE, S2);
        hear(true, 20 * GONE + BACK, S3);
        hear(true, 20 * GONE + BACK + 1, S4);
        assertThat(hearing.missedMost(20 * GONE + BACK + 2)).isTrue();
    }

    @Test
    void whoIsForgottenIsMissedNoMore() {
        hear(true, 1, S1, S2);
        hear(false, 2, S2);
        assertThat(hearing.missedMost(3)).isTrue();
        hearing.forgotten(S2);
        assertThat(hearing.missedMost(3)).isFalse();
    }

    private void hear(boolean up, long nowNanos, NodeAddress... sentinels) {
        for (NodeAddress sentinel : sentinels) {
            hearing.changed(new SentinelLinkChanged(sentinel, up, "of this test"), nowNanos);
        }
    }
}
