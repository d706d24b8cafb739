package io.tidegate.routing;

import static io.tidegate.routing.Instants.UNKNOWN;
import static io.tidegate.routing.RouteReason.BECAME_HOME;
import static io.tidegate.routing.RouteReason.CHOSEN_OTHER;
import static io.tidegate.routing.RouteReason.ELIGIBLE;
import static io.tidegate.routing.RouteReason.FLOOR;
import static io.tidegate.routing.RouteReason.FRESH;
import static io.tidegate.routing.RouteReason.HELD_CUT_OVER;
import static io.tidegate.routing.RouteReason.HELD_FENCED;
import static io.tidegate.routing.RouteReason.HELD_NO_PRIMARY;
import static io.tidegate.routing.RouteReason.HELD_SPILL;
import static io.tidegate.routing.RouteReason.HELD_SPLIT;
import static io.tidegate.routing.RouteReason.HOME;
import static io.tidegate.routing.RouteReason.LEVEL_STRONG;
import static io.tidegate.routing.RouteReason.LOADING;
import static io.tidegate.routing.RouteReason.NOT_REPLICA_SAFE;
import static io.tidegate.routing.RouteReason.NO_FRESH_REPLICA;
import static io.tidegate.routing.RouteReason.PROBATION;
import static io.tidegate.routing.RouteReason.READ_INDEX;
import static io.tidegate.routing.RouteReason.SETTLING;
import static io.tidegate.routing.RouteReason.SPARED;
import static io.tidegate.routing.RouteReason.STALE;
import static io.tidegate.routing.RouteReason.UNKNOWN_LAG;
import static io.tidegate.routing.RouteReason.WRITE;
import static io.tidegate.routing.RouteReason.WRITE_AHEAD;
import static io.tidegate.routing.Router.HOLD;
import static io.tidegate.routing.Router.SETTLE;
import static io.tidegate.routing.TableFixture.PRIMARY;
import static io.tidegate.routing.TableFixture.node;
import static io.tidegate.routing.TableFixture.table;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.RoutingTable.WriteGate;
import org.junit.jupiter.api.Test;

/** The truth tables of the levels: max-lag is 100, the time of each decision and of each arrival is 1000. */
class RouterTest {
    private static final long NOW = 1000;
    private static final ReadLevel BOUNDED_50 = ReadLevel.bounded(50);

    private final FakeLoad load = new FakeLoad();
    private final Router router = new Router(load, new RouterSettings(100, 5, 4, 8), new RandomSource(7));
    private final Causality session = new Causality(new CausalScope());

    @Test
    void eventualReadsFromReplicasWithinTheLagElseFromThePrimary() {
        assertRead(table().replica(900), ReadLevel.EVENTUAL, 1, FRESH);
        assertRead(table().replica(899), ReadLevel.EVENTUAL, PRIMARY, NO_FRESH_REPLICA);
        assertRead(table().replica(UNKNOWN), ReadLevel.EVENTUAL, PRIMARY, NO_FRESH_REPLICA);
        assertRead(table().replica(999, LOADING, true), ReadLevel.EVENTUAL, PRIMARY, NO_FRESH_REPLICA);
        assertRead(table(), ReadLevel.EVENTUAL, PRIMARY, NO_FRESH_REPLICA);
    }

    @Test
    void strongIsServedByAReplicaThatHoldsWhatWasExecutedWhenTheRequestArrived() {
        Router byIndex = new Router(load, new RouterSettings(100, 5, 4, 8, true), new RandomSource(7));
        RoutingTable reached = table().replica(NOW).build();
        RoutingTable behind = table().replica(NOW - 1).build();

        assertThat(byIndex.read(reached, ReadLevel.STRONG, session, false, NOW, NOW))
                .isEqualTo(1);
        assertThat(byIndex.reason()).isEqualTo(READ_INDEX);
        assertThat(byIndex.read(behind, ReadLevel.STRONG, session, false, NOW, NOW))
                .isEqualTo(SETTLE);
        assertThat(byIndex.read(behind, ReadLevel.STRONG, session, true, NOW, NOW))
                .isEqualTo(PRIMARY);
        assertThat(byIndex.reason()).isEqualTo(LEVEL_STRONG);
        assertThat(byIndex.read(table().build(), ReadLevel.STRONG, session, false, NOW, NOW))
                .isEqualTo(PRIMARY);
        session.settleFailed(NOW + 1);
        assertThat(byIndex.read(behind, ReadLevel.STRONG, session, false, NOW, NOW))
                .isEqualTo(PRIMARY);
        assertThat(byIndex.explain(behind, ReadLevel.STRONG, session, true, true, NOW, NOW)
                        .verdicts()
                        .get(1)
                        .reason())
                .isEqualTo(STALE);
    }

