package io.tidegate.routing.engine;

import static io.tidegate.routing.engine.Story.P;
import static io.tidegate.routing.engine.Story.Q;
import static io.tidegate.routing.engine.Story.R;
import static io.tidegate.routing.engine.Story.S1;
import static io.tidegate.routing.engine.Story.S2;
import static io.tidegate.routing.engine.Story.S3;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Failovers as Redis 7.0.15 sentinels were seen to go through them, message by message. */
class FailoverStoryTest {
    private static final String MASTER_P = "master mymaster 10.0.0.1 6379";
    private static final String Q_OF_P = "slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379";

    /** {@code SENTINEL FAILOVER} sent to S2: no votes, one leader, promotion 230 ms after +try-failover. */
    @Test
    void aForcedFailoverIsFencedAtItsFirstMessageAndCutOverWhenAMajorityNamesThePromotedNode() {
        Story story = Story.leased();
        story.message(S2, "+new-epoch", "1");
        story.message(S2, "+try-failover", MASTER_P).gate(WriteGate.FENCED);
        story.said(S1, said -> said.names(P, 0));
        long unpromotedNanos = story.now();
        story.said(S2, said -> said.names(P, 0).failover("wait_start"));
        story.said(S3, said -> said.names(P, 0)).gate(WriteGate.FENCED);
        story.after(85).message(S2, "+vote-for-leader", "id-" + S2 + " 1");
        story.message(S2, "+elected-leader", MASTER_P);
        story.after(150).message(S2, "+failover-state-wait-promotion", Q_OF_P);
        story.said(S1, said -> said.names(P, 0));
        story.said(S2, said -> said.names(P, 0).failover("wait_promotion").voted("id-" + S2, 1));
        story.said(S3, said -> said.names(P, 0)).gate(WriteGate.FENCED);
        assertThat(story.table().evidenceNanos())
                .as("the leader's word caps evidence, however many others support the claim")
                .isEqualTo(unpromotedNanos);
        story.after(700).message(S2, "+promoted-slave", Q_OF_P);
        story.gate(WriteGate.CUTTING_OVER).claims(P, 0);
        assertThat(story.done()).contains(new Action.AskNode(Q), new Action.AskSentinels());
        story.said(S2, said -> said.names(Q, 1).failover("reconf_slaves").sees("p"));
        story.primary(Q, "q", "h2", 120, "h1", 101);
        story.gate(WriteGate.CUTTING_OVER).aheadTo(Q, 1);
        story.after(60).message(S1, "+switch-master", "mymaster 10.0.0.1 6379 10.0.0.2 6379");
        story.said(S1, said -> said.names(Q, 1).flags("master", "disconnected"));
        story.gate(WriteGate.OPEN).claims(Q, 1);
        Notice.StreamAtRisk risk = story.atRisk(P, Q, 100, 100);
        assertThat(risk.bytesKnownLost()).isZero();
        assertThat(risk.oldEpoch()).isZero();
        assertThat(risk.survivedNanos()).isBetween(1L, story.now());
        assertThat(risk.passedNanos()).as("first seen at the last offset").isBetween(1L, risk.survivedNanos());
        story.said(S3, said -> said.names(Q, 1)).gate(WriteGate.OPEN);
        story.replica(R, "r", "h1", 100, P).health(R, RouteReason.OTHER_PRIMARY);
        story.replica(R, "r", "h2", 120, Q).health(R, RouteReason.UNKNOWN_LAG);
        story.primary(Q, "q", "h2", 120, "h1", 101);
        story.said(S2, said -> said.names(Q, 1).sees("q"))
                .said(S3, said -> said.names(Q, 1).sees("q"));
        story.health(R, RouteReason.PROBATION).after(600).role(R, new Role.Replica(Q, "connected", 120));
        story.health(R, RouteReason.ELIGIBLE);
    }

