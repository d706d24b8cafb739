package io.tidegate.routing.engine;

import static io.tidegate.routing.engine.Story.P;
import static io.tidegate.routing.engine.Story.Q;
import static io.tidegate.routing.engine.Story.R;
import static io.tidegate.routing.engine.Story.S1;
import static io.tidegate.routing.engine.Story.S2;
import static io.tidegate.routing.engine.Story.S3;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable.WriteGate;
import org.junit.jupiter.api.Test;

/** What closes the gate while a claim is in use, and what opens it again. */
class FenceStoryTest {
    private static final String MASTER = "master mymaster 10.0.0.1 6379";

    @Test
    void oneSentinelsDownDoesNotFence() {
        Story story = Story.serving();
        story.message(S1, "+sdown", MASTER).gate(WriteGate.OPEN);
        story.message(S1, "+odown", MASTER + " #quorum 2/2").gate(WriteGate.OPEN);
        assertThat(story.done()).contains(new Action.AskSentinels());
    }

    @Test
    void aTryIsReassuredOnlyOnceItsLeaderDenies() {
        Story story = Story.serving();
        story.message(S1, "+try-failover", MASTER).gate(WriteGate.FENCED);
        everybodyConfirms(story, S2, S3).gate(WriteGate.FENCED);
        story.message(S1, "-failover-abort-not-elected", MASTER);
        assertThat(story.done()).contains(new Action.AskSentinels());
        story.said(S1, said -> said.names(P, 0)).gate(WriteGate.OPEN);
        assertThat(story.told())
                .contains(new Notice.GateChanged(
                        WriteGate.FENCED, WriteGate.OPEN, "2 sentinels confirm " + P + " at epoch 0"));
    }

    @Test
    void aVoteFencesUntilItsLeaderDenies() {
        Story story = Story.serving();
        story.message(S1, "+vote-for-leader", "id-" + S3 + " 1").gate(WriteGate.FENCED);
        story.said(S1, said -> said.names(P, 0).voted("id-" + S3, 1)).said(S2, said -> said.names(P, 0));
        story.gate(WriteGate.FENCED);
        story.said(S3, said -> said.names(P, 0)).gate(WriteGate.OPEN);
    }

    @Test
    void aVoteForAnUnheardLeaderFencesUntilItIsAbandoned() {
        Story story = Story.serving();
        story.sentinelLost(S3);
        story.message(S1, "+vote-for-leader", "id-" + S3 + " 1");
        story.said(S1, said -> said.names(P, 0).voted("id-" + S3, 1)).said(S2, said -> said.names(P, 0));
        story.gate(WriteGate.FENCED);
        story.after(Limits.ABANDONED_NANOS / Story.MS + 1).tick();
        assertThat(story.told())
                .contains(new Notice.Warning(
                        WarningKind.ABANDONED,
                        "abandoned-vote: the vote of sentinel " + S1 + " in epoch 1 is no longer waited for"));
        story.said(S1, said -> said.names(P, 0).voted("id-" + S3, 1)).said(S2, said -> said.names(P, 0));
        story.gate(WriteGate.OPEN);
    }

    @Test
    void aVoteIsNotAbandonedWhileAnotherNodeSaysPrimary() {
        Story story = Story.serving();
        story.sentinelLost(S3);
        story.message(S1, "+vote-for-leader", "id-" + S3 + " 1");
        story.primary(Q, "q", "h2", 100, "h1", 101);
        story.after(Limits.ABANDONED_NANOS / Story.MS + 1).tick();
        story.said(S1, said -> said.names(P, 0).voted("id-" + S3, 1)).said(S2, said -> said.names(P, 0));
        story.primary(P, "p", "h1", 100).gate(WriteGate.FENCED);
        story.replica(Q, "q", "h1", 100, P).tick();
        story.said(S1, said -> said.names(P, 0).voted("id-" + S3, 1)).said(S2, said -> said.names(P, 0));
        story.primary(P, "p", "h1", 100).gate(WriteGate.OPEN);
    }

