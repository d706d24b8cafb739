package io.tidegate.routing;

import static io.tidegate.routing.Instants.UNKNOWN;
import static io.tidegate.routing.RouteReason.CURSOR;
import static io.tidegate.routing.RouteReason.ELIGIBLE;
import static io.tidegate.routing.RouteReason.FLOOR;
import static io.tidegate.routing.RouteReason.HELD_NO_PRIMARY;
import static io.tidegate.routing.RouteReason.HELD_SPILL;
import static io.tidegate.routing.RouteReason.HOME;
import static io.tidegate.routing.RouteReason.LEVEL_STRONG;
import static io.tidegate.routing.RouteReason.LOADING;
import static io.tidegate.routing.RouteReason.NO_FRESH_REPLICA;
import static io.tidegate.routing.RouteReason.SETTLING;
import static io.tidegate.routing.Router.HOLD;
import static io.tidegate.routing.Router.SETTLE;
import static io.tidegate.routing.TableFixture.PRIMARY;
import static io.tidegate.routing.TableFixture.node;
import static io.tidegate.routing.TableFixture.table;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A read that replica 1 has begun: max-lag is 100, the time of each decision and of each arrival is 1000. */
class RouterReadOnTest {
    private static final long NOW = 1000;
    private static final ReadLevel BOUNDED_50 = ReadLevel.bounded(50);

    private final FakeLoad load = new FakeLoad();
    private final Router router = new Router(load, new RouterSettings(100, 5, 4, 8), new RandomSource(7));
    private final Causality session = new Causality(new CausalScope());

    @Test
    void itGoesOnThereHoweverWellAnotherWouldDo() {
        load.outstanding[1] = 1000;
        assertReadOn(table().replica(900).replica(NOW), ReadLevel.EVENTUAL, 1, CURSOR);
        assertReadOn(table().replica(950).replica(NOW), BOUNDED_50, 1, CURSOR);
        assertReadOn(table().replica(1).replica(NOW), ReadLevel.SESSION, 1, CURSOR);
    }

    /** Not at another replica, which might be late by the next time, and so on for ever. */
    @Test
    void whereItIsTooLateItBeginsAnewAtThePrimary() {
        assertReadOn(table().replica(899).replica(NOW), ReadLevel.EVENTUAL, PRIMARY, NO_FRESH_REPLICA);
        assertReadOn(table().replica(949).replica(NOW), BOUNDED_50, PRIMARY, NO_FRESH_REPLICA);
        assertReadOn(table().replica(UNKNOWN).replica(NOW), ReadLevel.SESSION, PRIMARY, NO_FRESH_REPLICA);
        assertReadOn(table().replica(999, LOADING, true).replica(NOW), ReadLevel.SESSION, PRIMARY, NO_FRESH_REPLICA);
        assertReadOn(table().replica(NOW).replica(NOW), ReadLevel.STRONG, PRIMARY, LEVEL_STRONG);
        load.spilled = 8;
        assertReadOn(table().replica(899).replica(NOW), ReadLevel.EVENTUAL, HOLD, HELD_SPILL);
    }

    @Test
    void theSameAddressIsNotTheSameProcess() {
        TableFixture restarted = table().replica(node(1, "another process", true), NOW, ELIGIBLE);
        assertReadOn(restarted, ReadLevel.EVENTUAL, PRIMARY, NO_FRESH_REPLICA);
    }

    @Test
    void oneThatFailedTheSessionDoesNotGoOn() {
        session.failed(1);
        assertReadOn(table().replica(NOW), ReadLevel.EVENTUAL, PRIMARY, NO_FRESH_REPLICA);
    }

    @Test
    void aSessionIsAtHomeThereFromThenOn() {
        assertThat(router.read(table().replica(900).build(), ReadLevel.SESSION, session, false, NOW, NOW))
                .isEqualTo(1);
        session.read(node(PRIMARY, true), 910);
        assertReadOn(table().replica(910), ReadLevel.SESSION, 1, CURSOR);

        session.read(node(1, true), 990);
        assertReadOn(table().replica(910), ReadLevel.SESSION, 1, CURSOR);
        RoutingTable other = table().replica(910).replica(NOW).build();
        assertThat(router.read(other, ReadLevel.SESSION, session, false, NOW, NOW))
                .isEqualTo(1);
        assertThat(router.reason()).isEqualTo(HOME);
    }

    /** It knows nothing of what the session has seen, so it may be nobody's home. */
    @Test
    void anotherLevelMakesItNoHome() {
        session.read(node(PRIMARY, true), 990);
        assertReadOn(table().replica(950), ReadLevel.EVENTUAL, 1, CURSOR);
        assertThat(router.read(table().replica(950).build(), ReadLevel.SESSION, session, true, NOW, NOW))
                .isEqualTo(PRIMARY);
    }

    /** To begin anew costs more than to wait, for the session's own write, too. */
    @Test
    void aSessionWaitsAMomentForIt() {
        session.acknowledged(950);
        RoutingTable late = table().replica(949).build();
        assertReadOn(table().replica(949), ReadLevel.SESSION, SETTLE, SETTLING);
        assertThat(router.readOn(late, node(1, true), ReadLevel.SESSION, session, true, NOW, NOW))
                .isEqualTo(PRIMARY);
        session.settleFailed(NOW + 1);
        assertReadOn(table().replica(949), ReadLevel.SESSION, PRIMARY, NO_FRESH_REPLICA);
        assertReadOn(table().replica(949).primaryLost(), ReadLevel.SESSION, HOLD, HELD_NO_PRIMARY);
    }

    @Test
    void strongGoesOnByReadIndex() {
        Router byIndex = new Router(load, new RouterSettings(100, 5, 4, 8, true), new RandomSource(7));
        RoutingTable reached = table().replica(NOW).build();
        RoutingTable behind = table().replica(NOW - 1).build();
        assertThat(byIndex.readOn(reached, node(1, true), ReadLevel.STRONG, session, false, NOW, NOW))
                .isEqualTo(1);
        assertThat(byIndex.readOn(behind, node(1, true), ReadLevel.STRONG, session, false, NOW, NOW))
                .isEqualTo(SETTLE);
        assertThat(byIndex.readOn(behind, node(1, true), ReadLevel.STRONG, session, true, NOW, NOW))
                .isEqualTo(PRIMARY);
    }

    @Test
    void whileNoPrimaryAnswersItBeginsAnewWhereAnyReadGoes() {
        assertReadOn(table().replica(UNKNOWN).replica(1).primaryLost(), ReadLevel.EVENTUAL, 2, FLOOR);
        assertReadOn(table().replica(1).replica(NOW).primaryLost(), ReadLevel.EVENTUAL, 1, CURSOR);
        assertReadOn(table().replica(UNKNOWN).primaryLost(), ReadLevel.EVENTUAL, HOLD, HELD_NO_PRIMARY);
    }

    private void assertReadOn(TableFixture table, ReadLevel level, int target, RouteReason reason) {
        assertThat(router.readOn(table.build(), node(1, true), level, session, false, NOW, NOW))
                .isEqualTo(target);
        assertThat(router.reason()).isEqualTo(reason);
    }
}
