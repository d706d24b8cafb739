package io.tidegate.routing;

import static io.tidegate.routing.Instants.UNKNOWN;
import static io.tidegate.routing.RouteReason.CHOSEN_OTHER;
import static io.tidegate.routing.RouteReason.ELIGIBLE;
import static io.tidegate.routing.RouteReason.LOADING;
import static io.tidegate.routing.TableFixture.PRIMARY;
import static io.tidegate.routing.TableFixture.node;
import static io.tidegate.routing.TableFixture.table;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.Explanation.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Replicas side by side: what is asked of the arrays is what the replicas say. */
class LineupTest {
    private static final long NOW = 1000;

    @Test
    void whoMayServeHasAPlaceAndTheOwnZoneComesFirst() {
        RoutingTable table = table().replica(10, ELIGIBLE, false)
                .replica(20, LOADING, true)
                .replica(30, ELIGIBLE, true)
                .replica(40, ELIGIBLE, false)
                .replica(UNKNOWN, ELIGIBLE, true)
                .build();
        Lineup lineup = table.lineup();

        assertThat(table.replicas()).extracting(replica -> replica.node().id()).containsExactly(1, 2, 3, 4, 5);
        assertThat(lineup.everyPlace()).containsExactly(0, 1, 2, 3);
        assertThat(lineup.near()).isEqualTo(2);
        assertThat(List.of(lineup.id(0), lineup.id(1), lineup.id(2), lineup.id(3)))
                .containsExactly(3, 5, 1, 4);
        assertThat(lineup.asOfNanos(3)).isEqualTo(40);
        assertThat(lineup.node(3)).isEqualTo(node(4, false));
        assertThat(lineup.oldestNanos()).isEqualTo(UNKNOWN);
    }

    @Test
    void aPlaceIsThatOfAProcessNotOfAnAddress() {
        Lineup lineup = table().replica(10).replica(20).build().lineup();

        assertThat(lineup.place(node(2, true))).isEqualTo(1);
        assertThat(lineup.place(node(2, "another process", true))).isEqualTo(-1);
        assertThat(lineup.place(node(3, true))).isEqualTo(-1);
    }

    @Test
    void tablesAreEqualWhoseReplicasAre() {
        assertThat(table().replica(10).replica(20).build())
                .isEqualTo(table().replica(10).replica(20).build())
                .hasSameHashCodeAs(table().replica(10).replica(20).build())
                .isNotEqualTo(table().replica(10).replica(21).build());
    }

    /** The router decides by places, and explains by what each replica says of itself. */
    @Test
    void whatIsDecidedIsWhatIsExplained() {
        for (long seed = 1; seed <= 4_000; seed++) {
            RandomSource random = new RandomSource(seed);
            RoutingTable table = anyTable(random);
            Causality session = anySession(random);
            ReadLevel level = List.of(ReadLevel.EVENTUAL, ReadLevel.bounded(50), ReadLevel.SESSION)
                    .get(random.next(3));
            Router router = new Router(new FakeLoad(), new RouterSettings(60, 5, 4, 8), random);

            Explanation explained = router.explain(table, level, session, true, random.next(2) == 0, NOW, NOW);

            boolean replicaServes = explained.target() > PRIMARY;
            for (Verdict verdict : explained.verdicts()) {
                if (verdict.node().id() == PRIMARY) {
                    continue;
                }
                boolean mayServe = verdict.node().id() == explained.target() || verdict.reason() == CHOSEN_OTHER;
                if (mayServe) {
                    assertThat(replicaServes).as("seed %d: %s", seed, explained).isTrue();
                    assertThat(verdict.asOfNanos()).as("seed %d", seed).isGreaterThanOrEqualTo(verdict.requiredNanos());
                }
            }
        }
    }

    private static RoutingTable anyTable(RandomSource random) {
        TableFixture fixture = table();
        for (int id = 1 + random.next(6); id > 0; id--) {
            long asOf = random.next(6) == 0 ? UNKNOWN : NOW - random.next(90);
            fixture.replica(asOf, random.next(4) == 0 ? LOADING : ELIGIBLE, random.next(3) > 0);
        }
        return (random.next(5) == 0 ? fixture.primaryLost() : fixture).build();
    }

    private static Causality anySession(RandomSource random) {
        Causality session = new Causality(new CausalScope());
        session.enter(1);
        if (random.next(2) == 0) {
            session.acknowledged(NOW - random.next(90));
        }
        if (random.next(2) == 0) {
            session.moveTo(node(1 + random.next(3), random.next(2) == 0), 0);
        }
        if (random.next(2) == 0) {
            session.failed(1 + random.next(3));
        }
        return session;
    }
}
