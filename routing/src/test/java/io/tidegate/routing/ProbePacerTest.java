package io.tidegate.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.ProbePacer.Demand;
import org.junit.jupiter.api.Test;

class ProbePacerTest {
    private static final long MS = 1_000_000L;
    private static final long NOW = 60_000 * MS;
    private static final long SENT = NOW - MS;
    private static final long ROUND_TRIP = MS / 10;

    private final ProbePacer pacer = new ProbePacer(10_000 * MS, 10_000 * MS);

    @Test
    void theLevelNamesTheInterval() {
        assertThat(pacer.intervalNanos(ReadLevel.EVENTUAL)).isEqualTo(1000 * MS);
        assertThat(pacer.intervalNanos(ReadLevel.STRONG)).isEqualTo(1000 * MS);
        assertThat(pacer.intervalNanos(ReadLevel.SESSION)).isEqualTo(10 * MS);
        assertThat(pacer.intervalNanos(ReadLevel.bounded(200 * MS))).isEqualTo(50 * MS);
        assertThat(pacer.intervalNanos(ReadLevel.bounded(3_600_000 * MS))).isEqualTo(1000 * MS);
    }

    @Test
    void aShortMaxLagIsProbedFourTimesWithinIt() {
        ProbePacer close = new ProbePacer(100 * MS, 10_000 * MS);

        assertThat(close.intervalNanos(ReadLevel.EVENTUAL)).isEqualTo(25 * MS);
        assertThat(dueIn(close, new Demand(25 * MS, Instants.UNKNOWN, false), 0))
                .isLessThanOrEqualTo(25 * MS);
    }

    @Test
    void aHealthyReplicaIsAskedBeforeItWouldCountAsSilent() {
        ProbePacer strict = new ProbePacer(10_000 * MS, 300 * MS);

        assertThat(strict.intervalNanos(ReadLevel.EVENTUAL)).isEqualTo(150 * MS);
    }

    @Test
    void nobodyReadingIsIdle() {
        Demand never = new Demand(10 * MS, Instants.UNKNOWN, false);
        Demand longAgo = new Demand(10 * MS, NOW - 1000 * MS, false);

        assertThat(dueIn(pacer, never, ROUND_TRIP)).isBetween(875 * MS, 1000 * MS);
        assertThat(dueIn(pacer, longAgo, ROUND_TRIP)).isBetween(875 * MS, 1000 * MS);
    }

    @Test
    void recentReadsAreProbedAtTheirPace() {
        Demand session = new Demand(10 * MS, NOW - 999 * MS, false);

        assertThat(dueIn(pacer, session, ROUND_TRIP)).isBetween(10 * MS * 7 / 8, 10 * MS);
    }

    @Test
    void settlingIsProbedAsFastAsRoundTripsAllow() {
        Demand settling = new Demand(10 * MS, NOW, true);

        assertThat(dueIn(pacer, settling, ROUND_TRIP)).isEqualTo(ROUND_TRIP);
        assertThat(dueIn(pacer, settling, 50 * MS)).isEqualTo(50 * MS);
    }

    @Test
    void noPaceIsFasterThanTheRoundTrip() {
        assertThat(dueIn(pacer, new Demand(10 * MS, NOW, false), 30 * MS)).isEqualTo(30 * MS);
    }

    @Test
    void jitterIsFixedByTheLotAndDiffersBetweenLots() {
        Demand session = new Demand(10 * MS, NOW, false);

        assertThat(pacer.dueNanos(session, SENT, 0, 1, NOW)).isEqualTo(pacer.dueNanos(session, SENT, 0, 1, NOW + MS));
        assertThat(pacer.dueNanos(session, SENT, 0, 1, NOW)).isNotEqualTo(pacer.dueNanos(session, SENT, 0, 2, NOW));
    }

    private static long dueIn(ProbePacer pacer, Demand demand, long roundTripNanos) {
        return pacer.dueNanos(demand, SENT, roundTripNanos, 42, NOW) - SENT;
    }
}
