package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.control.Failover.Impact;
import io.tidegate.proxy.control.Failover.Phase;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.engine.Notice.ClaimAdopted;
import io.tidegate.routing.engine.Notice.GateChanged;
import io.tidegate.routing.engine.Notice.SentinelSaid;
import io.tidegate.routing.engine.Notice.StreamAtRisk;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FailoverTimelineTest {
    private static final NodeAddress OLD = new NodeAddress("127.0.0.1", 21000);
    private static final NodeAddress NEW = new NodeAddress("127.0.0.1", 21001);
    private static final NodeAddress SENTINEL = new NodeAddress("127.0.0.1", 22000);
    private static final NodeAddress LATE_SENTINEL = new NodeAddress("127.0.0.1", 22001);

    private Impact totals = new Impact(5, 6, 7, 0);
    private final FailoverTimeline timeline = new FailoverTimeline(() -> totals);

    @BeforeEach
    void startUnderTheOldPrimary() {
        gate(WriteGate.NO_CLAIM, WriteGate.OPEN, 1);
        adopted(OLD, 3, 1);
        assertThat(timeline.failovers())
                .as("finding the first primary is no failover")
                .isEmpty();
    }

    @Test
    void tellsAFailoverFromItsFirstSignToItsEnd() {
        said(SENTINEL, "+sdown", 100);
        said(LATE_SENTINEL, "+sdown", 110);
        said(SENTINEL, "+odown", 120);
        gate(WriteGate.OPEN, WriteGate.FENCED, 130);
        timeline.saidPrimary(NEW, 140);
        timeline.heard(new SentinelSaid(SENTINEL, "+promoted-slave", "slave …"), 200);
        gate(WriteGate.FENCED, WriteGate.CUTTING_OVER, 200);
        timeline.heard(new StreamAtRisk(OLD, NEW, 10, 30), 250);
        gate(WriteGate.CUTTING_OVER, WriteGate.OPEN, 250);
        adopted(NEW, 4, 250);

        assertThat(timeline.failovers()).hasSize(1);
        Failover failover = timeline.failovers().get(0);
        assertThat(failover.from()).isEqualTo(OLD);
        assertThat(failover.to()).isEqualTo(NEW);
        assertThat(failover.epoch()).isEqualTo(4);
        assertThat(failover.beginNanos()).isEqualTo(100);
        assertThat(failover.evidence()).isEqualTo("sentinel 127.0.0.1:22000 said +sdown");
        assertThat(failover.instants())
                .isEqualTo(Map.of(
                        Phase.SDOWN, 100L,
                        Phase.ODOWN, 120L,
                        Phase.FENCE, 130L,
                        Phase.PROMOTION, 140L,
                        Phase.CUT_OVER, 200L,
                        Phase.END, 250L));
        assertThat(failover.atRisk()).isEqualTo(new StreamAtRisk(OLD, NEW, 10, 30));
    }

    @Test
    void countsTheImpactUntilTheHeldRequestsAreLetGo() {
        gate(WriteGate.OPEN, WriteGate.FENCED, 100);
        totals = new Impact(15, 6, 8, 400);
        gate(WriteGate.FENCED, WriteGate.OPEN, 200);
        adopted(NEW, 4, 200);
        assertThat(impact()).isEqualTo(new Impact(10, 0, 1, 400));
        totals = new Impact(17, 7, 8, 300);
        timeline.tick(200 + FailoverTimeline.AFTERMATH_NANOS);
        assertThat(impact()).isEqualTo(new Impact(12, 1, 1, 400));
        totals = new Impact(99, 99, 99, 999);
        timeline.tick(201 + FailoverTimeline.AFTERMATH_NANOS);
        assertThat(impact()).as("not its doing any more").isEqualTo(new Impact(12, 1, 1, 400));
    }

    @Test
    void oneUnderWayIsShownWithoutItsEnd() {
        gate(WriteGate.OPEN, WriteGate.FENCED, 100);
        assertThat(timeline.failovers()).hasSize(1);
        assertThat(timeline.failovers().get(0).to()).isNull();
        assertThat(timeline.failovers().get(0).instantNanos(Phase.END)).isEmpty();
    }

    @Test
    void aFenceThatIsLiftedIsNoFailover() {
        gate(WriteGate.OPEN, WriteGate.FENCED, 100);
        gate(WriteGate.FENCED, WriteGate.OPEN, 200);
        timeline.tick(201);
        assertThat(timeline.failovers()).isEmpty();
    }

    @Test
    void aRumourIsNoFailover() {
        said(SENTINEL, "+sdown", 100);
        said(SENTINEL, "-sdown", 200);
        assertThat(timeline.failovers()).isEmpty();
        said(SENTINEL, "+sdown", 300);
        timeline.tick(299 + FailoverTimeline.RUMOUR_NANOS);
        assertThat(timeline.failovers()).hasSize(1);
        timeline.tick(300 + FailoverTimeline.RUMOUR_NANOS);
        assertThat(timeline.failovers()).isEmpty();
    }

    @Test
    void whatIsSaidOfOthersBeginsNothing() {
        timeline.heard(new SentinelSaid(SENTINEL, "+sdown", "slave 127.0.0.1:21001 127.0.0.1 21001 @ m " + OLD), 100);
        timeline.heard(new SentinelSaid(SENTINEL, "+sdown", "master other 127.0.0.1 9999"), 100);
        timeline.heard(new SentinelSaid(SENTINEL, "+switch-master", "m 127.0.0.1 1 127.0.0.1 2"), 100);
        timeline.saidPrimary(NEW, 100);
        assertThat(timeline.failovers()).isEmpty();
    }

    @Test
    void oneThatFollowsAtOnceIsAnother() {
        failover(NEW, 4, 100);
        failover(OLD, 5, 200);
        assertThat(timeline.failovers()).extracting(Failover::epoch).containsExactly(4L, 5L);
        assertThat(timeline.failovers().get(1).from()).isEqualTo(NEW);
    }

    @Test
    void keepsTheLastSixteen() {
        for (int i = 0; i < 20; i++) {
            failover(i % 2 == 0 ? NEW : OLD, 4 + i, 100L * (i + 1));
        }
        assertThat(timeline.failovers()).hasSize(FailoverTimeline.KEPT_MAX);
        assertThat(timeline.failovers().get(0).epoch()).isEqualTo(8);
        assertThat(timeline.failovers().get(15).epoch()).isEqualTo(23);
        gate(WriteGate.OPEN, WriteGate.FENCED, 9_000);
        assertThat(timeline.failovers()).hasSize(FailoverTimeline.KEPT_MAX);
        gate(WriteGate.FENCED, WriteGate.OPEN, 9_001);
        timeline.tick(9_002);
        assertThat(timeline.failovers().get(15).epoch())
                .as("a scare costs no memory")
                .isEqualTo(23);
        assertThat(timeline.failovers().get(0).epoch()).isEqualTo(8);
    }

    private Impact impact() {
        return timeline.failovers().get(0).impact();
    }

    private void failover(NodeAddress to, long epoch, long nowNanos) {
        gate(WriteGate.OPEN, WriteGate.FENCED, nowNanos);
        gate(WriteGate.FENCED, WriteGate.OPEN, nowNanos + 1);
        adopted(to, epoch, nowNanos + 1);
    }

    private void said(NodeAddress sentinel, String channel, long nowNanos) {
        timeline.heard(new SentinelSaid(sentinel, channel, "master mymaster 127.0.0.1 21000"), nowNanos);
    }

    private void gate(WriteGate from, WriteGate to, long nowNanos) {
        timeline.heard(new GateChanged(from, to, "a test"), nowNanos);
    }

    private void adopted(NodeAddress primary, long epoch, long nowNanos) {
        timeline.heard(new ClaimAdopted(primary, epoch, "run-" + primary.port()), nowNanos);
    }
}