    /** Seen of 7.0.15: these words until it sends {@code SLAVEOF NO ONE}, 150 to 250 ms after +try-failover. */
    @ParameterizedTest
    @ValueSource(strings = {"wait_start", "select_slave", "send_slaveof_noone"})
    void whatWasRepliedBeforeAForcedLeaderPromotesIsConfirmedByTheOthersAndByHowFarItIs(String state) {
        Story story = forced();
        long repliedNanos = story.now();
        story.said(S1, said -> said.names(P, 0)).said(S3, said -> said.names(P, 0));
        assertThat(story.table().evidenceNanos())
                .as("it may have promoted somebody")
                .isLessThan(repliedNanos);
        story.said(S2, said -> said.names(P, 0).failover(state).voted("id-" + S2, 1));
        story.gate(WriteGate.FENCED);
        assertThat(story.table().evidenceNanos()).isBetween(repliedNanos, story.now() - 1);
    }

    @Test
    void soItIsIfTheLeaderIsLostAfterThat() {
        Story story = forced();
        long repliedNanos = story.now();
        story.said(S2, said -> said.names(P, 0).failover("wait_start"));
        long askedNanos = story.now();
        story.sentinelLost(S2);
        story.said(S1, said -> said.names(P, 0)).said(S3, said -> said.names(P, 0));
        assertThat(story.table().evidenceNanos())
                .as("a fact stays a fact, and reaches no further")
                .isBetween(repliedNanos, askedNanos - 1);
    }

    @Test
    void whatALeaderSaysOfAnotherClaimOrProcessConfirmsNothing() {
        for (UnaryOperator<Said> other : List.<UnaryOperator<Said>>of(
                said -> said.names(Q, 0),
                said -> said.names(P, 1),
                said -> said.sees("p2"),
                said -> said.role("slave"))) {
            Story story = forced();
            long repliedNanos = story.now();
            story.said(S2, said -> other.apply(said.names(P, 0).failover("wait_start")));
            story.said(S1, said -> said.names(P, 0)).said(S3, said -> said.names(P, 0));
            assertThat(story.table().evidenceNanos()).isLessThan(repliedNanos);
        }
    }

    @Test
    void noOtherSentinelConfirmsWhatALeaderIsElectedAgainst() {
        Story story = forced();
        story.message(S1, "+vote-for-leader", "id-" + S2 + " 1").message(S3, "+vote-for-leader", "id-" + S2 + " 1");
        long repliedNanos = story.now();
        story.said(S2, said -> said.names(P, 0).failover("wait_start"));
        story.said(S1, said -> said.names(P, 0).voted("id-" + S2, 1));
        story.said(S3, said -> said.names(P, 0).voted("id-" + S2, 1));
        assertThat(story.table().evidenceNanos()).isLessThan(repliedNanos);
    }

    /** S2 was told to fail over, and has said no more than that. */
    private static Story forced() {
        Story story = Story.leased();
        story.message(S2, "+new-epoch", "1");
        return story.message(S2, "+try-failover", MASTER_P).gate(WriteGate.FENCED);
    }

    /** S2 has promoted Q, which says so itself, and nobody else knows of it yet. */
    private static Story promoted() {
        Story story = Story.leased();
        story.message(S2, "+new-epoch", "1");
        story.message(S2, "+try-failover", "master mymaster 10.0.0.1 6379");
        story.after(900).message(S2, "+promoted-slave", "slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379");
        story.primary(Q, "q", "h2", 120, "h1", 101).aheadToNobody();
        story.said(S2, said -> said.names(Q, 1).failover("reconf_slaves").sees("p"));
        story.primary(Q, "q", "h2", 120, "h1", 101);
        return story.gate(WriteGate.CUTTING_OVER).aheadTo(Q, 1);
    }

    @Test
    void aSentinelThatSaysThatItSwitchedNeedNotBeAskedBeforeThePromotedNodeIsUsed() {
        Story story = promoted();
        long sentNanos = story.now();
        story.after(10)
                .said(S1, said -> said.names(P, 0))
                .said(S2, said -> said.names(Q, 1).failover("reconf_slaves").sees("p"));
        story.after(40).gate(WriteGate.CUTTING_OVER);
        story.message(S1, "+switch-master", "mymaster 10.0.0.1 6379 10.0.0.2 6379");
        story.gate(WriteGate.OPEN).claims(Q, 1);
        assertThat(story.table().evidenceNanos())
                .as("it turned to Q after it was asked last")
                .isGreaterThan(sentNanos)
                .isLessThan(story.now() - 39 * Story.MS);
    }