    @Test
    void votesThatSplitTheElectionElectNobody() {
        Story story = Story.serving();
        story.message(S1, "+vote-for-leader", "id-" + S1 + " 1");
        story.message(S2, "+vote-for-leader", "id-" + S2 + " 1");
        story.message(S3, "+vote-for-leader", "id-" + S3 + " 1");
        story.said(S1, said -> said.names(P, 0).voted("id-" + S1, 1).failover("wait_start"))
                .gate(WriteGate.FENCED);
        story.said(S2, said -> said.names(P, 0).voted("id-" + S2, 1));
        story.said(S3, said -> said.names(P, 0).voted("id-" + S3, 1)).gate(WriteGate.FENCED);
        story.said(S1, said -> said.names(P, 0).voted("id-" + S1, 1)).gate(WriteGate.OPEN);
    }

    @Test
    void aRestartedVoterDoesNotKnowItsLeaderSoAllMustDeny() {
        Story story = Story.serving();
        story.sentinelLost(S1);
        story.said(S1, said -> said.names(P, 0).voted("*", 1)).gate(WriteGate.FENCED);
        story.said(S2, said -> said.names(P, 0))
                .said(S1, said -> said.names(P, 0).voted("*", 1));
        story.gate(WriteGate.FENCED);
        story.said(S3, said -> said.names(P, 0)).gate(WriteGate.OPEN);
    }

    @Test
    void anotherShardsMessagesAreNotOurs() {
        Story story = Story.serving();
        story.told();
        story.message(S1, "+try-failover", "master other 10.9.9.9 6379").gate(WriteGate.OPEN);
        story.message(S1, "+switch-master", "other 10.9.9.9 6379 10.9.9.8 6379").gate(WriteGate.OPEN);
        assertThat(story.told()).isEmpty();
    }

    @Test
    void anotherShardsVoteFencesUntilTheVoterIsAsked() {
        Story story = Story.serving();
        story.message(S1, "+vote-for-leader", "id-" + S3 + " 9").gate(WriteGate.FENCED);
        story.said(S2, said -> said.names(P, 0)).gate(WriteGate.FENCED);
        story.said(S1, said -> said.names(P, 0)).gate(WriteGate.OPEN);
    }

    @Test
    void thePrimarysOwnWordFencesUntilItTakesItBack() {
        Story story = Story.serving();
        story.role(P, new Role.Replica(Q, "connected", 100)).gate(WriteGate.FENCED);
        assertThat(story.done()).contains(new Action.AskNode(P));
        everybodyConfirms(story, S1, S2, S3).gate(WriteGate.FENCED);
        story.role(P, new Role.Primary(100));
        everybodyConfirms(story, S1, S2).gate(WriteGate.FENCED);
        assertThat(story.done()).as("its data set may be another").contains(new Action.AskNode(P));
        story.primary(P, "p", "h1", 100).gate(WriteGate.OPEN);
    }

    @Test
    void theDataPlanesSuspicionFencesUntilPrimaryAndSentinelsAnswer() {
        Story story = Story.serving();
        story.step(new Event.DataPlaneSuspicion(P, 0, "READONLY")).gate(WriteGate.FENCED);
        assertThat(story.done()).contains(new Action.AskNode(P), new Action.AskSentinels());
        everybodyConfirms(story, S1, S2).gate(WriteGate.FENCED);
        story.role(P, new Role.Primary(100)).gate(WriteGate.OPEN);
    }

    @Test
    void aSuspicionAboutAFormerClaimIsLate() {
        Story story = Story.serving();
        story.step(new Event.DataPlaneSuspicion(P, 3, "READONLY")).gate(WriteGate.OPEN);
        story.step(new Event.DataPlaneSuspicion(Q, 0, "READONLY")).gate(WriteGate.OPEN);
    }

    @Test
    void aReplicaThatTurnsPrimaryFencesEvenIfNoSentinelKnows() {
        Story story = Story.leased();
        story.role(Q, new Role.Primary(100)).gate(WriteGate.FENCED);
        long lastReplica = story.table().evidenceNanos();
        assertThat(lastReplica).isLessThan(story.now());
        story.primary(Q, "q", "h2", 100, "h1", 101);
        everybodyConfirms(story, S1, S2, S3).gate(WriteGate.FENCED).evidence(lastReplica);
        story.after(Limits.PROMOTION_SETTLE_NANOS / Story.MS).primary(P, "p", "h1", 100);
        everybodyConfirms(story, S1, S2, S3).gate(WriteGate.OPEN);
        assertThat(story.told()).contains(new Notice.SecondPrimary(Q, P, 0));
    }

