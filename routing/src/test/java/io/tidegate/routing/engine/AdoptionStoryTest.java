package io.tidegate.routing.engine;

import static io.tidegate.routing.engine.Story.P;
import static io.tidegate.routing.engine.Story.Q;
import static io.tidegate.routing.engine.Story.S1;
import static io.tidegate.routing.engine.Story.S2;
import static io.tidegate.routing.engine.Story.S3;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.engine.EngineSettings.Fence;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a claim is used, and when none is. */
class AdoptionStoryTest {

    @Test
    void beginsByWatchingTheSentinels() {
        Story story = Story.ofSentinels();
        assertThat(story.done())
                .containsExactly(
                        new Action.WatchSentinel(S1), new Action.WatchSentinel(S2), new Action.WatchSentinel(S3));
        story.gate(WriteGate.NO_CLAIM).evidence(Instants.UNKNOWN);
        assertThat(story.table().primaryLost()).isTrue();
    }

    @Test
    void aMajorityAndTheNodesOwnWordMakeAClaim() {
        Story story = Story.ofSentinels();
        story.said(S1, said -> said.names(P, 0));
        assertThat(story.done()).contains(new Action.WatchNode(P), new Action.AskNode(P));
        story.primary(P, "p", "h1", 100).gate(WriteGate.NO_CLAIM);
        story.said(S2, said -> said.names(P, 0)).gate(WriteGate.OPEN).claims(P, 0);
        assertThat(story.told())
                .contains(
                        new Notice.ClaimAdopted(P, 0, "p"),
                        new Notice.GateChanged(
                                WriteGate.NO_CLAIM, WriteGate.OPEN, "2 of 3 sentinels name " + P + " at epoch 0"));
    }

    @Test
    void withoutTheNodesOwnWordThereIsNoClaim() {
        Story story = Story.ofSentinels();
        story.said(S1, said -> said.names(P, 0)).said(S2, said -> said.names(P, 0));
        story.said(S3, said -> said.names(P, 0)).gate(WriteGate.NO_CLAIM);
        story.role(P, new Role.Primary(100)).gate(WriteGate.NO_CLAIM);
        story.replica(P, "p", "h1", 100, Q).gate(WriteGate.NO_CLAIM);
        story.primary(P, "p", "h1", 100).gate(WriteGate.OPEN);
    }

    @Test
    void theNodesWordMustBeAskedForAfterTheClaimWasSeen() {
        Story story = Story.ofSentinels();
        story.said(S1, said -> said.names(P, 0).lists(List.of(Q), List.of()));
        story.replica(Q, "q", "h1", 100, P).primary(Q, "q", "h2", 100, "h1", 101);
        story.said(S1, said -> said.names(Q, 1)).said(S2, said -> said.names(Q, 1));
        story.said(S3, said -> said.names(Q, 1)).gate(WriteGate.NO_CLAIM);
        story.role(Q, new Role.Primary(100)).gate(WriteGate.OPEN).claims(Q, 1);
    }

    @Test
    void twoNamesForOneSentinelAreNoMajority() {
        Story story = Story.ofSentinels();
        story.said(S1, said -> said.names(P, 0).is("one")).primary(P, "p", "h1", 100);
        story.said(S2, said -> said.names(P, 0).is("one")).gate(WriteGate.NO_CLAIM);
        story.tick();
        assertThat(story.told())
                .contains(new Notice.Warning(
                        WarningKind.SHARED_IDENTITY,
                        "sentinels [" + S1 + ", " + S2 + "] have one identity and count as one"));
        story.said(S3, said -> said.names(P, 0)).gate(WriteGate.OPEN);
    }

    @Test
    void aSeedThatCountsOthersWaitsForThem() {
        Story story = Story.ofSentinels(Fence.LEASE, S1);
        story.said(S1, said -> said.names(P, 0).counts(2, 2).lists(List.of(), List.of(S2, S3)));
        assertThat(story.done()).contains(new Action.WatchSentinel(S2), new Action.WatchSentinel(S3));
        story.primary(P, "p", "h1", 100).gate(WriteGate.NO_CLAIM);
        story.said(S3, said -> said.names(P, 0)).gate(WriteGate.OPEN);
    }

    @Test
    void aProxyThatStartsAmidAFailoverWaitsForItsEnd() {
        Story story = Story.ofSentinels();
        story.said(S1, said -> said.names(P, 4).voted("id-" + S2, 5));
        story.said(S2, said -> said.names(P, 4).failover("wait_promotion").voted("id-" + S2, 5));
        story.said(S3, said -> said.names(P, 4)).primary(P, "p", "h1", 100).gate(WriteGate.NO_CLAIM);
        story.said(
                S2, said -> said.names(Q, 5).failover("reconf_slaves").sees("p").voted("id-" + S2, 5));
        story.primary(Q, "q", "h2", 120, "h1", 101).gate(WriteGate.NO_CLAIM);
        story.said(S1, said -> said.names(Q, 5).voted("id-" + S2, 5))
                .gate(WriteGate.OPEN)
                .claims(Q, 5);
    }

