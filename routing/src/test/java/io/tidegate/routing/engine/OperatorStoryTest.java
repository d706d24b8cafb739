package io.tidegate.routing.engine;

import static io.tidegate.routing.engine.Story.P;
import static io.tidegate.routing.engine.Story.Q;
import static io.tidegate.routing.engine.Story.R;
import static io.tidegate.routing.engine.Story.S1;
import static io.tidegate.routing.engine.Story.S2;
import static io.tidegate.routing.engine.Story.S3;
import static io.tidegate.routing.engine.Story.SILENCE_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.engine.EngineSettings.Fence;
import io.tidegate.routing.engine.EngineSettings.Restart;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nobody votes: what a restart is, what stands until it is taken back, what an operator may say. */
class OperatorStoryTest {
    private static final String WAITS = "waits for PROXY FENCE RELEASE";

    private static Story serving(Restart restart, boolean activeFence) {
        Story story = Story.ofNodes(restart, activeFence, P, Q, R);
        story.primary(P, "p", "h1", 100).replica(Q, "q", "h1", 100, P).replica(R, "r", "h1", 100, P);
        story.gate(WriteGate.OPEN).claims(P, 1).evidence(Instants.FOREVER).told();
        return story;
    }

    private static Story serving() {
        return serving(Restart.ACCEPT, false);
    }

    /** Q was promoted out of P's history while P goes on as primary. */
    private static Story contested() {
        return serving().primary(Q, "q", "h2", 120, "h1", 101).gate(WriteGate.CUTTING_OVER);
    }

    /** Asked in the very step in which time alone moves the writes. */
    @Test
    void whatIsToldIsWhatTheTableSays() {
        Story story = contested().nodeLost(P).gate(WriteGate.CUTTING_OVER);
        assertThat(story.after(2 * SILENCE_MS).ask(null).lines()).contains("writes open");
        story.gate(WriteGate.OPEN).claims(Q, 2);
    }

    // ---- restarts ----

    @Test
    void anAcceptedRestartIsTheNextEpoch() {
        Story story = serving();
        story.nodeLost(P).primary(P, "p2", "h9", 0).gate(WriteGate.OPEN).claims(P, 2);
        assertThat(story.told())
                .contains(
                        new Notice.PrimaryRestarted(P, "p", "p2", 100, -1, false), new Notice.ClaimAdopted(P, 2, "p2"));
    }

    @Test
    void aSnapshotSaysWhatWasLost() {
        Story story = serving();
        story.role(P, new Role.Primary(170));
        story.nodeLost(P)
                .primary(P, "p2", "h9", 100, "h1", 101)
                .gate(WriteGate.OPEN)
                .claims(P, 2);
        Notice.PrimaryRestarted told = new Notice.PrimaryRestarted(P, "p", "p2", 170, 100, false);
        assertThat(story.told()).contains(told);
        assertThat(told.bytesKnownLost()).isEqualTo(70);
        assertThat(told.lossKnown()).isTrue();
    }

    @Test
    void anotherHistoryOfTheSameProcessIsTheSamePrimary() {
        Story story = serving();
        story.primary(P, "p", "h2", 14).gate(WriteGate.OPEN).claims(P, 1);
        assertThat(story.told()).anySatisfy(told -> assertThat(told).isInstanceOf(Notice.Warning.class));
    }

    @Test
    void aFencedRestartWaitsForTheOperator() {
        Story story = serving(Restart.FENCE, false);
        story.nodeLost(P).primary(P, "p2", "h9", 0).gate(WriteGate.FENCED).claims(P, 2);
        assertThat(story.told()).contains(new Notice.PrimaryRestarted(P, "p", "p2", 100, -1, true));
        story.role(P, new Role.Primary(0)).after(10 * SILENCE_MS).tick().gate(WriteGate.FENCED);
        story.role(P, new Role.Primary(0)).gate(WriteGate.FENCED);
        assertThat(story.ask(null).lines()).anyMatch(line -> line.contains("restarted"));
        story.release(P).role(P, new Role.Primary(0)).gate(WriteGate.OPEN).claims(P, 2);
        assertThat(story.answer().granted()).isTrue();
        story.nodeLost(P).primary(P, "p3", "h10", 0).gate(WriteGate.FENCED).claims(P, 3);
    }

