package io.tidegate.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.metrics.Figures;
import io.tidegate.proxy.metrics.Figures.NodeFigures;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class LiveLineTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void requestsAreShownPerSecondSinceTheLastLook() {
        Figures before = figures(WriteGate.OPEN, 0, node(1, true, 100, 0), node(2, false, 10, 0));
        Figures now = figures(
                WriteGate.OPEN,
                SECOND / 2,
                node(1, true, 300, 0),
                node(2, false, 310, 1_260_000),
                node(3, false, 5, Long.MAX_VALUE));
        assertThat(LiveLine.of(before, now, 2 * SECOND))
                .isEqualTo("primary h:1 100/s | replica h:2 150/s, at most 1.3 ms old | replica h:3 3/s, age unknown"
                        + " | lease 0.5 s | held 4 | uncertain 2 | errors 3");
    }

    @Test
    void aGateThatIsShutSaysWhy() {
        Figures shut = figures(WriteGate.CUTTING_OVER, -SECOND);
        assertThat(LiveLine.of(shut, shut, SECOND)).startsWith("writes held: cutting over | held 4");
    }

    @Test
    void howFarTheClaimIsProvenIsSaid() {
        assertThat(withLease(-12_000_000)).startsWith("no lease, confirmed 12 ms ago | ");
        assertThat(withLease(Long.MIN_VALUE)).startsWith("nothing proven | ");
        assertThat(withLease(Long.MAX_VALUE)).startsWith("no fence | ");
    }

    private static String withLease(long leaseNanos) {
        Figures figures = figures(WriteGate.OPEN, leaseNanos);
        return LiveLine.of(figures, figures, SECOND);
    }

    private static NodeFigures node(int port, boolean primary, long requests, long asOfAgeNanos) {
        return new NodeFigures(new NodeAddress("h", port), primary, requests, asOfAgeNanos);
    }

    private static Figures figures(WriteGate gate, long leaseNanos, NodeFigures... nodes) {
        return new Figures(
                List.of(nodes), gate, leaseNanos, 4, 0, 0, Map.of("uncertain_parked", 2L, "no_primary", 3L), 0);
    }
}