    @Test
    void aHigherEpochThatOnlyOneNamesKeepsALowerFromBeingAdopted() {
        Story story = Story.ofSentinels();
        story.said(S1, said -> said.names(Q, 5));
        story.said(S2, said -> said.names(P, 4)).said(S3, said -> said.names(P, 4));
        story.primary(P, "p", "h1", 100).gate(WriteGate.NO_CLAIM);
    }

    /** Two have said what they did before the next election began, and the third has told of that. */
    @Test
    void aClaimAboveWhichOneIsKnownToHaveVotedIsFencedUntilItIsConfirmed() {
        Story story = Story.ofSentinels();
        story.said(S1, said -> said.names(P, 1)).primary(P, "p", "h1", 100);
        story.message(S3, "+vote-for-leader", "id-" + S1 + " 2").gate(WriteGate.NO_CLAIM);
        story.said(S2, said -> said.names(P, 1)).claims(P, 1).gate(WriteGate.FENCED);
        story.said(S1, said -> said.names(P, 1)).gate(WriteGate.OPEN);
    }

    @Test
    void anUnknownShardNameIsTold() {
        Story story = Story.ofSentinels();
        story.said(S1, said -> said);
        story.tick();
        assertThat(story.told())
                .contains(new Notice.Warning(
                        WarningKind.UNKNOWN_NAME, "sentinel " + S1 + " watches no primary under the name 'mymaster'"));
        story.gate(WriteGate.NO_CLAIM);
    }

    @Test
    void twoOfThreeProveAPrimaryThatTheThirdDoesNotKnow() {
        Story story = Story.ofSentinels();
        story.said(S3, said -> Said.ofNoShard(S3));
        story.said(S1, said -> said.names(P, 0)).said(S2, said -> said.names(P, 0));
        story.primary(P, "p", "h1", 100).gate(WriteGate.OPEN);
        long asked = story.now();
        story.said(S1, said -> said.names(P, 0)).said(S2, said -> said.names(P, 0));
        story.evidence(asked);
    }

    @Test
    void twoNodesInOneEpochAreASplitUntilAMajorityAgrees() {
        Story story = Story.ofSentinels();
        story.said(S1, said -> said.names(P, 5))
                .said(S2, said -> said.names(Q, 5))
                .gate(WriteGate.SPLIT);
        story.primary(P, "p", "h1", 100).primary(Q, "q", "h2", 100).gate(WriteGate.SPLIT);
        story.said(S3, said -> said.names(Q, 5)).gate(WriteGate.OPEN).claims(Q, 5);
    }

    @Test
    void aSplitThatIsTakenBackBeforeAnyClaimIsNoSplit() {
        Story story = Story.ofSentinels();
        story.said(S1, said -> said.names(P, 5))
                .said(S2, said -> said.names(Q, 5))
                .gate(WriteGate.SPLIT);
        story.said(S2, said -> said.names(P, 5)).gate(WriteGate.NO_CLAIM);
    }

    @Test
    void whileServingALoneDissenterIsNoSplitAndTwoAre() {
        Story story = Story.serving();
        story.said(S3, said -> said.names(Q, 0)).gate(WriteGate.OPEN);
        story.said(S2, said -> said.names(Q, 0)).gate(WriteGate.SPLIT).claims(P, 0);
        story.said(S2, said -> said.names(P, 0)).gate(WriteGate.SPLIT);
        story.said(S1, said -> said.names(P, 0)).primary(P, "p", "h1", 100).gate(WriteGate.OPEN);
    }

    @Test
    void epochsThatAllGoBackAreASplitThatOnlyAHigherEpochEnds() {
        Story story = Story.ofSentinels();
        story.said(S1, said -> said.names(P, 7)).said(S2, said -> said.names(P, 7));
        story.primary(P, "p", "h1", 100).gate(WriteGate.OPEN).claims(P, 7);
        story.said(S3, said -> said.names(P, 7))
                .said(S1, said -> said.names(P, 0))
                .gate(WriteGate.OPEN);
        story.said(S2, said -> said.names(P, 0)).gate(WriteGate.SPLIT).claims(P, 7);
        story.said(S3, said -> said.names(P, 0))
                .said(S1, said -> said.names(P, 0))
                .gate(WriteGate.SPLIT);
        story.primary(P, "p", "h1", 100).tick().gate(WriteGate.SPLIT);
        story.said(S1, said -> said.names(P, 8)).said(S2, said -> said.names(P, 8));
        story.primary(P, "p", "h1", 100).gate(WriteGate.OPEN).claims(P, 8);
    }

