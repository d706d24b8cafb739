package io.tidegate.routing.engine;

import static io.tidegate.routing.engine.Story.P;
import static io.tidegate.routing.engine.Story.Q;
import static io.tidegate.routing.engine.Story.S1;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.Instants;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Which reports support a claim, and what one sentinel's reports prove. */
class SupportTest {
    private static final Claim CLAIM = new Claim(P, 4);

    private final SentinelView view = new SentinelView(S1, true, 0);

    @Test
    void aSentinelAtRestThatNamesTheClaimSupportsIt() {
        assertThat(supports(said -> said)).isTrue();
        assertThat(supports(said -> said.sees("p"))).isTrue();
        assertThat(supports(said -> said.sees(""))).as("just after a switch").isTrue();
    }

    @Test
    void whatContradictsTheClaimWithdrawsSupport() {
        assertThat(supports(said -> said.names(Q, 4))).isFalse();
        assertThat(supports(said -> said.names(P, 3))).isFalse();
        assertThat(supports(said -> said.names(P, 5))).isFalse();
        assertThat(supports(said -> said.role("slave"))).isFalse();
        assertThat(supports(said -> said.sees("another process"))).isFalse();
        assertThat(supports(said -> said.failover("wait_start"))).isFalse();
        assertThat(supports(said -> said.failover("wait_promotion"))).isFalse();
        assertThat(supports(said -> said.voted("a", 5))).isFalse();
    }

    @Test
    void whatIsNoContradictionDoesNot() {
        assertThat(supports(said -> said.voted("a", 4)))
                .as("the vote that made the claim")
                .isTrue();
        assertThat(supports(said -> said.flags("master", "s_down"))).isTrue();
        assertThat(supports(said -> said.flags("master", "disconnected"))).isTrue();
        assertThat(supports(said -> said.tilted())).isTrue();
    }

    @Test
    void aLeaderThatReconfiguresSupportsWhatItPromoted() {
        assertThat(supports(said -> said.failover("reconf_slaves").sees("old"))).isTrue();
        assertThat(supports(said -> said.failover("reconf_slaves").sees("p")))
                .as("name and epoch from two sides of the promotion")
                .isFalse();
    }

    @Test
    void supportReachesBackToTheWritingOfTheQuery() {
        report(1, 1_000, 1_007, said -> said);
        view.weigh(CLAIM, "p");
        assertThat(view.supportedNanos()).isEqualTo(1_000);
        report(1, 2_000, 2_009, said -> said.names(Q, 5));
        view.weigh(CLAIM, "p");
        assertThat(view.supportedNanos()).as("a fact stays a fact").isEqualTo(1_000);
    }

    @Test
    void theChainBeginsAtTheReadingOfTheFirstAnswer() {
        report(1, 1_000, 1_007, said -> said);
        view.weigh(CLAIM, "p");
        report(1, 2_000, 2_009, said -> said);
        view.weigh(CLAIM, "p");
        assertThat(view.chainNanos()).isEqualTo(1_007);
        assertThat(view.aliveNanos()).isEqualTo(2_000);
    }

    @Test
    void theLastGoodPingIsTakenOffAndNeverAdded() {
        long written = 9_000 * Story.MS;
        report(1, written, written, said -> said.ping(300, 5_000));
        view.weigh(CLAIM, "p");
        assertThat(view.aliveNanos()).isEqualTo(written - 300 * Story.MS);
        report(1, written, written, said -> said.ping(-300, 5_000));
        view.weigh(CLAIM, "p");
        assertThat(view.aliveNanos()).isEqualTo(written);
    }

    @Test
    void holdingThePrimaryDownBreaksTheChainAndKeepsSupport() {
        for (UnaryOperator<Said> down : List.<UnaryOperator<Said>>of(
                said -> said.flags("master", "s_down"),
                said -> said.flags("master", "o_down"),
                said -> said.flags("master", "master_reboot"),
                Said::tilted)) {
            view.startAnew();
            report(1, 1_000, 1_001, said -> said);
            view.weigh(CLAIM, "p");
            report(1, 2_000, 2_001, down);
            view.weigh(CLAIM, "p");
            assertThat(view.supportedNanos()).isEqualTo(2_000);
            assertThat(view.aliveNanos()).isEqualTo(Instants.UNKNOWN);
            report(1, 3_000, 3_001, said -> said);
            view.weigh(CLAIM, "p");
            assertThat(view.chainNanos()).isEqualTo(3_001);
        }
    }

    @Test
    void aVoteVoidsTheLeaseAndNotTheChain() {
        report(1, 1_000, 1_001, said -> said);
        view.weigh(CLAIM, "p");
        report(1, 2_000, 2_001, said -> said.voted("a", 5));
        view.weigh(CLAIM, "p");
        assertThat(view.aliveNanos()).isEqualTo(Instants.UNKNOWN);
        view.ballots().settle(ballot -> true);
        report(1, 3_000, 3_001, said -> said.voted("a", 5));
        view.weigh(CLAIM, "p");
        assertThat(view.aliveNanos()).isEqualTo(3_000);
        assertThat(view.chainNanos()).isEqualTo(1_001);
    }