    @Test
    void whatLeftAnEarlierHistoryOfARestartedPrimaryIsItsSibling() {
        Story story = serving();
        story.nodeLost(P).primary(P, "p2", "h9", 0, null, -1).primary(Q, "q", "h2", 120, "h1", 101);
        story.gate(WriteGate.SPLIT)
                .nodeLost(P)
                .after(SILENCE_MS)
                .tick()
                .gate(WriteGate.SPLIT)
                .claims(P, 2);
    }

    @Test
    void whoContendedWithTheOldProcessContendsWithTheNew() {
        Story story = contested();
        story.nodeLost(P)
                .primary(P, "p2", "h9", 100, "h1", 101)
                .gate(WriteGate.SPLIT)
                .claims(P, 2);
        story.replica(P, "p2", "h2", 120, Q).gate(WriteGate.OPEN).claims(Q, 3);
    }

    @Test
    void anEndpointThatMovesToAReplicaIsTheNextEpochWithoutLoss() {
        Story story = Story.ofNodes(P);
        story.primary(P, "p", "h1", 100).gate(WriteGate.OPEN).told();
        story.nodeLost(P)
                .primary(P, "q", "h2", 150, "h1", 131)
                .gate(WriteGate.OPEN)
                .claims(P, 2);
        Notice.PrimaryRestarted told = new Notice.PrimaryRestarted(P, "p", "q", 100, 130, false);
        assertThat(story.told()).contains(told);
        assertThat(told.bytesKnownLost()).isZero();
    }

    // ---- what stands ----

    @Test
    void aSuccessorOutOfReachIsStillOne() {
        Story story = contested();
        story.nodeLost(Q).role(P, new Role.Primary(140)).after(10 * SILENCE_MS).tick();
        story.role(P, new Role.Primary(150)).gate(WriteGate.CUTTING_OVER);
        story.replica(Q, "q", "h1", 150, P)
                .primary(P, "p", "h1", 150)
                .gate(WriteGate.OPEN)
                .claims(P, 1);
    }

    @Test
    void anUnrelatedPrimaryOutOfReachIsStillOne() {
        Story story = serving();
        story.primary(Q, "q", "h7", 10).nodeLost(Q).after(10 * SILENCE_MS).tick();
        story.role(P, new Role.Primary(150)).gate(WriteGate.SPLIT);
    }

    @Test
    void twoPrimariesAtTheStartStandWhenOneIsLost() {
        Story story = Story.ofNodes(P, Q);
        story.primary(P, "p", "h1", 100).primary(Q, "q", "h2", 120, "h1", 101).gate(WriteGate.SPLIT);
        story.nodeLost(Q)
                .after(10 * SILENCE_MS)
                .tick()
                .role(P, new Role.Primary(110))
                .gate(WriteGate.SPLIT);
        story.primary(Q, "q", "h2", 120, "h1", 101).nodeLost(P).gate(WriteGate.SPLIT);
        story.after(SILENCE_MS)
                .tick()
                .role(Q, new Role.Primary(130))
                .gate(WriteGate.OPEN)
                .claims(Q, 1);
    }

    @Test
    void theFencedPrimarysWordReachesNoFurtherThanItsSuccessorsAsReplica() {
        Story story = serving();
        long asked = story.now();
        story.role(Q, new Role.Replica(P, "connected", 110))
                .role(P, new Role.Primary(120))
                .evidence(Instants.FOREVER);
        story.primary(Q, "q", "h2", 120, "h1", 111).evidence(asked);
        story.role(P, new Role.Primary(140)).evidence(asked).gate(WriteGate.CUTTING_OVER);
    }