    @Test
    void sentinelsThatAreNoLongerNamedAreForgotten() {
        NodeAddress moved = NodeAddress.parse("10.0.0.4:26379");
        Story story = Story.serving();
        story.said(S1, said -> said.names(P, 0).lists(List.of(Q), List.of(S2, S3, moved)));
        assertThat(story.done()).contains(new Action.WatchSentinel(moved));
        story.sentinelLost(moved).after(Limits.FORGET_NANOS / Story.MS + 1);
        assertThat(story.done()).doesNotContain(new Action.ForgetSentinel(moved));
        story.said(S1, said -> said.names(P, 0).lists(List.of(Q), List.of(S2, S3)));
        assertThat(story.done())
                .contains(new Action.ForgetSentinel(moved), new Action.ForgetNode(Story.R))
                .doesNotContain(new Action.ForgetSentinel(S2));
    }

    @Test
    void aSentinelThatIsHeardIsNotForgottenThoughNobodyElseIsHeardToNameIt() {
        Story story = Story.ofSentinels(Fence.LEASE, S1);
        story.said(S1, said -> said.names(P, 0).lists(List.of(), List.of(S2, S3)));
        story.said(S2, said -> said.names(P, 0)).sentinelLost(S1).sentinelLost(S3);
        story.after(Limits.FORGET_NANOS / Story.MS + 1).done();
        story.said(S2, said -> said.names(P, 0).lists(List.of(), List.of(S1)));
        assertThat(story.done())
                .as("no sentinel lists itself")
                .doesNotContain(new Action.ForgetSentinel(S2))
                .contains(new Action.ForgetSentinel(S3));
    }

    @Test
    void aLostSentinelThatOpposesIsNotForgotten() {
        Story story = Story.serving();
        NodeAddress ghost = NodeAddress.parse("10.0.0.4:26379");
        story.said(S1, said -> said.names(P, 0).lists(List.of(Q), List.of(ghost)));
        story.said(ghost, said -> said.names(P, 0).failover("wait_start"))
                .sentinelLost(ghost)
                .gate(WriteGate.FENCED);
        story.after(Limits.FORGET_NANOS / Story.MS + 1).done();
        story.said(S1, said -> said.names(P, 0).lists(List.of(Q), List.of()));
        assertThat(story.done()).doesNotContain(new Action.ForgetSentinel(ghost));
        story.after(Limits.ABANDONED_NANOS / Story.MS).tick();
        story.said(S1, said -> said.names(P, 0).lists(List.of(Q), List.of()));
        assertThat(story.done()).contains(new Action.ForgetSentinel(ghost));
    }

    /** S1 and S2 do not list it, and count each other alone. */
    private static Story unlisted(NodeAddress ghost) {
        Story story = Story.ofSentinels(Fence.LEASE, S1, S2);
        story.said(S1, said -> said.names(P, 0).sees("p").lists(List.of(Q), List.of(ghost)));
        story.primary(P, "p", "h1", 100).said(ghost, said -> said.names(P, 0).sees("p"));
        story.said(S2, said -> said.names(P, 0).sees("p")).gate(WriteGate.OPEN);
        story.after(Limits.FORGET_NANOS / Story.MS + 1);
        return listed(story);
    }

    private static Story listed(Story story) {
        story.done();
        return story.said(S1, said -> said.names(P, 0).sees("p").lists(List.of(Q), List.of(S2)));
    }

    @Test
    void whoNamedItselfAsLongAsItWasHeardIsNotForgottenAsItIsLost() {
        NodeAddress ghost = NodeAddress.parse("10.0.0.4:26379");
        Story story = unlisted(ghost).sentinelLost(ghost);
        assertThat(listed(story).done()).doesNotContain(new Action.ForgetSentinel(ghost));
        story.after(Limits.FORGET_NANOS / Story.MS);
        assertThat(listed(story).done()).contains(new Action.ForgetSentinel(ghost));
    }

    @Test
    void aLostSentinelWhoseVoteMayStillElectSomebodyIsNotForgotten() {
        NodeAddress ghost = NodeAddress.parse("10.0.0.4:26379");
        Story story = unlisted(ghost).message(ghost, "+vote-for-leader", "id-" + S3 + " 1");
        story.sentinelLost(ghost).after(Limits.FORGET_NANOS / Story.MS + 1);
        assertThat(listed(story).done()).doesNotContain(new Action.ForgetSentinel(ghost));
        story.after(Limits.ABANDONED_NANOS / Story.MS).tick();
        assertThat(listed(story).done()).contains(new Action.ForgetSentinel(ghost));
    }

    @Test
    void anUnreachableSentinelIsToldOnce() {
        Story story = Story.ofSentinels();
        story.sentinelLost(S1).sentinelLost(S1);
        assertThat(story.told()).containsExactly(new Notice.SentinelLinkChanged(S1, false, "reset"));
    }
}