    @Test
    void eventualHasAFloorWhileNoPrimaryAnswers() {
        assertRead(table().replica(1).primaryLost(), ReadLevel.EVENTUAL, 1, FLOOR);
        assertRead(table().replica(UNKNOWN).primaryLost(), ReadLevel.EVENTUAL, HOLD, HELD_NO_PRIMARY);
        assertRead(table().replica(999, PROBATION, true).primaryLost(), ReadLevel.EVENTUAL, HOLD, HELD_NO_PRIMARY);
    }

    @Test
    void boundedComparesWithTheArrivalAndHasNoFloor() {
        assertRead(table().replica(950), BOUNDED_50, 1, FRESH);
        assertRead(table().replica(949), BOUNDED_50, PRIMARY, NO_FRESH_REPLICA);
        assertRead(table().replica(950).primaryLost(), BOUNDED_50, 1, FRESH);
        assertRead(table().replica(949).primaryLost(), BOUNDED_50, HOLD, HELD_NO_PRIMARY);

        // A request that was held for long is still judged by when it came.
        int later = router.read(table().replica(950).build(), BOUNDED_50, session, false, NOW, NOW + 500);
        assertThat(later).isEqualTo(1);
    }

    @Test
    void strongReadsFromThePrimaryOrWaits() {
        assertRead(table().replica(NOW), ReadLevel.STRONG, PRIMARY, LEVEL_STRONG);
        assertRead(table().replica(NOW).primaryLost(), ReadLevel.STRONG, HOLD, HELD_NO_PRIMARY);
    }

    @Test
    void aReplicaThatFailedTheSessionIsPassedOverUntilTheNextReply() {
        session.failed(1);
        assertRead(table().replica(999).replica(999), ReadLevel.EVENTUAL, 2, FRESH);
        assertRead(table().replica(999).replica(999), BOUNDED_50, 2, FRESH);
        assertRead(table().replica(999).replica(999), ReadLevel.SESSION, 2, BECAME_HOME);
        session.failed(2);
        assertRead(table().replica(999).replica(999), ReadLevel.EVENTUAL, PRIMARY, NO_FRESH_REPLICA);
        assertRead(table().replica(999).replica(999), ReadLevel.SESSION, PRIMARY, NO_FRESH_REPLICA);
        assertRead(table().replica(999).replica(999).replica(999), ReadLevel.SESSION, 3, BECAME_HOME);

        session.read(node(PRIMARY, true), 900);
        assertRead(table().replica(999), ReadLevel.EVENTUAL, 1, FRESH);
        session.failed(1);
        session.acknowledged(910);
        assertRead(table().replica(999), ReadLevel.EVENTUAL, 1, FRESH);
    }

    @Test
    void aHomeThatFailedIsNotWaitedFor() {
        assertRead(table().replica(500), ReadLevel.SESSION, 1, BECAME_HOME);
        session.failed(1);
        assertRead(table().replica(500), ReadLevel.SESSION, PRIMARY, NO_FRESH_REPLICA);
    }

    @Test
    void aSessionThatHasSeenNothingReadsWhereAnythingIsKnown() {
        assertRead(table().replica(1), ReadLevel.SESSION, 1, BECAME_HOME);
        assertRead(table().replica(UNKNOWN), ReadLevel.SESSION, PRIMARY, NO_FRESH_REPLICA);
    }

    @Test
    void aSessionStaysAtHomeAsLongAsHomeHoldsItsLastWrite() {
        assertRead(table().replica(500), ReadLevel.SESSION, 1, BECAME_HOME);
        session.read(node(1, true), 800);

        load.outstanding[1] = 1000;
        assertRead(table().replica(500).replica(999), ReadLevel.SESSION, 1, HOME);

        session.acknowledged(900);
        assertRead(table().replica(900).replica(999), ReadLevel.SESSION, 1, HOME);
        assertRead(table().replica(899).replica(900), ReadLevel.SESSION, 2, BECAME_HOME);
    }

    @Test
    void aNewHomeMustHoldAllThatTheSessionSawOfThePrimary() {
        session.acknowledged(800);
        session.read(node(PRIMARY, true), 900);

        assertRead(table().replica(900), ReadLevel.SESSION, 1, BECAME_HOME);
    }

