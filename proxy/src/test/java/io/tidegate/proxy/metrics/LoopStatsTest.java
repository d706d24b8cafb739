package io.tidegate.proxy.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.metrics.LoopStats.Count;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class LoopStatsTest {
    private final LoopStats stats = new LoopStats(new DoorStats());

    @Test
    void routesAreCountedByNodeAndReason() {
        stats.routed(ReadLevel.Kind.SESSION, node(3), RouteReason.HOME, 1);
        stats.routed(ReadLevel.Kind.SESSION, node(3), RouteReason.HOME, 1);
        stats.routed(ReadLevel.Kind.STRONG, node(0), RouteReason.WRITE, 1);
        stats.answeredLocally(ReadLevel.Kind.STRONG);

        assertThat(routes()).containsExactly("h:1 write 1", "h:4 home 2");
        assertThat(stats.requests(ReadLevel.Kind.SESSION)).isEqualTo(2);
        assertThat(stats.requests(ReadLevel.Kind.STRONG)).isEqualTo(2);
        assertThat(stats.count(Count.LOCAL_ANSWERS)).isEqualTo(1);
    }

    @Test
    void nodesBeyondTheLimitAreCountedAsOne() {
        for (int id = NodeStats.NODES_MAX - 1; id < NodeStats.NODES_MAX + 1_000; id++) {
            stats.routed(ReadLevel.Kind.EVENTUAL, node(id), RouteReason.FRESH, 1);
        }
        assertThat(routes()).containsExactly("h:256 fresh 1", "null fresh 1000");
    }

    @Test
    void labelsBeyondTheLimitAreCountedAsOne() {
        for (int i = 0; i < 1_000; i++) {
            stats.errorAnswered("label" + i);
        }
        Map<String, Long> errors = new HashMap<>();
        stats.errors().each(errors::put);
        assertThat(errors)
                .hasSize(65)
                .containsEntry("label63", 1L)
                .doesNotContainKey("label64")
                .containsEntry("other", 936L);
    }

    @Test
    void theLongestHoldIsKept() {
        stats.held();
        stats.held();
        stats.holdEnded(0, 70);
        stats.holdEnded(10, 60);
        assertThat(stats.count(Count.HOLD_NANOS_MAX)).isEqualTo(70);
        assertThat(stats.open(Count.HOLDS_BEGUN, Count.HOLDS_ENDED)).isZero();
    }

    @Test
    void aReaderNeverSeesLessThanBeforeNorMoreThanThereIs() throws InterruptedException {
        int rounds = 200_000;
        AtomicBoolean done = new AtomicBoolean();
        List<String> violations = new ArrayList<>();
        Thread reader = new Thread(() -> {
            long last = 0;
            while (!done.get()) {
                long open = stats.open(Count.CLIENTS_OPENED, Count.CLIENTS_CLOSED);
                long opened = stats.count(Count.CLIENTS_OPENED);
                if (open < 0 || opened < last) {
                    violations.add(open + " open, " + opened + " opened after " + last);
                }
                last = opened;
            }
        });
        reader.start();
        for (int i = 0; i < rounds; i++) {
            stats.clientOpened();
            stats.routed(ReadLevel.Kind.SESSION, node(i % 300), RouteReason.HOME, 1);
            stats.clientClosed();
        }
        done.set(true);
        reader.join();
        assertThat(violations).isEmpty();
        assertThat(stats.count(Count.CLIENTS_OPENED)).isEqualTo(rounds);
    }

    private static Node node(int id) {
        return new Node(id, new NodeAddress("h", id + 1), "run", true);
    }

    private List<String> routes() {
        List<String> routes = new ArrayList<>();
        stats.nodes().eachRoute((node, reason, count) -> routes.add(node + " " + reason.label() + " " + count));
        return routes;
    }
}