    @Test
    void aChainOfReplicasHasItsPrimaryAtTheOtherEnd() {
        Story story = Story.ofNodes(P, Q, R);
        story.primary(P, "p", "h1", 100).replica(Q, "q", "h1", 100, P).replica(R, "r", "h1", 100, Q);
        story.gate(WriteGate.OPEN).claims(P, 1);
    }

    @Test
    void aGrandchildPromotedBesideTheChildIsASplit() {
        Story story = contested();
        story.primary(R, "r", "h3", 130, "h2", 125).gate(WriteGate.SPLIT);
        story.nodeLost(P)
                .nodeLost(Q)
                .after(SILENCE_MS)
                .tick()
                .gate(WriteGate.SPLIT)
                .claims(P, 1);
    }

    @Test
    void theSuccessorIsKnownByTheHistoryThatTheDemotedOneHasOfIt() {
        Story story = serving();
        NodeAddress otherName = NodeAddress.parse("redis-2.internal:6379");
        story.replica(P, "p", "h7", 50, otherName).gate(WriteGate.FENCED);
        story.primary(Q, "q", "h7", 60).gate(WriteGate.OPEN).claims(Q, 2);
    }

    // ---- the operator ----

    @Test
    void anOperatorMovesWritesToTheSuccessor() {
        Story story = contested();
        story.release(Q);
        assertThat(story.answers()).as("asked after the operator did").isEmpty();
        story.role(Q, new Role.Primary(130)).gate(WriteGate.OPEN).claims(Q, 2);
        assertThat(story.answer().granted()).isTrue();
        assertThat(story.told()).anySatisfy(told -> assertThat(told).isInstanceOf(Notice.FenceReleased.class));
        story.role(P, new Role.Primary(140)).gate(WriteGate.OPEN).claims(Q, 2);
    }

    @Test
    void anOperatorKeepsTheOldPrimaryAndTheCloneIsNoSuccessorAnyMore() {
        Story story = contested();
        story.release(P)
                .role(P, new Role.Primary(140))
                .gate(WriteGate.OPEN)
                .claims(P, 1)
                .evidence(Instants.FOREVER);
        story.role(Q, new Role.Primary(130)).gate(WriteGate.OPEN);
        story.nodeLost(P)
                .after(SILENCE_MS)
                .tick()
                .role(Q, new Role.Primary(140))
                .claims(P, 1);
        story.primary(P, "p", "h1", 150).replica(Q, "q", "h1", 150, P).role(P, new Role.Primary(150));
        story.role(Q, new Role.Replica(P, "connected", 150));
        story.primary(Q, "q", "h4", 160, "h1", 155).gate(WriteGate.CUTTING_OVER);
    }

    @Test
    void anOperatorSettlesTwoUnrelatedPrimaries() {
        Story story = Story.ofNodes(P, Q);
        story.primary(P, "p", "h1", 100).primary(Q, "q", "h7", 10).gate(WriteGate.SPLIT);
        story.release(Q).role(Q, new Role.Primary(20)).gate(WriteGate.OPEN).claims(Q, 1);
        story.role(P, new Role.Primary(120)).gate(WriteGate.OPEN);
    }

    @Test
    void whoDoesNotSayPrimaryIsNotReleased() {
        Story story = contested();
        story.release(R).role(R, new Role.Replica(P, "connected", 100)).gate(WriteGate.CUTTING_OVER);
        assertThat(story.answer()).satisfies(answer -> {
            assertThat(answer.granted()).isFalse();
            assertThat(answer.lines()).containsExactly(R + " is not released: it says replica");
        });
        story.nodeLost(Q).release(Q).tick();
        assertThat(story.answers()).isEmpty();
        story.release(P);
        assertThat(story.answer().lines())
                .containsExactly(P + " is not released: another release is being looked into");
        story.after(2_000).tick().gate(WriteGate.CUTTING_OVER);
        assertThat(story.answer().lines()).containsExactly(Q + " is not released: it does not say that it is primary");
    }