    @Test
    void aReportCountsOnlyIfAskedForAfterWhatMadeReportsVoid() {
        view.voidUntilAsked(1_500);
        report(1, 1_499, 1_600, said -> said);
        view.weigh(CLAIM, "p");
        assertThat(view.supportedNanos()).isEqualTo(Instants.UNKNOWN);
        assertThat(view.supports(CLAIM, "p")).isFalse();
        report(1, 1_500, 1_700, said -> said);
        view.weigh(CLAIM, "p");
        assertThat(view.supportedNanos()).isEqualTo(1_500);
    }

    @Test
    void aNewConnectionProvesNothingUntilAsked() {
        report(1, 1_000, 1_001, said -> said);
        view.weigh(CLAIM, "p");
        view.lose(new Event.SentinelLost(S1, 1, "reset"), 1_100);
        assertThat(view.supports(CLAIM, "p")).isFalse();
        assertThat(report(1, 1_050, 1_200, said -> said)).isEqualTo(NodeView.Reception.LATE);
        view.hear(new Event.SentinelMessage(S1, 2, 1_300, "+tilt", "#"));
        view.weigh(CLAIM, "p");
        assertThat(view.supports(CLAIM, "p")).isFalse();
        assertThat(view.aliveNanos()).isEqualTo(Instants.UNKNOWN);
        assertThat(view.supportedNanos()).as("a fact stays a fact").isEqualTo(1_000);
        report(2, 1_400, 1_401, said -> said);
        view.weigh(CLAIM, "p");
        assertThat(view.chainNanos()).isEqualTo(1_401);
    }

    @Test
    void anotherSentinelAtTheSameAddressInheritsNothing() {
        report(1, 1_000, 1_001, said -> said);
        view.weigh(CLAIM, "p");
        report(2, 2_000, 2_001, said -> said.is("other").names(Q, 9));
        view.weigh(CLAIM, "p");
        assertThat(view.supportedNanos()).isEqualTo(Instants.UNKNOWN);
    }

    @Test
    void aLostSentinelKeepsOpposingUntilItIsAbandoned() {
        report(1, 1_000, 1_001, said -> said.failover("wait_start"));
        view.weigh(CLAIM, "p");
        view.lose(new Event.SentinelLost(S1, 1, "reset"), 2_000);
        assertThat(view.opposes()).isTrue();
        assertThat(view.abandonedOpposition(Limits.ABANDONED_NANOS, 1_999 + Limits.ABANDONED_NANOS))
                .isFalse();
        assertThat(view.abandonedOpposition(Limits.ABANDONED_NANOS, 2_000 + Limits.ABANDONED_NANOS))
                .isTrue();
    }

    @Test
    void oppositionEndsWithAnAnswerAskedForLater() {
        view.hear(new Event.SentinelMessage(S1, 1, 900, "+try-failover", ""));
        view.leads(null, 1_000);
        report(1, 999, 1_100, said -> said);
        view.weigh(CLAIM, "p");
        assertThat(view.opposition()).isEqualTo(Opposition.FAILING_OVER);
        report(1, 1_000, 1_200, said -> said);
        view.weigh(CLAIM, "p");
        assertThat(view.opposition()).isEqualTo(Opposition.NONE);
    }

    @Test
    void aVoidReportStillCountsAgainst() {
        view.voidUntilAsked(1_500);
        report(1, 1_400, 1_600, said -> said.names(Q, 5));
        view.weigh(CLAIM, "p");
        assertThat(view.opposition()).isEqualTo(Opposition.NAMES_SUCCESSOR);
        assertThat(view.namedClaim()).isEqualTo(new Claim(Q, 5));
        report(1, 1_450, 1_700, said -> said);
        view.weigh(CLAIM, "p");
        assertThat(view.opposes()).isTrue();
        report(1, 1_600, 1_800, said -> said);
        view.weigh(CLAIM, "p");
        assertThat(view.opposes()).isFalse();
    }

    @Test
    void aHigherEpochOpposesWhomeverItNames() {
        report(1, 1_000, 1_001, said -> said.names(Q, 5));
        view.weigh(CLAIM, "p");
        assertThat(view.opposition()).isEqualTo(Opposition.NAMES_SUCCESSOR);
        report(1, 2_000, 2_001, said -> said.names(P, 5));
        view.weigh(CLAIM, "p");
        assertThat(view.opposition()).isEqualTo(Opposition.NAMES_SUCCESSOR);
        report(1, 3_000, 3_001, said -> said.names(Q, 3));
        view.weigh(CLAIM, "p");
        assertThat(view.opposition()).as("it merely lags behind").isEqualTo(Opposition.NONE);
    }

    private boolean supports(UnaryOperator<Said> details) {
        SentinelView fresh = new SentinelView(S1, true, 0);
        fresh.hear(new Event.SentinelReport(
                S1, 1, 10, 11, details.apply(new Said(S1).names(P, 4)).state()));
        return fresh.supports(CLAIM, "p");
    }

    private NodeView.Reception report(long link, long written, long read, UnaryOperator<Said> details) {
        SentinelState state = details.apply(new Said(S1).names(P, 4)).state();
        return view.hear(new Event.SentinelReport(S1, link, written, read, state));
    }
}