    @Test
    void whatItSaysWhenItWasLastAskedAboutTheClaimBeforeReachesNoFurther() {
        Story story = promoted();
        long sentNanos = story.now();
        story.after(40).message(S1, "+switch-master", "mymaster 10.0.0.1 6379 10.0.0.2 6379");
        story.gate(WriteGate.OPEN).claims(Q, 1);
        assertThat(story.table().evidenceNanos()).isLessThan(sentNanos);
        story.said(S1, said -> said.names(Q, 1))
                .said(S2, said -> said.names(Q, 1).failover("reconf_slaves").sees("p"));
        assertThat(story.table().evidenceNanos()).isGreaterThan(sentNanos);
    }

    @Test
    void itsWordIsVoidOnceItSaysSomethingElse() {
        Story story = Story.leased();
        story.message(S2, "+promoted-slave", "slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379");
        story.primary(Q, "q", "h2", 120, "h1", 101);
        story.message(S1, "+switch-master", "mymaster 10.0.0.1 6379 10.0.0.2 6379");
        story.message(S1, "+reset-master", "master mymaster 10.0.0.2 6379");
        story.said(S2, said -> said.names(Q, 1).failover("reconf_slaves").sees("p"));
        story.gate(WriteGate.CUTTING_OVER).claims(P, 0);
    }

    @Test
    void norDoesItCountIfItVotedForALaterFailoverBefore() {
        Story story = Story.leased();
        story.message(S1, "+vote-for-leader", "id-" + S3 + " 2");
        story.message(S2, "+promoted-slave", "slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379");
        story.primary(Q, "q", "h2", 120, "h1", 101);
        story.message(S1, "+switch-master", "mymaster 10.0.0.1 6379 10.0.0.2 6379");
        story.said(S2, said -> said.names(Q, 1).failover("reconf_slaves").sees("p"));
        story.claims(P, 0);
    }

    @Test
    void norOverAConnectionOnWhichItHasNotBeenAskedYet() {
        Story story = Story.leased();
        story.message(S2, "+promoted-slave", "slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379");
        story.primary(Q, "q", "h2", 120, "h1", 101);
        story.sentinelLost(S1);
        story.message(S1, "+switch-master", "mymaster 10.0.0.1 6379 10.0.0.2 6379");
        story.said(S2, said -> said.names(Q, 1).failover("reconf_slaves").sees("p"));
        story.claims(P, 0);
    }

    @Test
    void whoeverDidNotBranchOffTheHistoryInUseIsSentNothingAhead() {
        Story story = Story.leased();
        story.message(S2, "+promoted-slave", "slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379");
        story.said(S2, said -> said.names(Q, 1).failover("reconf_slaves").sees("p"));
        story.primary(Q, "q", "h2", 120, "another", 101);
        story.gate(WriteGate.CUTTING_OVER).aheadToNobody();
    }

    @Test
    void aPromotedNodeThatSaysReplicaAfterAllIsSentNothingMore() {
        promoted().role(Q, new Role.Replica(P, "connect", -1)).aheadToNobody();
    }

    @Test
    void norIsAnotherProcessAtItsAddress() {
        promoted().primary(Q, "q2", "h3", 0).aheadToNobody();
    }

    /** Started again from what it saved as a replica, it may be promoted all the same; what the old process said is void. */
    @Test
    void oneThatBranchedOffTheHistoryInUseIsExpectedAsTheProcessThatItIs() {
        Story story = promoted().primary(Q, "q2", "h3", 90, "h1", 91).aheadTo(Q, 1);
        assertThat(story.table().successor())
                .extracting(next -> next.node().runId())
                .isEqualTo("q2");
    }