    @Test
    void nothingIsReleasedThatIsNotFenced() {
        Story story = serving();
        story.release(Q);
        assertThat(story.answer().lines())
                .containsExactly(Q + " is not released: nothing is fenced: writes go to " + P);
        story.release(NodeAddress.parse("10.9.9.9:1"));
        assertThat(story.answer().lines()).containsExactly("10.9.9.9:1 is not released: no such node is watched");
    }

    @Test
    void whereSentinelsVoteTheyDecide() {
        Story story = Story.serving();
        story.done();
        story.release(P);
        assertThat(story.answer().lines())
                .containsExactly(P + " is not released: the sentinels decide who is primary, and they are not split");
    }

    /** Two sentinels, each of which names another node for epoch 1. */
    private static Story tied() {
        Story story = Story.ofSentinels(Fence.LEASE, S1, S2);
        story.said(S1, said -> said.names(P, 1).sees("p").lists(List.of(Q, R), List.of(S2)));
        story.said(S2, said -> said.names(Q, 1).sees("q"));
        story.primary(P, "p", "h1", 100).primary(Q, "q", "h2", 120, "h1", 101).replica(R, "r", "h1", 100, P);
        story.gate(WriteGate.SPLIT).done();
        return story;
    }

    @Test
    void tiedSentinelsAreOverruledUntilTheyAgree() {
        Story story = tied();
        story.release(R).role(R, new Role.Replica(P, "connected", 100)).gate(WriteGate.SPLIT);
        assertThat(story.answer().lines()).containsExactly(R + " is not released: no sentinel names it");
        story.release(Q)
                .role(Q, new Role.Primary(130))
                .gate(WriteGate.OPEN)
                .claims(Q, 1)
                .evidence(Instants.FOREVER);
        story.said(S1, said -> said.names(P, 1).sees("p")).role(Q, new Role.Primary(140));
        story.gate(WriteGate.OPEN).evidence(Instants.FOREVER);
        long asked = story.now();
        story.said(S1, said -> said.names(Q, 1).sees("q"))
                .said(S2, said -> said.names(Q, 1).sees("q"));
        story.gate(WriteGate.OPEN).evidence(asked);
    }

    @Test
    void anOperatorsWordHoldsAgainstNothingThatSentinelsSayLater() {
        Story story = tied();
        story.release(Q).role(Q, new Role.Primary(130)).gate(WriteGate.OPEN);
        story.message(S1, "+try-failover", "master mymaster 10.0.0.2 6379").gate(WriteGate.FENCED);
        story.said(S1, said -> said.names(R, 1).sees("r")).gate(WriteGate.SPLIT);
        story.said(S2, said -> said.names(R, 2).sees("r")).gate(WriteGate.SPLIT);
    }

    @Test
    void theOtherNodeOfAnEpochThatWasUsedGetsTheNext() {
        Story story = Story.serving();
        story.said(S1, said -> said.names(Q, 0).sees("q"))
                .said(S2, said -> said.names(Q, 0).sees("q"));
        story.gate(WriteGate.SPLIT).primary(Q, "q", "h2", 120, "h1", 101).done();
        story.release(Q)
                .role(Q, new Role.Primary(130))
                .gate(WriteGate.OPEN)
                .claims(Q, 1)
                .evidence(Instants.FOREVER);
        story.said(S3, said -> said.names(P, 0).sees("p"))
                .role(Q, new Role.Primary(130))
                .gate(WriteGate.OPEN);
    }

    @Test
    void theNodeInUseIsKeptUnderItsEpoch() {
        Story story = Story.serving();
        story.said(S1, said -> said.names(Q, 0).sees("q"))
                .said(S2, said -> said.names(Q, 0).sees("q"));
        story.gate(WriteGate.SPLIT).done();
        story.release(P)
                .role(P, new Role.Primary(130))
                .gate(WriteGate.OPEN)
                .claims(P, 0)
                .evidence(Instants.FOREVER);
    }

