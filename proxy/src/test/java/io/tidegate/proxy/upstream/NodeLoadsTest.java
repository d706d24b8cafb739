package io.tidegate.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.NodeLoad;
import org.junit.jupiter.api.Test;

class NodeLoadsTest {
    private final NodeLoads loads = new NodeLoads();

    @Test
    void countsWhatIsOutstanding() {
        loads.sent(3, 10);
        loads.answered(3, 4);
        assertThat(loads.outstanding(3)).isEqualTo(6);
        loads.lost(3, 6);
        assertThat(loads.outstanding(3)).isZero();
        assertThat(loads.outstanding(1_000)).isZero();
    }

    @Test
    void growsWithTheNodes() {
        loads.sent(500, 1);
        loads.answered(500, 1, 8_000);
        assertThat(loads.latencyNanos(500)).isEqualTo(1_000);
    }

    @Test
    void noLatencyIsAboveTheBound() {
        loads.sent(1, 200);
        for (int i = 0; i < 200; i++) {
            loads.answered(1, 1, Long.MAX_VALUE);
        }
        assertThat(loads.latencyNanos(1)).isBetween(NodeLoad.LATENCY_NANOS_MAX - 8, NodeLoad.LATENCY_NANOS_MAX);
    }

    @Test
    void aNodeThatWasSlowOnceIsTriedAgain() {
        loads.sent(1, 1);
        loads.answered(1, 1, 800_000);
        long slow = loads.latencyNanos(1);
        loads.forgetSlowly();
        assertThat(loads.latencyNanos(1)).isEqualTo(slow);
        loads.forgetSlowly();
        assertThat(loads.latencyNanos(1)).isEqualTo(slow / 2);
    }
}
