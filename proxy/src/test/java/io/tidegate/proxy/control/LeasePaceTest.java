package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.SentinelState;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LeasePaceTest {
    private static final NodeAddress ONE = new NodeAddress("127.0.0.1", 1);
    private static final NodeAddress TWO = new NodeAddress("127.0.0.1", 2);
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long MARGIN_NANOS = 20 * MILLI;

    private final LeasePace pace = new LeasePace(MARGIN_NANOS);

    /** A sentinel pings each second and its timer, of 50 to 100 ms, adds to it; the primary answers at once. */
    @Test
    void whateverDownAfterIsTheNextAnswerComesBeforeTheLastOnesProofEnds() {
        SplittableRandom random = new SplittableRandom(1);
        for (int sentinel = 0; sentinel < 200; sentinel++) {
            long downAfterNanos = (2_000 + random.nextInt(30_000)) * MILLI;
            long pongNanos = 0;
            long askedNanos = random.nextLong(1_000 * MILLI);
            long provenNanos = Long.MAX_VALUE;
            for (int answer = 0; answer < 300; answer++) {
                for (long next = pongNanos; next <= askedNanos; next += (1_000 + random.nextInt(100)) * MILLI) {
                    pongNanos = next;
                }
                long readNanos = askedNanos + random.nextLong(50 * MILLI);
                assertThat(readNanos)
                        .as("down-after %d ms", downAfterNanos / MILLI)
                        .isLessThan(provenNanos);
                provenNanos = pongNanos + downAfterNanos - MARGIN_NANOS;
                askedNanos += pace.nextNanos(
                        ONE, state(ONE, downAfterNanos, askedNanos - pongNanos, Set.of("master"), false));
            }
        }
    }

    @Test
    void asksTheOftenerTheNearerTheEnd() {
        assertThat(next(30_000, 0)).isEqualTo(LeasePace.NANOS_MAX);
        assertThat(next(2_000, 0)).isEqualTo(990 * MILLI);
        assertThat(next(2_000, 1_000)).isEqualTo(490 * MILLI);
        assertThat(next(2_000, 1_900)).isEqualTo(LeasePace.NANOS_MIN);
        assertThat(next(2_000, -5))
                .as("a clock that was set back proves no more")
                .isEqualTo(990 * MILLI);
    }

    @Test
    void theSmallestDownAfterCountsForAllUntilItsSentinelIsForgotten() {
        assertThat(pace.nextNanos(TWO, state(TWO, 30_000 * MILLI, 0, Set.of("master"), false)))
                .isEqualTo(LeasePace.NANOS_MAX);
        next(1_200, 0);
        assertThat(pace.nextNanos(TWO, state(TWO, 30_000 * MILLI, 0, Set.of("master"), false)))
                .isEqualTo(590 * MILLI);
        pace.forget(ONE);
        assertThat(pace.nextNanos(TWO, state(TWO, 30_000 * MILLI, 0, Set.of("master"), false)))
                .isEqualTo(LeasePace.NANOS_MAX);
    }

    @Test
    void whoGivesNoPartInALeaseIsAskedByATenthOfDownAfter() {
        assertThat(pace.nextNanos(ONE, state(ONE, 2_000 * MILLI, 0, Set.of("master", "s_down"), false)))
                .isEqualTo(200 * MILLI);
        assertThat(pace.nextNanos(ONE, state(ONE, 2_000 * MILLI, 0, Set.of("master"), true)))
                .isEqualTo(200 * MILLI);
        assertThat(next(2_000, 2_100)).isEqualTo(200 * MILLI);
        assertThat(next(30_000, 30_100)).isEqualTo(500 * MILLI);
    }

    @Test
    void whoWatchesNothingHasNoSay() {
        SentinelState nothing = state(null, 0, 0, Set.of(), false);
        assertThat(pace.nextNanos(TWO, nothing)).isEqualTo(500 * MILLI);
        assertThat(next(2_000, 0)).isEqualTo(990 * MILLI);
    }

    private long next(long downAfterMillis, long lastOkPingReplyMillis) {
        return pace.nextNanos(
                ONE, state(ONE, downAfterMillis * MILLI, lastOkPingReplyMillis * MILLI, Set.of("master"), false));
    }

    private static SentinelState state(
            @Nullable NodeAddress primary,
            long downAfterNanos,
            long lastOkPingReplyNanos,
            Set<String> flags,
            boolean tilt) {
        return new SentinelState(
                primary,
                1,
                flags,
                "master",
                "run",
                2,
                2,
                downAfterNanos,
                180_000 * MILLI,
                lastOkPingReplyNanos,
                null,
                null,
                tilt,
                "me",
                null,
                null);
    }
}