    @Test
    void theStateNamesEveryPrimaryAndWhyWritesAreFenced() {
        assertThat(contested().ask(null).lines())
                .containsExactly(
                        "writes cutting_over",
                        "because " + Q + " says primary, and its history is the claimed one's",
                        "claim " + P + " at epoch 1",
                        "primary " + P + " says so itself: run id p, history h1, offset 100",
                        "primary " + Q + " says so itself: run id q, history h2, offset 120");
        assertThat(serving().ask(null).lines()).noneMatch(line -> line.contains(WAITS));
    }

    // ---- the active fence ----

    private static Story moved(boolean activeFence) {
        Story story = serving(Restart.ACCEPT, activeFence);
        story.nodeLost(P)
                .primary(Q, "q", "h2", 120, "h1", 101)
                .after(SILENCE_MS)
                .tick();
        story.role(Q, new Role.Primary(120)).gate(WriteGate.OPEN).claims(Q, 2).done();
        return story;
    }

    /** Everything well for so long, everybody asked each tick. */
    private static void quiet(Story story, long forMs) {
        for (long end = story.nowMs() + forMs; story.nowMs() < end; ) {
            story.after(90).tick().role(P, new Role.Primary(140)).role(Q, new Role.Primary(130));
        }
    }

    @Test
    void aReplacedPrimaryThatReturnsIsPausedAndThenDemoted() {
        Story story = moved(true);
        story.primary(P, "p", "h1", 140);
        assertThat(story.done()).contains(new Action.PauseWrites(P, story.link(P), Limits.PAUSE_NANOS));
        assertThat(story.told()).contains(new Notice.ReplacedFenced(P, Q, 2, false));
        quiet(story, 14_000);
        assertThat(story.done())
                .contains(new Action.PauseWrites(P, story.link(P), Limits.PAUSE_NANOS))
                .noneMatch(Action.Demote.class::isInstance);
        quiet(story, 2_000);
        assertThat(story.done()).contains(new Action.Demote(P, story.link(P), Q));
        assertThat(story.told()).contains(new Notice.ReplacedFenced(P, Q, 2, true));
    }

    @Test
    void oneWhoseHistoryIsAnotherIsPausedOnly() {
        Story story = moved(true);
        story.primary(P, "p9", "h8", 0);
        quiet(story, 20_000);
        assertThat(story.done())
                .anyMatch(Action.PauseWrites.class::isInstance)
                .noneMatch(Action.Demote.class::isInstance);
    }

    @Test
    void offItTouchesNobody() {
        Story story = moved(false);
        story.primary(P, "p", "h1", 140);
        quiet(story, 20_000);
        assertThat(fences(story)).isEmpty();
        assertThat(story.told()).contains(new Notice.SecondPrimary(P, Q, 2));
    }

    @Test
    void whileTheClaimIsDisputedItTouchesNobody() {
        Story story = moved(true);
        story.primary(R, "r", "h7", 1).gate(WriteGate.SPLIT).primary(P, "p", "h1", 140);
        quiet(story, 20_000);
        assertThat(fences(story)).isEmpty();
    }

    @Test
    void whileThePrimaryIsSilentItTouchesNobody() {
        Story story = moved(true);
        story.nodeLost(Q).primary(P, "p", "h1", 140);
        assertThat(fences(story)).isEmpty();
    }

    @Test
    void oneThatMayBeASuccessorIsNotTouched() {
        Story story = serving(Restart.ACCEPT, true);
        story.primary(Q, "q", "h2", 120, "h1", 101).gate(WriteGate.CUTTING_OVER);
        quiet(story, 20_000);
        assertThat(fences(story)).isEmpty();
    }

    private static List<Action> fences(Story story) {
        return story.done().stream()
                .filter(action -> action instanceof Action.PauseWrites || action instanceof Action.Demote)
                .toList();
    }
}