    /** The same process, whose word as a replica in between nobody heard: what it replied then counts for epoch 1 alone. */
    @Test
    void whoeverIsPromotedAnewIsExpectedUnderAnotherEpoch() {
        Story story = promoted()
                .said(S3, said -> said.names(Q, 2).failover("reconf_slaves").sees("p"));
        story.primary(Q, "q", "h4", 140, "h1", 131).aheadTo(Q, 2);
    }

    @Test
    void aMomentsSilenceOfThePromotedNodeOrItsLeaderChangesNothing() {
        Story story = promoted();
        story.nodeLost(Q);
        story.sentinelLost(S2);
        story.aheadTo(Q, 1);
    }

    @Test
    void aFailoverAgainstThePromotedNodeHoldsBackWhatIsNotSentYet() {
        Story story = promoted();
        story.after(1).message(S3, "+new-epoch", "2");
        story.message(S3, "+try-failover", "master mymaster 10.0.0.2 6379").aheadButHeld(Q, 1);
    }

    /** Its leader may be heard by nobody but us. */
    @Test
    void soDoesTimeThatPassesWithoutItsAdoption() {
        Story story = promoted();
        story.after(Limits.AHEAD_NANOS / Story.MS - 10).tick().aheadTo(Q, 1);
        story.after(20).tick().aheadButHeld(Q, 1);
    }

    @Test
    void soDoesAVoteAgainstIt() {
        promoted().after(1).message(S3, "+vote-for-leader", "id-" + S1 + " 2").aheadButHeld(Q, 1);
    }

    @Test
    void aLeaderThatGoesBackLeavesWhatWasSentAheadBehind() {
        Story story = promoted();
        story.after(1).message(S2, "-failover-abort-slave-timeout", "master mymaster 10.0.0.1 6379");
        story.primary(P, "p", "h1", 130).role(Q, new Role.Replica(P, "connect", -1));
        story.said(S1, said -> said.names(P, 0))
                .said(S2, said -> said.names(P, 0))
                .said(S3, said -> said.names(P, 0));
        story.aheadToNobody();
    }

    /** Found by seed 1138 of the simulation: S3 is told to fail over anew just as the others come to know of the first. */
    @Test
    void aSecondFailoverHeardOfBeforeTheFirstIsAdoptedFencesWhatIsAdopted() {
        Story story = Story.leased();
        story.message(S1, "+promoted-slave", Q_OF_P);
        story.message(S3, "+switch-master", "mymaster 10.0.0.1 6379 10.0.0.2 6379");
        long askedNanos = story.now();
        story.after(1).message(S3, "+new-epoch", "2");
        story.message(S3, "+try-failover", "master mymaster 10.0.0.2 6379");
        story.answered(S3, askedNanos, said -> said.names(Q, 1)).gate(WriteGate.CUTTING_OVER);
        story.primary(Q, "q", "h2", 120, "h1", 101);
        story.said(S1, said -> said.names(Q, 1).failover("reconf_slaves").sees("p"));
        story.said(S2, said -> said.names(Q, 1)).claims(Q, 1).gate(WriteGate.FENCED);
        assertThat(story.table().evidenceNanos()).isLessThan(story.now() - Story.MS);

        story.primary(Q, "q", "h2", 120, "h1", 101);
        story.said(S1, said -> said.names(Q, 1).sees("q"))
                .said(S2, said -> said.names(Q, 1).sees("q"));
        story.gate(WriteGate.FENCED);
        story.said(S3, said -> said.names(Q, 1).sees("q")).gate(WriteGate.OPEN);
    }

    /** Seen on real servers, where it fenced the second leader's choice for three minutes. */
    @Test
    void aLeaderThatCrashedDoesNotOpposeTheClaimOfALaterEpoch() {
        s2PromotesQ(leaderCrashes(1)).gate(WriteGate.OPEN);
    }

    @Test
    void aLeaderThatIsNotHeardOpposesTheClaimOfAnEpochThatIsNoLaterThanItsOwn() {
        s2PromotesQ(leaderCrashes(2)).gate(WriteGate.FENCED);
    }

