package io.tidegate.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.cli.Workload.Result;
import io.tidegate.proxy.control.Failover;
import io.tidegate.proxy.control.Failover.AtRisk;
import io.tidegate.proxy.control.Failover.Impact;
import io.tidegate.proxy.control.Failover.Phase;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.Acknowledged.Loss;
import io.tidegate.routing.engine.Notice.StreamAtRisk;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class FailoverReportTest {
    private static final long MILLI = 1_000_000L;
    private static final NodeAddress OLD = new NodeAddress("h", 1);
    private static final NodeAddress NEW = new NodeAddress("h", 2);

    @Test
    void theStoryIsToldInItsOrder() {
        Failover failover = failover(new AtRisk(new StreamAtRisk(OLD, NEW, 1, 100, 130, 5, 6), new Loss(1, 17, 5, 6)));
        assertThat(FailoverReport.of(failover, 5_000 * MILLI, new Result(8, 4321, 3, 0, 1, 1_234 * MILLI, null)))
                .isEqualToNormalizingNewlines("""
                           +0.000 s  h:1 was killed (kill -9)
                           +0.002 s  fence: replies of the primary are no longer passed on unproven
                           +1.010 s  sdown: a sentinel calls the primary down
                           +1.100 s  promotion: a replica is promoted
                           +1.101 s  cut-over: requests go to h:2, 1.099 s after the fence
                           +1.150 s  first-ack: the first write is acknowledged
                           +1.202 s  end: nothing of it is left

                        requests held           12, replayed 2, not executed 1
                        longest wait            1.200 s (in the proxy)
                        longest pause           1.234 s (of 8 clients, from sending to the reply)
                        answered                4321
                        errors                  0
                        uncertain               3 (in flight when the primary died)
                        acknowledged and lost   1 writes; at risk: 1 to 17 writes, 30 bytes of the stream known lost""");
    }

    @Test
    void whatIsNotKnownIsSaid() {
        assertThat(FailoverReport.of(failover(null), 0, new Result(8, 1, 0, 2, 0, 0, "session: SET: ERR no")))
                .contains("errors                  2 (the last: session: SET: ERR no)", "at risk: unknown");
    }

    private static Failover failover(@Nullable AtRisk atRisk) {
        return new Failover(
                OLD,
                NEW,
                2,
                false,
                5_002 * MILLI,
                "connection closed",
                Map.of(
                        Phase.FENCE, 5_002 * MILLI,
                        Phase.SDOWN, 6_010 * MILLI,
                        Phase.PROMOTION, 6_100 * MILLI,
                        Phase.CUT_OVER, 6_101 * MILLI,
                        Phase.FIRST_ACK, 6_150 * MILLI,
                        Phase.END, 6_202 * MILLI),
                new Impact(12, 0, 3, 2, 1, 1_200 * MILLI),
                atRisk);
    }
}
