package io.tidegate.routing;

import static io.tidegate.routing.RouteReason.ELIGIBLE;
import static io.tidegate.routing.TableFixture.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Which of several replicas that may serve is taken, and what taking it costs. */
class RouterChoiceTest {
    private static final long NOW = 1000;
    private static final ReadLevel BOUNDED_50 = ReadLevel.bounded(50);
    private static final int DRAWS = 40_000;
    private static final long SEED = 20_261_121;

    private final FakeLoad load = new FakeLoad();
    private final Router router = new Router(load, new RouterSettings(100, 5, 4, 8), new RandomSource(SEED));
    private final Causality session = new Causality(new CausalScope());

    @Test
    void equalReplicasShareEvenly() {
        int[] drawn = draw(table().replica(999).replica(999).replica(999).replica(999));

        for (int id = 1; id <= 4; id++) {
            assertThat(drawn[id] / (double) DRAWS).isCloseTo(0.25, within(0.01));
        }
    }

    @Test
    void equalsOfTwoShareEvenly() {
        assertThat(draw(table().replica(999).replica(999))[1] / (double) DRAWS).isCloseTo(0.5, within(0.01));
    }

    @Test
    void everyPairOfFiveIsDrawnAsOften() {
        TableFixture five = table();
        for (int id = 1; id <= 5; id++) {
            five.replica(999);
            load.outstanding[id] = id;
        }

        int[] drawn = draw(five);

        // Of ten pairs the least loaded is in four, the next in three others, and so on.
        for (int id = 1; id <= 5; id++) {
            assertThat(drawn[id] / (double) DRAWS).isCloseTo((5 - id) / 10.0, within(0.01));
        }
    }

    @Test
    void ofReplicasOfWhichOneIsStaleTheOthersAreDrawnAsOften() {
        for (int stale = 1; stale <= 4; stale++) {
            TableFixture replicas = table();
            for (int id = 1; id <= 4; id++) {
                replicas.replica(id == stale ? 899 : 999);
            }

            int[] drawn = draw(replicas);

            for (int id = 1; id <= 4; id++) {
                assertThat(drawn[id] / (double) DRAWS).isCloseTo(id == stale ? 0 : 1.0 / 3, within(0.01));
            }
        }
    }

    @Test
    void theLongestWaitIsNoShortOne() {
        load.latencyNanos[1] = NodeLoad.LATENCY_NANOS_MAX;
        load.outstanding[1] = Integer.MAX_VALUE;
        load.latencyNanos[2] = 1_000;
        load.outstanding[2] = 1_000;

        assertThat(draw(table().replica(999).replica(999))[1]).isZero();
    }

    @Test
    void theMoreLoadedOfTwoIsNotTaken() {
        load.outstanding[2] = 1;

        int[] drawn = draw(table().replica(999).replica(999).replica(999).replica(999));

        // Replica 2 loses every pair that it is in.
        assertThat(drawn[2]).isZero();
        assertThat(drawn[1] / (double) DRAWS).isCloseTo(1.0 / 3, within(0.01));
        assertThat(drawn[4] / (double) DRAWS).isCloseTo(1.0 / 3, within(0.01));
    }

    @Test
    void theMiddleOfThreeWinsOnePairInThree() {
        load.outstanding[1] = 0;
        load.outstanding[2] = 1;
        load.outstanding[3] = 2;

        int[] drawn = draw(table().replica(999).replica(999).replica(999));

        assertThat(drawn[1] / (double) DRAWS).isCloseTo(2.0 / 3, within(0.01));
        assertThat(drawn[2] / (double) DRAWS).isCloseTo(1.0 / 3, within(0.01));
        assertThat(drawn[3]).isZero();
    }

    @Test
    void loadInProportionToLatencyEvensOut() {
        load.latencyNanos[1] = 100_000;
        load.latencyNanos[2] = 300_000;
        RoutingTable table = table().replica(999).replica(999).build();

        // Each draw stays outstanding: the steady state of a closed loop that never drains.
        for (int i = 0; i < 4000; i++) {
            load.outstanding[router.read(table, ReadLevel.EVENTUAL, session, false, NOW, NOW)]++;
        }

        assertThat(load.outstanding[1]).isCloseTo(3000, within(5));
    }

    @Test
    void anUnknownLatencyIsNoAdvantage() {
        load.latencyNanos[1] = 100_000;
        load.outstanding[2] = 1;

        assertThat(draw(table().replica(999).replica(999))[2]).isZero();
    }

    @Test
    void theOwnZoneServesUntilItIsOverloaded() {
        TableFixture zones = table().replica(999, ELIGIBLE, false).replica(999, ELIGIBLE, true);

        load.outstanding[2] = 3;
        assertThat(draw(zones)[1]).isZero();
        load.outstanding[2] = 4;
        assertThat(draw(zones)[1]).isEqualTo(DRAWS);
        load.outstanding[1] = 4;
        assertThat(draw(zones)[1]).isZero();
    }

    @Test
    void anotherZoneServesWhatTheOwnMayNot() {
        assertThat(draw(table().replica(999, ELIGIBLE, false).replica(1, ELIGIBLE, true))[1])
                .isEqualTo(DRAWS);
    }

    @Test
    void decidingAllocatesNothing() {
        RoutingTable table =
                table().replica(999).replica(998).replica(899, ELIGIBLE, false).build();
        RoutingTable lagging = table().replica(10).build();
        session.acknowledged(500);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            decideOften(table, lagging);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }

        // The JVM may allocate once, where it gives up a compilation; deciding would do so in every round.
        assertThat(least).isZero();
    }

    private void decideOften(RoutingTable table, RoutingTable lagging) {
        for (int i = 0; i < 20_000; i++) {
            router.read(table, ReadLevel.EVENTUAL, session, false, NOW, NOW);
            router.read(table, BOUNDED_50, session, false, NOW, NOW);
            router.read(table, ReadLevel.STRONG, session, false, NOW, NOW);
            router.read(table, ReadLevel.SESSION, session, false, NOW, NOW);
            session.read(table.replicas().get(1).node(), 900);
            router.read(lagging, ReadLevel.SESSION, session, false, NOW, NOW);
            session.acknowledged(901 + i);
            router.write(table);
        }
    }

    private int[] draw(TableFixture fixture) {
        RoutingTable table = fixture.build();
        int[] drawn = new int[16];
        for (int i = 0; i < DRAWS; i++) {
            drawn[router.read(table, ReadLevel.EVENTUAL, session, false, NOW, NOW)]++;
        }
        return drawn;
    }
}