    @Test
    void aReplicaThatTurnsBackReassuresAtOnce() {
        Story story = Story.serving();
        story.primary(Q, "q", "h2", 100, "h1", 101).gate(WriteGate.FENCED);
        story.replica(Q, "q", "h1", 100, P);
        everybodyConfirms(story, S1, S2, S3).gate(WriteGate.OPEN);
    }

    @Test
    void aLeaderLostAfterThePromotionKeepsTheGateShut() {
        Story story = Story.serving();
        story.message(S1, "+promoted-slave", "slave 10.0.0.2:6379 10.0.0.2 6379 @ " + MASTER.substring(7));
        story.gate(WriteGate.CUTTING_OVER).sentinelLost(S1);
        everybodyConfirms(story, S2, S3).gate(WriteGate.CUTTING_OVER);
        story.after(Limits.ABANDONED_NANOS / Story.MS).tick();
        everybodyConfirms(story, S2, S3);
        story.primary(P, "p", "h1", 100).gate(WriteGate.OPEN);
    }

    @Test
    void aRestartOfThePrimaryDoesNotTakeASuccessorBack() {
        Story story = Story.serving();
        story.message(S1, "+promoted-slave", "slave 10.0.0.2:6379 10.0.0.2 6379 @ " + MASTER.substring(7));
        story.sentinelLost(S1).gate(WriteGate.CUTTING_OVER);
        story.nodeLost(P).primary(P, "p2", "h1", 100);
        story.said(S2, said -> said.names(P, 0).sees("p2"));
        story.said(S3, said -> said.names(P, 0).sees("p2"));
        story.primary(P, "p2", "h1", 100).gate(WriteGate.CUTTING_OVER);
        assertThat(story.table().evidenceNanos()).isEqualTo(Instants.UNKNOWN);
    }

    @Test
    void aVoterThatIsToldToWatchAnewDoesNotTakeItsVoteBack() {
        Story story = Story.serving();
        story.message(S2, "+vote-for-leader", "id-" + S1 + " 1").sentinelLost(S1);
        story.message(S2, "-monitor", MASTER).message(S2, "+monitor", MASTER + " quorum 2");
        long voted = story.now();
        everybodyConfirms(story, S2, S3);
        story.primary(P, "p", "h1", 100);
        everybodyConfirms(story, S2, S3).gate(WriteGate.FENCED);
        assertThat(story.table().evidenceNanos()).as("S1 may have been elected").isLessThanOrEqualTo(voted);
        story.said(S1, said -> said.names(P, 0));
        everybodyConfirms(story, S2, S3).primary(P, "p", "h1", 100).gate(WriteGate.OPEN);
    }

    @Test
    void aSentinelThatWatchedNothingMeanwhileDoesNotTakeItsVoteBack() {
        Story story = Story.serving();
        story.message(S2, "+vote-for-leader", "id-" + S1 + " 1").sentinelLost(S1);
        story.said(S2, said -> Said.ofNoShard(S2));
        everybodyConfirms(story, S2, S3);
        story.primary(P, "p", "h1", 100);
        everybodyConfirms(story, S2, S3).gate(WriteGate.FENCED);
    }

    @Test
    void aReconfiguredSentinelEndsTheLeaseUntilItHasToldItsQuorum() {
        Story story = Story.leased();
        long asked = story.now();
        everybodyConfirms(story, S1, S2, S3);
        assertThat(story.table().evidenceNanos()).as("a lease").isGreaterThan(story.now());
        story.message(S1, "+set", MASTER + " quorum 1");
        assertThat(story.table().evidenceNanos())
                .as("others' promises rest on the old quorum")
                .isLessThanOrEqualTo(asked + 3 * Story.MS);
        story.said(S1, said -> said.names(P, 0));
        everybodyConfirms(story, S2, S3);
        assertThat(story.table().evidenceNanos())
                .as("nothing has changed, and the two others prove it")
                .isGreaterThan(story.now());
    }