    /** S1 begins a failover of this epoch, of which it had heard before, and is not heard of again. */
    private static Story leaderCrashes(long epoch) {
        Story story = Story.leased();
        story.message(S1, "+new-epoch", Long.toString(epoch));
        story.message(S1, "+try-failover", MASTER_P);
        story.nodeLost(P);
        story.sentinelLost(S1);
        return story;
    }

    /** In epoch 2, and S3 follows. */
    private static Story s2PromotesQ(Story story) {
        story.message(S2, "+promoted-slave", Q_OF_P);
        story.said(S2, said -> said.names(Q, 2).failover("reconf_slaves").sees("p"))
                .said(S3, said -> said.names(Q, 2));
        story.primary(Q, "q", "h2", 120, "h1", 101);
        story.said(S2, said -> said.names(Q, 2).sees("q"))
                .said(S3, said -> said.names(Q, 2).sees("q"));
        return story.claims(Q, 2);
    }

    @Test
    void aPromotedNodeTakesThePlaceOfADeadOne() {
        Story story = Story.serving();
        List<NodeAddress> dead = new ArrayList<>();
        for (int i = 10; i < 40; i++) {
            dead.add(NodeAddress.parse("10.0.0." + i + ":6379"));
        }
        story.said(S1, said -> said.names(P, 0).lists(dead, List.of(S2, S3)));
        dead.forEach(story::nodeLost);
        NodeAddress fresh = NodeAddress.parse("10.0.0.9:6379");
        story.after(1).message(S1, "+promoted-slave", "slave f 10.0.0.9 6379 @ mymaster 10.0.0.1 6379");
        story.said(S1, said -> said.names(fresh, 1)).said(S2, said -> said.names(fresh, 1));
        story.primary(fresh, "f", "h2", 120, "h1", 101);
        story.said(S1, said -> said.names(fresh, 1)).said(S2, said -> said.names(fresh, 1));
        story.claims(fresh, 1);
    }

    @Test
    void ofTooManyClaimsTheLowestEpochsAreNotWaitedFor() {
        Story story = Story.serving();
        for (int epoch = 1; epoch <= Limits.REMEMBERED_MAX + 1; epoch++) {
            long each = epoch;
            story.said(S3, said -> said.names(Q, each));
        }
        long last = Limits.REMEMBERED_MAX + 1L;
        story.said(S1, said -> said.names(Q, last)).primary(Q, "q", "h2", 120, "h1", 101);
        story.claims(Q, last);
    }

    /** S1 votes for S2 in epoch 2, and then names Q in epoch 1, as others do. */
    private static Story voteLostInASwitchToQ() {
        Story story = Story.serving();
        story.after(1).message(S1, "+vote-for-leader", "id-" + S2 + " 2").gate(WriteGate.FENCED);
        return story.after(1).said(S1, said -> said.names(Q, 1).voted("id-" + S2, 2));
    }

    /** Found by seeds 291 and 2883: a reset made the sentinels forget P, which nobody tells to follow Q ever after. */
    @Test
    void aReplacedPrimaryThatNobodyDemotesDoesNotKeepALostVoteAlive() {
        Story story = voteLostInASwitchToQ();
        story.primary(Q, "q", "h2", 120, "h1", 101).primary(P, "p", "h1", 100);
        story.said(S3, said -> said.names(Q, 1).voted("id-" + S2, 2)).said(S2, said -> said.names(Q, 1));
        story.claims(Q, 1).gate(WriteGate.OPEN);
    }

    @Test
    void aPrimaryThatMayHaveBeenPromotedAnewKeepsTheVoteAlive() {
        Story story = voteLostInASwitchToQ();
        story.primary(Q, "q", "h2", 120, "h1", 101).primary(P, "p", "h3", 130, "h2", 121);
        story.said(S3, said -> said.names(Q, 1).voted("id-" + S2, 2)).said(S2, said -> said.names(Q, 1));
        assertThat(story.table().epoch()).isZero();
        assertThat(story.table().writes().open()).isFalse();
    }
}
