package io.tidegate.routing.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.engine.EngineSettings.Fence;
import io.tidegate.routing.engine.EngineSettings.Restart;
import io.tidegate.routing.engine.EngineSettings.Topology;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The invariants of the engine under {@link Soup}; each failure names its seed. */
class SoupTest {
    private static final int SEEDS = 400;
    private static final int EVENTS = 500;

    @Test
    void whateverComesTheInvariantsHoldWithSentinels() {
        int adopted = 0;
        int evident = 0;
        int fresh = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Oracle oracle = new Oracle(seed, true);
            run(seed, new Topology.Sentinel("mymaster", Soup.SENTINELS), Fence.LEASE, oracle);
            adopted += oracle.adopted();
            evident += oracle.evident();
            fresh += oracle.fresh();
        }
        assertThat(adopted).as("claims adopted, else nothing was tested").isGreaterThan(SEEDS);
        assertThat(evident).as("tables with evidence").isGreaterThan(10 * SEEDS);
        assertThat(fresh).as("replicas with as-of").isGreaterThan(10 * SEEDS);
    }

    @Test
    void whateverComesTheInvariantsHoldWithoutSentinels() {
        int adopted = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Oracle oracle = new Oracle(seed, false);
            run(
                    seed,
                    new Topology.Static(Soup.NODES, seed % 3 == 0 ? Restart.FENCE : Restart.ACCEPT),
                    Fence.ROLE,
                    oracle);
            adopted += oracle.adopted();
        }
        assertThat(adopted).as("claims adopted, else nothing was tested").isGreaterThan(SEEDS / 2);
    }

    private static void run(long seed, Topology topology, Fence fence, Oracle oracle) {
        boolean activeFence = seed % 2 == 0;
        Soup soup = new Soup(seed);
        RoutingEngine engine = new RoutingEngine(new EngineSettings(
                topology,
                fence,
                activeFence,
                10_000 * Story.MS,
                2_000 * Story.MS,
                100 * Story.MS,
                50 * Story.MS,
                1_000 * Story.MS,
                null,
                Map.of(),
                16));
        engine.start(soup.nowNanos());
        for (int i = 0; i < EVENTS; i++) {
            Event event = soup.next();
            if (topology instanceof Topology.Static && isOfSentinel(event)) {
                continue;
            }
            oracle.hear(event);
            RoutingTable before = engine.table();
            List<Action> actions = engine.step(event, soup.nowNanos());
            oracle.check(before, engine.table(), actions);
        }
    }

    private static boolean isOfSentinel(Event event) {
        return event instanceof Event.SentinelReport
                || event instanceof Event.SentinelMessage
                || event instanceof Event.SentinelLost;
    }
}