    @Test
    void anAnswerOnItsWayWhenTheSentinelWasReconfiguredTellsNothingOfItsQuorum() {
        Story story = Story.leased();
        everybodyConfirms(story, S1, S2, S3);
        long written = story.now();
        story.message(S1, "+set", MASTER + " quorum 1");
        story.answered(S1, written - Story.MS, said -> said.names(P, 0));
        long asked = story.now();
        everybodyConfirms(story, S2, S3);
        assertThat(story.table().evidenceNanos())
                .as("no lease, only what the two others confirm")
                .isLessThanOrEqualTo(asked + 3 * Story.MS);
    }

    @Test
    void aReconfiguredSentinelThatIsLostLeavesItsQuorumUnknown() {
        Story story = Story.leased();
        story.message(S1, "+set", MASTER + " quorum 1").sentinelLost(S1);
        long asked = story.now();
        everybodyConfirms(story, S2, S3);
        assertThat(story.table().evidenceNanos())
                .as("it may need nobody's word but its own; the two others only confirm")
                .isLessThanOrEqualTo(asked + 3 * Story.MS);
        story.said(S1, said -> said.names(P, 0));
        everybodyConfirms(story, S2, S3);
        assertThat(story.table().evidenceNanos()).isGreaterThan(story.now());
    }

    @Test
    void anotherSentinelInAVotersPlaceDoesNotTakeTheVoteBack() {
        Story story = Story.serving();
        story.message(S2, "+vote-for-leader", "id-" + S1 + " 1").sentinelLost(S1);
        for (int i = 0; i < 2; i++) {
            story.said(S2, said -> said.names(P, 0).is("another")).said(S3, said -> said.names(P, 0));
            story.primary(P, "p", "h1", 100);
        }
        story.gate(WriteGate.FENCED);
    }

    @Test
    void aLeaderThatComesBackWithoutItsFailoverIsOverruled() {
        Story story = Story.serving();
        story.said(S1, said -> said.names(Q, 1).failover("reconf_slaves").sees("p"))
                .gate(WriteGate.CUTTING_OVER);
        story.sentinelLost(S1).said(S1, said -> said.names(P, 0));
        everybodyConfirms(story, S1, S2, S3);
        story.primary(P, "p", "h1", 100).gate(WriteGate.OPEN);
    }

    @Test
    void tooFewSentinelsToConfirmFenceOnceTheLeaseIsOver() {
        Story story = Story.leased();
        story.sentinelLost(S1).sentinelLost(S2).gate(WriteGate.FENCED);
        assertThat(story.told())
                .contains(new Notice.GateChanged(
                        WriteGate.OPEN,
                        WriteGate.FENCED,
                        "1 of 3 sentinels are left to support " + P + " at epoch 0 (expected: >= 2)"));
        story.said(S3, said -> said.names(P, 0)).gate(WriteGate.FENCED);
        story.said(S1, said -> said.names(P, 0))
                .said(S3, said -> said.names(P, 0))
                .gate(WriteGate.OPEN);
    }

    @Test
    void everyTickAsksWhileTheGateIsShut() {
        Story story = Story.serving();
        story.done();
        story.tick();
        assertThat(story.done()).doesNotContain(new Action.AskNode(P));
        story.message(S1, "+try-failover", MASTER).done();
        story.tick();
        assertThat(story.done()).contains(new Action.AskSentinels(), new Action.AskNode(P));
    }

    @Test
    void aSecondPrimaryIsToldAndNeverUsed() {
        Story story = Story.serving();
        story.primary(R, "r", "h7", 9_000);
        assertThat(story.told()).contains(new Notice.SecondPrimary(R, P, 0));
        story.primary(R, "r", "h7", 9_100).tick();
        assertThat(story.told()).noneMatch(Notice.SecondPrimary.class::isInstance);
        story.gate(WriteGate.OPEN).claims(P, 0);
        story.nodeLost(R).primary(R, "r", "h7", 9_200);
        assertThat(story.told()).contains(new Notice.SecondPrimary(R, P, 0));
    }

    private static Story everybodyConfirms(Story story, NodeAddress... sentinels) {
        for (NodeAddress sentinel : sentinels) {
            story.said(sentinel, said -> said.names(P, 0));
        }
        return story;
    }
}