    @Test
    void repliesNotedOutOfOrderDoNotTakeAnythingBack() {
        session.read(node(PRIMARY, true), 900);
        session.acknowledged(800);
        assertRead(table().replica(899), ReadLevel.SESSION, SETTLE, SETTLING);

        session.acknowledged(950);
        session.acknowledged(940);
        assertRead(table().replica(949), ReadLevel.SESSION, PRIMARY, NO_FRESH_REPLICA);
        session.read(node(PRIMARY, true), 945);
        assertRead(table().replica(949), ReadLevel.SESSION, PRIMARY, NO_FRESH_REPLICA);
    }

    @Test
    void aHomeThatRestartedIsNobodysHome() {
        assertRead(table().replica(900), ReadLevel.SESSION, 1, BECAME_HOME);
        session.read(node(1, true), 910);

        TableFixture restarted = table().replica(node(1, "another process", true), 900, ELIGIBLE);
        assertRead(restarted, ReadLevel.SESSION, SETTLE, SETTLING);
    }

    @Test
    void aReadAtAnotherLevelMovesNoSessionBackInTime() {
        assertRead(table().replica(900).replica(100, LOADING, true), ReadLevel.SESSION, 1, BECAME_HOME);
        session.read(node(1, true), 910);

        session.read(node(2, true), 920);

        assertRead(table().replica(900).replica(900), ReadLevel.SESSION, SETTLE, SETTLING);
    }

    @Test
    void aSessionSettlesOnlyIfNothingButTheChangeOfHomeForbidsAReplica() {
        session.acknowledged(800);
        session.read(node(PRIMARY, true), 900);

        assertRead(table().replica(800), ReadLevel.SESSION, SETTLE, SETTLING);
        assertRead(table().replica(799), ReadLevel.SESSION, PRIMARY, NO_FRESH_REPLICA);
        assertRead(table().replica(899, PROBATION, true), ReadLevel.SESSION, PRIMARY, NO_FRESH_REPLICA);
        assertRead(table().replica(899).primaryLost(), ReadLevel.SESSION, HOLD, HELD_NO_PRIMARY);
        assertRead(table().replica(900).primaryLost(), ReadLevel.SESSION, 1, BECAME_HOME);
    }

    @Test
    void settlingEndsWhenItsTimeIsUpAndIsNotTriedAgainAtOnce() {
        session.read(node(PRIMARY, true), 900);
        RoutingTable table = table().replica(899).build();

        assertThat(router.read(table, ReadLevel.SESSION, session, true, NOW, NOW))
                .isEqualTo(PRIMARY);
        session.settleFailed(NOW + 1);
        assertThat(router.read(table, ReadLevel.SESSION, session, false, NOW, NOW))
                .isEqualTo(PRIMARY);
        assertThat(router.read(table, ReadLevel.SESSION, session, false, NOW, NOW + 1))
                .isEqualTo(SETTLE);
    }

    @Test
    void anotherSessionsWriteInASharedScopeCounts() {
        CausalScope shared = new CausalScope();
        Causality reader = new Causality(shared);
        new Causality(shared).acknowledged(900);

        RoutingTable stale = table().replica(899).build();
        assertThat(router.read(stale, ReadLevel.SESSION, reader, false, NOW, NOW))
                .isEqualTo(PRIMARY);
        RoutingTable fresh = table().replica(900).build();
        assertThat(router.read(fresh, ReadLevel.SESSION, reader, false, NOW, NOW))
                .isEqualTo(1);
    }

    @Test
    void aNewEpochBeginsGuaranteesAnew() {
        assertRead(table().replica(500), ReadLevel.SESSION, 1, BECAME_HOME);
        session.read(node(1, true), 900);
        assertRead(table().replica(500), ReadLevel.SESSION, 1, HOME);
        assertThat(router.epochChanges()).isZero();

        assertRead(table().epoch(2).replica(500), ReadLevel.SESSION, SETTLE, SETTLING);
        assertRead(table().epoch(2).replica(900), ReadLevel.SESSION, 1, BECAME_HOME);
        assertThat(router.epochChanges()).isEqualTo(1);
    }

    @Test
    void writesGoThroughTheGate() {
        assertThat(router.write(table().build())).isEqualTo(PRIMARY);
        assertThat(router.reason()).isEqualTo(WRITE);
        assertHeldWrite(table().gate(WriteGate.FENCED), HELD_FENCED);
        assertHeldWrite(table().gate(WriteGate.CUTTING_OVER), HELD_CUT_OVER);
        assertHeldWrite(table().gate(WriteGate.SPLIT), HELD_SPLIT);
        assertHeldWrite(table().noPrimary(WriteGate.NO_CLAIM), HELD_NO_PRIMARY);
        assertThat(router.write(RoutingTable.EMPTY)).isEqualTo(HOLD);
    }

