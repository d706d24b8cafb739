package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.control.Failover.Impact;
import io.tidegate.proxy.control.Failover.Outcome;
import io.tidegate.proxy.control.Failover.Phase;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.engine.Acknowledged.Loss;
import io.tidegate.routing.engine.Acknowledged.Writes;
import io.tidegate.routing.engine.Notice.ClaimAdopted;
import io.tidegate.routing.engine.Notice.FenceReleased;
import io.tidegate.routing.engine.Notice.GateChanged;
import io.tidegate.routing.engine.Notice.NodeLinkChanged;
import io.tidegate.routing.engine.Notice.SentinelLinkChanged;
import io.tidegate.routing.engine.Notice.SentinelSaid;
import io.tidegate.routing.engine.Notice.StreamAtRisk;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FailoverTimelineTest {
    private static final NodeAddress OLD = new NodeAddress("127.0.0.1", 21000);
    private static final NodeAddress NEW = new NodeAddress("127.0.0.1", 21001);
    private static final NodeAddress SENTINEL = new NodeAddress("127.0.0.1", 22000);
    private static final NodeAddress LATE_SENTINEL = new NodeAddress("127.0.0.1", 22001);
    private static final NodeAddress THIRD_SENTINEL = new NodeAddress("127.0.0.1", 22002);
    private static final long MOMENT = FailoverDraft.MOMENT_NANOS;
    private static final long AFTERMATH = FailoverDraft.AFTERMATH_NANOS;

    private final FakeAccounts accounts = new FakeAccounts();
    private final List<Failover> ended = new ArrayList<>();
    private final FailoverTimeline timeline = new FailoverTimeline(accounts, ended::add);

    @BeforeEach
    void startUnderTheOldPrimary() {
        accounts.totals = new Impact(5, 6, 7, 8, 9, 0);
        gate(WriteGate.NO_CLAIM, WriteGate.OPEN, 1);
        adopted(OLD, 3, 1);
        timeline.tick(2);
        timeline.tick(3);
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
        gate(WriteGate.CUTTING_OVER, WriteGate.OPEN, 250);
        adopted(NEW, 4, 250);
        assertThat(ended).as("held requests are still to go on").isEmpty();
        accounts.held = 3;
        acknowledged(4, 260);
        timeline.tick(270);
        assertThat(timeline.failovers().get(0).instantNanos(Phase.END)).isEmpty();
        accounts.held = 0;
        accounts.lastHoldEndNanos = 280;
        timeline.tick(300);

        assertThat(timeline.failovers()).isEqualTo(ended).hasSize(1);
        Failover failover = ended.get(0);
        assertThat(failover.from()).isEqualTo(OLD);
        assertThat(failover.to()).isEqualTo(NEW);
        assertThat(failover.epoch()).isEqualTo(4);
        assertThat(failover.planned()).isFalse();
        assertThat(failover.outcome()).isEqualTo(Outcome.SWITCHED);
        assertThat(failover.beginNanos()).isEqualTo(100);
        assertThat(failover.evidence()).isEqualTo("sentinel 127.0.0.1:22000 said +sdown");
        assertThat(failover.pauseNanos()).isEqualTo(120);
        assertThat(failover.instants())
                .isEqualTo(Map.of(
                        Phase.SDOWN, 100L,
                        Phase.ODOWN, 120L,
                        Phase.FENCE, 130L,
                        Phase.PROMOTION, 140L,
                        Phase.CUT_OVER, 250L,
                        Phase.FIRST_ACK, 260L,
                        Phase.RELEASED, 280L,
                        Phase.END, 280L));
    }

    @Test
    void tellsThatAnOperatorDecided() {
        gate(WriteGate.OPEN, WriteGate.SPLIT, 100);
        timeline.heard(new FenceReleased(NEW, 4, "two say so"), 200);
        switched(NEW, 4, 200);
        assertThat(last().instantNanos(Phase.OPERATOR)).hasValue(200);
        assertThat(last().to()).isEqualTo(NEW);
    }

    @Test
    void aSwitchOfAPrimaryThatWasWellIsPlanned() {
        gate(WriteGate.OPEN, WriteGate.FENCED, 100);
        switched(NEW, 4, 200);
        link(OLD, false, 210);
        assertThat(last().planned()).as("it is demoted after the switch").isTrue();
        assertThat(last().kind()).isEqualTo("planned");
    }

    @Test
    void aSwitchOfAPrimaryOutOfReachIsNotPlannedAndBeganWhenTheLinkWasLost() {
        link(OLD, false, 100);
        gate(WriteGate.OPEN, WriteGate.FENCED, 130);
        switched(NEW, 4, 200);
        assertThat(last().planned()).isFalse();
        assertThat(last().beginNanos()).isEqualTo(100);
        assertThat(last().evidence()).isEqualTo("127.0.0.1:21000 did not answer: of this test");
    }

    /** The proxy, the old primary and one sentinel are cut off: to all that can be heard the primary is well. */
    @Test
    void aSwitchThatMostSentinelsWereNotHeardInIsNotPlanned() {
        hear(true, 50, SENTINEL, LATE_SENTINEL, THIRD_SENTINEL);
        hear(false, 100, LATE_SENTINEL);
        hear(false, 101, THIRD_SENTINEL);
        gate(WriteGate.OPEN, WriteGate.FENCED, 110);
        hear(true, 200, LATE_SENTINEL, THIRD_SENTINEL);
        switched(NEW, 4, 210);
        assertThat(last().kind()).isEqualTo("unplanned");
    }

    @Test
    void sentinelsLostAfterTheSwitchSayNothingOfIt() {
        hear(true, 50, SENTINEL, LATE_SENTINEL, THIRD_SENTINEL);
        gate(WriteGate.OPEN, WriteGate.FENCED, 110);
        gate(WriteGate.FENCED, WriteGate.OPEN, 200);
        adopted(NEW, 4, 200);
        hear(false, 201, SENTINEL, LATE_SENTINEL, THIRD_SENTINEL);
        acknowledged(4, 202);
        timeline.tick(203);
        assertThat(last().kind()).isEqualTo("planned");
    }

    @Test
    void itsOwnSwitchoverIsPlannedWhoeverIsHeard() {
        hear(true, 50, SENTINEL, LATE_SENTINEL, THIRD_SENTINEL);
        hear(false, 100, LATE_SENTINEL, THIRD_SENTINEL);
        timeline.switchoverBegun("an operator asked", 110);
        gate(WriteGate.OPEN, WriteGate.FENCED, 120);
        switched(NEW, 4, 210);
        assertThat(last().kind()).isEqualTo("planned");
    }

    @Test
    void aLinkThatIsUpAgainIsNoEvidence() {
        link(OLD, false, 100);
        link(OLD, true, 110);
        timeline.tick(111);
        link(NEW, false, 120);
        assertThat(timeline.failovers()).isEmpty();
        gate(WriteGate.OPEN, WriteGate.FENCED, 130);
        switched(NEW, 4, 200);
        assertThat(last().planned()).isTrue();
        assertThat(last().beginNanos()).isEqualTo(130);
    }

    @Test
    void aPrimaryOutOfReachIsNoRumourHoweverLong() {
        link(OLD, false, 100);
        accounts.totals = new Impact(6, 6, 7, 8, 9, 0);
        timeline.tick(100 + 2 * FailoverDraft.RUMOUR_NANOS);
        assertThat(last().outcome()).isEqualTo(Outcome.UNDER_WAY);
        said(SENTINEL, "+sdown", 200);
        said(SENTINEL, "-sdown", 300);
        timeline.tick(301 + 2 * FailoverDraft.RUMOUR_NANOS);
        assertThat(last().outcome()).as("others reach it, we do not").isEqualTo(Outcome.UNDER_WAY);
        accounts.totals = new Impact(7, 6, 7, 8, 9, MOMENT);
        link(OLD, true, 400 + 2 * FailoverDraft.RUMOUR_NANOS);
        timeline.tick(401 + 2 * FailoverDraft.RUMOUR_NANOS);
        assertThat(ended).hasSize(1);
        assertThat(last().outcome()).isEqualTo(Outcome.KEPT);
        assertThat(last().impact().held()).isEqualTo(2);
    }

    @Test
    void countsTheImpactFromBeforeTheFirstSignUntilTheHeldRequestsAreLetGo() {
        accounts.totals = new Impact(10, 6, 8, 8, 9, 0); // clients feel it before anybody here knows
        timeline.tick(90);
        gate(WriteGate.OPEN, WriteGate.FENCED, 100);
        accounts.totals = new Impact(15, 6, 8, 9, 9, 400);
        accounts.held = 2;
        switched(NEW, 4, 200);
        assertThat(last().impact()).isEqualTo(new Impact(10, 0, 1, 1, 0, 400));
        accounts.totals = new Impact(17, 7, 8, 9, 11, 300);
        accounts.held = 0;
        timeline.tick(300);
        assertThat(last().impact()).isEqualTo(new Impact(12, 1, 1, 1, 2, 400));
        accounts.totals = new Impact(99, 99, 99, 99, 99, 999);
        timeline.tick(400);
        assertThat(last().impact()).as("not its doing any more").isEqualTo(new Impact(12, 1, 1, 1, 2, 400));
    }

    @Test
    void withoutAnyWriteTheEndIsNotWaitedForLong() {
        gate(WriteGate.OPEN, WriteGate.FENCED, 100);
        gate(WriteGate.FENCED, WriteGate.OPEN, 200);
        adopted(NEW, 4, 200);
        timeline.tick(199 + AFTERMATH);
        assertThat(ended).isEmpty();
        timeline.tick(200 + AFTERMATH);
        assertThat(ended).hasSize(1);
        assertThat(last().instantNanos(Phase.END)).hasValue(200);
        assertThat(last().instantNanos(Phase.FIRST_ACK)).isEmpty();
        assertThat(last().instantNanos(Phase.RELEASED)).isEmpty();
    }

    @Test
    void whatIsHeldForOtherReasonsKeepsItOpenForALimitedTime() {
        accounts.held = 1;
        gate(WriteGate.OPEN, WriteGate.FENCED, 100);
        switched(NEW, 4, 200);
        timeline.tick(199 + FailoverDraft.RELEASE_NANOS_MAX);
        assertThat(ended).isEmpty();
        timeline.tick(200 + FailoverDraft.RELEASE_NANOS_MAX);
        assertThat(ended).hasSize(1);
    }

    @Test
    void boundsTheAcknowledgedWritesThatAreLost() {
        accounts.writes = new Writes(10, 100, 95, 95, 11);
        timeline.tick(10);
        accounts.writes = new Writes(60, 150, 145, 145, 61);
        timeline.tick(60);
        gate(WriteGate.OPEN, WriteGate.FENCED, 100);
        StreamAtRisk risk = new StreamAtRisk(OLD, NEW, 3, 10, 30, 20, 55);
        timeline.heard(risk, 250);
        accounts.writes = new Writes(250, 180, 172, 172, 251);
        switched(NEW, 4, 250);
        assertThat(last().atRisk()).isEqualTo(new Failover.AtRisk(risk, new Loss(22, 77, 20, 251)));
    }

    @Test
    void oneUnderWayIsShownWithoutItsEnd() {
        gate(WriteGate.OPEN, WriteGate.FENCED, 100);
        assertThat(timeline.failovers()).hasSize(1);
        assertThat(last().to()).isNull();
        assertThat(last().outcome()).isEqualTo(Outcome.UNDER_WAY);
        assertThat(last().instantNanos(Phase.END)).isEmpty();
    }

    @Test
    void aFenceThatIsLiftedBeforeAnybodyNoticesLeavesNoTrace() {
        gate(WriteGate.OPEN, WriteGate.FENCED, 100);
        accounts.totals = new Impact(6, 7, 7, 8, 9, MOMENT - 1);
        gate(WriteGate.FENCED, WriteGate.OPEN, 200);
        timeline.tick(201);
        assertThat(timeline.failovers()).isEmpty();
        assertThat(ended).isEmpty();
    }

    @Test
    void aPrimaryThatIsKeptAfterClientsHadToWaitIsToldOf() {
        gate(WriteGate.OPEN, WriteGate.FENCED, 100);
        accounts.held = 1;
        gate(WriteGate.FENCED, WriteGate.OPEN, 200);
        timeline.tick(201);
        assertThat(last().outcome()).isEqualTo(Outcome.KEPT);
        assertThat(ended).as("one still waits").isEmpty();
        accounts.held = 0;
        accounts.lastHoldEndNanos = 205;
        accounts.totals = new Impact(6, 6, 7, 8, 9, MOMENT);
        timeline.tick(210);
        assertThat(timeline.failovers()).isEqualTo(ended).hasSize(1);
        assertThat(last().to()).isNull();
        assertThat(last().planned()).isFalse();
        assertThat(last().pauseNanos()).isEqualTo(100);
        assertThat(last().instants())
                .isEqualTo(Map.of(Phase.FENCE, 100L, Phase.KEPT, 200L, Phase.RELEASED, 205L, Phase.END, 205L));
    }

    @Test
    void aSuspicionThatOnlyParksIsToldOfToo() {
        said(SENTINEL, "+sdown", 100);
        accounts.parked = 1;
        said(SENTINEL, "-sdown", 200);
        timeline.tick(210);
        assertThat(ended).isEmpty();
        accounts.parked = 0;
        accounts.totals = new Impact(5, 9, 7, 8, 9, 2 * MOMENT);
        timeline.tick(220);
        assertThat(ended).hasSize(1);
        assertThat(last().outcome()).isEqualTo(Outcome.KEPT);
        assertThat(last().pauseNanos()).as("nothing was fenced").isEqualTo(2 * MOMENT);
    }

    @Test
    void whatIsParkedForOtherReasonsDoesNotKeepItOpen() {
        accounts.parked = 1;
        gate(WriteGate.OPEN, WriteGate.FENCED, 100);
        gate(WriteGate.FENCED, WriteGate.OPEN, 100 + MOMENT);
        accounts.totals = new Impact(5, 7, 7, 8, 9, 0);
        timeline.tick(99 + MOMENT + FailoverDraft.UNPARK_NANOS_MAX);
        assertThat(ended).isEmpty();
        timeline.tick(100 + MOMENT + FailoverDraft.UNPARK_NANOS_MAX);
        assertThat(ended)
                .as("writes stopped for a moment, though none waited so long")
                .hasSize(1);
    }

    @Test
    void aPrimaryThatIsSuspectedAgainBeforeTheEndIsNotKept() {
        gate(WriteGate.OPEN, WriteGate.FENCED, 100);
        accounts.held = 1;
        gate(WriteGate.FENCED, WriteGate.OPEN, 200);
        gate(WriteGate.OPEN, WriteGate.FENCED, 210);
        timeline.tick(220);
        assertThat(last().outcome()).isEqualTo(Outcome.UNDER_WAY);
        switched(NEW, 4, 300);
        assertThat(last().outcome()).isEqualTo(Outcome.SWITCHED);
        assertThat(last().instantNanos(Phase.FENCE)).hasValue(100);
        assertThat(last().instantNanos(Phase.KEPT)).isEmpty();
    }

    @Test
    void aRumourIsNoFailover() {
        said(SENTINEL, "+sdown", 100);
        said(SENTINEL, "-sdown", 200);
        timeline.tick(201);
        assertThat(timeline.failovers()).isEmpty();
        said(SENTINEL, "+sdown", 300);
        timeline.tick(299 + FailoverDraft.RUMOUR_NANOS);
        assertThat(last().outcome()).isEqualTo(Outcome.UNDER_WAY);
        timeline.tick(300 + FailoverDraft.RUMOUR_NANOS);
        timeline.tick(301 + FailoverDraft.RUMOUR_NANOS);
        assertThat(timeline.failovers()).isEmpty();
        assertThat(ended).isEmpty();
    }

    @Test
    void whatIsSaidOfOthersBeginsNothing() {
        timeline.heard(new SentinelSaid(SENTINEL, "+sdown", "slave 127.0.0.1:21001 127.0.0.1 21001 @ m " + OLD), 100);
        timeline.heard(new SentinelSaid(SENTINEL, "+sdown", "master other 127.0.0.1 9999"), 100);
        timeline.heard(new SentinelSaid(SENTINEL, "+switch-master", "m 127.0.0.1 1 127.0.0.1 2"), 100);
        timeline.saidPrimary(NEW, 100);
        assertThat(timeline.failovers()).isEmpty();
    }

    /** Where {@code restart: fence} has an operator decide about a primary that was restarted. */
    @Test
    void aSuccessorThatIsFencedAsItIsAdoptedIsCutOverToWhenItIsReleased() {
        link(OLD, false, 100);
        link(OLD, true, 200);
        adopted(OLD, 4, 200);
        gate(WriteGate.OPEN, WriteGate.SPLIT, 200);
        assertThat(last().instantNanos(Phase.CUT_OVER)).isEmpty();
        timeline.heard(new FenceReleased(OLD, 4, "of this test"), 900);
        gate(WriteGate.SPLIT, WriteGate.OPEN, 900);
        acknowledged(4, 910);
        timeline.tick(920);
        assertThat(ended).hasSize(1);
        assertThat(last().to()).isEqualTo(OLD);
        assertThat(last().instants())
                .isEqualTo(Map.of(
                        Phase.FENCE, 200L,
                        Phase.OPERATOR, 900L,
                        Phase.CUT_OVER, 900L,
                        Phase.FIRST_ACK, 910L,
                        Phase.END, 910L));
    }

    @Test
    void oneThatFollowsAtOnceIsAnother() {
        failover(NEW, 4, 100);
        timeline.tick(150);
        accounts.totals = new Impact(8, 6, 7, 8, 9, 0);
        gate(WriteGate.OPEN, WriteGate.FENCED, 200);
        assertThat(ended).as("it was told when the next began").hasSize(1);
        accounts.totals = new Impact(9, 6, 7, 8, 9, 0);
        switched(OLD, 5, 210);
        assertThat(timeline.failovers()).extracting(Failover::epoch).containsExactly(4L, 5L);
        assertThat(last().from()).isEqualTo(NEW);
        assertThat(timeline.failovers()).extracting(it -> it.impact().held()).containsExactly(3L, 1L);
    }

    @Test
    void keepsTheLastSixteen() {
        for (int i = 0; i < 20; i++) {
            failover(i % 2 == 0 ? NEW : OLD, 4 + i, 100L * (i + 1));
        }
        assertThat(timeline.failovers()).hasSize(FailoverTimeline.KEPT_MAX);
        assertThat(timeline.failovers().get(0).epoch()).isEqualTo(8);
        assertThat(last().epoch()).isEqualTo(23);
        gate(WriteGate.OPEN, WriteGate.FENCED, 9_000);
        assertThat(timeline.failovers()).hasSize(FailoverTimeline.KEPT_MAX);
        gate(WriteGate.FENCED, WriteGate.OPEN, 9_001);
        timeline.tick(9_002);
        assertThat(last().epoch()).as("a scare costs no memory").isEqualTo(23);
        assertThat(timeline.failovers().get(0).epoch()).isEqualTo(8);
    }

    private Failover last() {
        return timeline.failovers().get(timeline.failovers().size() - 1);
    }

    private void failover(NodeAddress to, long epoch, long nowNanos) {
        gate(WriteGate.OPEN, WriteGate.FENCED, nowNanos);
        gate(WriteGate.FENCED, WriteGate.OPEN, nowNanos + 1);
        adopted(to, epoch, nowNanos + 1);
    }

    /** To the first acknowledgement. */
    private void switched(NodeAddress to, long epoch, long nowNanos) {
        gate(WriteGate.FENCED, WriteGate.OPEN, nowNanos);
        adopted(to, epoch, nowNanos);
        acknowledged(epoch, nowNanos + 1);
        timeline.tick(nowNanos + 2);
    }

    private void acknowledged(long epoch, long nanos) {
        accounts.firstAcknowledgedEpoch = epoch;
        accounts.firstAcknowledgedNanos = nanos;
    }

    private void said(NodeAddress sentinel, String channel, long nowNanos) {
        timeline.heard(new SentinelSaid(sentinel, channel, "master mymaster 127.0.0.1 21000"), nowNanos);
    }

    private void link(NodeAddress node, boolean up, long nowNanos) {
        timeline.heard(new NodeLinkChanged(node, up, "of this test"), nowNanos);
    }

    private void hear(boolean up, long nowNanos, NodeAddress... sentinels) {
        for (NodeAddress sentinel : sentinels) {
            timeline.heard(new SentinelLinkChanged(sentinel, up, "of this test"), nowNanos);
        }
    }

    private void gate(WriteGate from, WriteGate to, long nowNanos) {
        timeline.heard(new GateChanged(from, to, "a test"), nowNanos);
    }

    private void adopted(NodeAddress primary, long epoch, long nowNanos) {
        timeline.heard(new ClaimAdopted(primary, epoch, "run-" + primary.port()), nowNanos);
    }
}
