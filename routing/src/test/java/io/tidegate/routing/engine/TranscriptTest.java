package io.tidegate.routing.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.engine.EngineSettings.Fence;
import io.tidegate.routing.engine.EngineSettings.Topology;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Replays what real servers said and compares what the engine made of it with what was reviewed. When a difference is
 * meant, the expected file is replaced by the actual text, and the diff is reviewed. The recordings begin 18 s before the
 * failover, which is too short for a lease: that none is seen belongs to what was reviewed.
 */
class TranscriptTest {
    private static final long TICK_NANOS = 100 * Story.MS;

    private final StringBuilder actual = new StringBuilder();
    private boolean leased;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "forced-failover",
                "kill-and-return",
                "stop-and-resume",
                "leader-crash-after-election",
                "leader-crash-after-promotion"
            })
    void theEngineMakesOfItWhatWasReviewed(String name) {
        assertThat(replayed(name)).isEqualTo(Transcript.text(name + ".expected.txt"));
    }

    String replayed(String name) {
        Transcript transcript = Transcript.read(name + ".txt");
        RoutingEngine engine = new RoutingEngine(settings());
        long now = Story.MS;
        note(now, engine, engine.start(now));
        long tick = now + TICK_NANOS;
        for (Transcript.Line line : transcript.lines()) {
            for (; tick <= line.readNanos(); tick += TICK_NANOS) {
                note(tick, engine, engine.step(new Event.Tick(), tick));
            }
            now = line.readNanos();
            if (line.event() == null) {
                line(now, "-- " + line.remark());
            } else {
                note(now, engine, engine.step(line.event(), now));
            }
        }
        return actual.toString();
    }

    private void note(long nowNanos, RoutingEngine engine, List<Action> actions) {
        for (Action action : actions) {
            if (action instanceof Action.Tell told && !(told.notice() instanceof Notice.SentinelSaid)) {
                line(nowNanos, told.notice().toString());
            }
        }
        RoutingTable table = engine.table();
        if (leased != table.evidenceNanos() >= nowNanos) {
            leased = !leased;
            line(nowNanos, leased ? "under a lease" : "no lease");
        }
    }

    private void line(long nowNanos, String text) {
        actual.append(String.format(Locale.ROOT, "%9.1f %s%n", (nowNanos - Story.MS) / 1e6, text));
    }

    private static EngineSettings settings() {
        List<NodeAddress> sentinels = List.of(
                NodeAddress.parse("127.0.0.1:" + (Transcript.SENTINEL_PORT + 1)),
                NodeAddress.parse("127.0.0.1:" + (Transcript.SENTINEL_PORT + 2)),
                NodeAddress.parse("127.0.0.1:" + (Transcript.SENTINEL_PORT + 3)));
        return new EngineSettings(
                new Topology.Sentinel("mymaster", sentinels),
                Fence.LEASE,
                false,
                10_000 * Story.MS,
                2_000 * Story.MS,
                500 * Story.MS,
                50 * Story.MS,
                TICK_NANOS,
                null,
                Map.of(),
                16);
    }
}