    @Test
    void duringACutOverWritesGoAheadToTheSuccessorUnlessItIsInDoubt() {
        assertThat(router.write(table().successor(1, true).build())).isEqualTo(1);
        assertThat(router.reason()).isEqualTo(WRITE_AHEAD);
        assertHeldWrite(table().successor(1, false), HELD_CUT_OVER);
    }

    @Test
    void readsUseAPrimaryWhoseGateIsClosedAsLongAsItAnswers() {
        assertRead(table().gate(WriteGate.FENCED), ReadLevel.STRONG, PRIMARY, LEVEL_STRONG);
        assertRead(table().noPrimary(WriteGate.FENCED), ReadLevel.STRONG, HOLD, HELD_FENCED);
    }

    @Test
    void readsThatSpillToThePrimaryAreCapped() {
        load.spilled = 7;
        assertRead(table().replica(899), ReadLevel.EVENTUAL, PRIMARY, NO_FRESH_REPLICA);
        load.spilled = 8;
        assertRead(table().replica(899), ReadLevel.EVENTUAL, HOLD, HELD_SPILL);
        assertRead(table().replica(949), BOUNDED_50, HOLD, HELD_SPILL);
        session.acknowledged(950);
        assertRead(table().replica(949), ReadLevel.SESSION, HOLD, HELD_SPILL);
        assertThat(router.explain(table().replica(949).build(), BOUNDED_50, session, true, false, NOW, NOW)
                        .reason())
                .isEqualTo(HELD_SPILL);
    }

    @Test
    void whatHasNowhereElseToGoIsNotCapped() {
        load.spilled = 1000;
        assertRead(table().replica(950), ReadLevel.EVENTUAL, 1, FRESH);
        assertRead(table().replica(899), ReadLevel.STRONG, PRIMARY, LEVEL_STRONG);
        assertRead(table(), ReadLevel.EVENTUAL, PRIMARY, NO_FRESH_REPLICA);
        assertRead(table(), ReadLevel.SESSION, PRIMARY, NO_FRESH_REPLICA);
        assertRead(table().replica(949).primaryLost(), BOUNDED_50, HOLD, HELD_NO_PRIMARY);
        assertThat(router.write(table().replica(899).build())).isEqualTo(PRIMARY);
    }

    @Test
    void explainGivesEveryNodeItsVerdict() {
        RoutingTable table = table().replica(950)
                .replica(970)
                .replica(10)
                .replica(UNKNOWN)
                .replica(999, LOADING, true)
                .build();
        load.outstanding[1] = 3;

        Explanation explained = router.explain(table, BOUNDED_50, session, true, false, NOW, NOW);

        assertThat(explained.target()).isEqualTo(2);
        assertThat(explained.reason()).isEqualTo(FRESH);
        assertThat(explained.verdicts())
                .extracting(Explanation.Verdict::reason)
                .containsExactly(SPARED, CHOSEN_OTHER, FRESH, STALE, UNKNOWN_LAG, LOADING);
        assertThat(explained.verdicts())
                .extracting(Explanation.Verdict::requiredNanos)
                .containsExactly(UNKNOWN, 950L, 950L, 950L, 950L, 950L);
    }

    @Test
    void explainSaysWhyReplicasDoNotServeWhatOnlyThePrimaryMay() {
        RoutingTable table = table().replica(NOW).build();

        Explanation write = router.explain(table, ReadLevel.SESSION, session, false, false, NOW, NOW);
        assertThat(write.verdicts()).extracting(Explanation.Verdict::reason).containsExactly(WRITE, NOT_REPLICA_SAFE);
        Explanation strong = router.explain(table, ReadLevel.STRONG, session, true, false, NOW, NOW);
        assertThat(strong.verdicts())
                .extracting(Explanation.Verdict::reason)
                .containsExactly(LEVEL_STRONG, LEVEL_STRONG);
    }

    @Test
    void explainLeavesTheSessionAsItWas() {
        router.explain(table().replica(500).build(), ReadLevel.SESSION, session, true, false, NOW, NOW);

        assertRead(table().replica(500), ReadLevel.SESSION, 1, BECAME_HOME);
    }

    private void assertHeldWrite(TableFixture table, RouteReason reason) {
        assertThat(router.write(table.build())).isEqualTo(HOLD);
        assertThat(router.reason()).isEqualTo(reason);
    }

    private void assertRead(TableFixture table, ReadLevel level, int target, RouteReason reason) {
        assertThat(router.read(table.build(), level, session, false, NOW, NOW)).isEqualTo(target);
        assertThat(router.reason()).isEqualTo(reason);
    }
}
