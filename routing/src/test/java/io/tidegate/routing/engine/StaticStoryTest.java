package io.tidegate.routing.engine;

import static io.tidegate.routing.engine.Story.P;
import static io.tidegate.routing.engine.Story.Q;
import static io.tidegate.routing.engine.Story.R;
import static io.tidegate.routing.engine.Story.SILENCE_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.engine.EngineSettings.Restart;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A list of nodes and nobody who votes: claims by role and history. */
class StaticStoryTest {

    private static Story serving() {
        Story story = Story.ofNodes(P, Q, R);
        story.primary(P, "p", "h1", 100).replica(Q, "q", "h1", 100, P).replica(R, "r", "h1", 100, P);
        story.gate(WriteGate.OPEN).claims(P, 1).evidence(Instants.FOREVER);
        return story;
    }

    @Test
    void beginsByWatchingTheListedNodes() {
        Story story = Story.ofNodes(P, Q);
        assertThat(story.done()).containsSubsequence(new Action.WatchNode(P), new Action.WatchNode(Q));
        story.gate(WriteGate.NO_CLAIM).health(P, RouteReason.NO_LINK);
    }

    @Test
    void theOnePrimaryIsUsedOnceEveryNodeWasTried() {
        Story story = Story.ofNodes(P, Q, R);
        story.primary(P, "p", "h1", 100).replica(Q, "q", "h1", 100, P).gate(WriteGate.NO_CLAIM);
        story.nodeLost(R).gate(WriteGate.OPEN).claims(P, 1);
        assertThat(story.told()).contains(new Notice.ClaimAdopted(P, 1, "p"));
    }

    @Test
    void withoutAPrimaryThereIsNoClaim() {
        Story story = Story.ofNodes(P, Q);
        story.nodeLost(P).replicaCutOff(Q, "q", "h1", 100, P).gate(WriteGate.NO_CLAIM);
    }

    @Test
    void aPrimaryWhoseNeighbourFollowsAnotherListedNodeIsNotUsed() {
        Story story = Story.ofNodes(P, Q, R);
        story.nodeLost(P)
                .primary(Q, "q", "h1", 100)
                .replica(R, "r", "h2", 100, P)
                .gate(WriteGate.NO_CLAIM);
        story.replicaCutOff(R, "r", "h2", 100, P).gate(WriteGate.OPEN).claims(Q, 1);
    }

    @Test
    void twoPrimariesAtTheStartAreASplit() {
        Story story = Story.ofNodes(P, Q);
        story.primary(P, "p", "h1", 100).primary(Q, "q", "h2", 100, "h1", 101).gate(WriteGate.SPLIT);
        story.replica(P, "p", "h2", 100, Q).gate(WriteGate.OPEN).claims(Q, 1);
    }

    @Test
    void aSuccessorFencesAtOnceAndMovesWhenTheOldIsGoneForLong() {
        Story story = serving();
        story.primary(Q, "q", "h2", 120, "h1", 101).gate(WriteGate.CUTTING_OVER).claims(P, 1);
        story.role(P, new Role.Primary(130)).gate(WriteGate.CUTTING_OVER);
        story.nodeLost(P).gate(WriteGate.CUTTING_OVER);
        story.after(SILENCE_MS - 1).tick().role(Q, new Role.Primary(125));
        story.gate(WriteGate.OPEN).claims(Q, 2);
        assertThat(story.atRisk(P, Q, 100, 130).bytesKnownLost()).isEqualTo(30);
    }

    @Test
    void aBrokenConnectionAloneDoesNotMoveWrites() {
        Story story = serving();
        story.primary(Q, "q", "h2", 120, "h1", 101).nodeLost(P).primary(P, "p", "h1", 130);
        story.after(SILENCE_MS).tick().gate(WriteGate.CUTTING_OVER).claims(P, 1);
    }

    @Test
    void aSuccessorMovesAtOnceWhenTheOldIsDemoted() {
        Story story = serving();
        story.role(P, new Role.Replica(Q, "connect", -1)).gate(WriteGate.FENCED);
        story.primary(Q, "q", "h2", 120, "h1", 101).gate(WriteGate.OPEN).claims(Q, 2);
    }

    @Test
    void theOldPrimaryNamesItsSuccessorByFollowingIt() {
        Story story = serving();
        story.replica(P, "p", "h7", 50, Q).gate(WriteGate.FENCED);
        story.primary(Q, "q", "h7", 50).gate(WriteGate.OPEN).claims(Q, 2);
    }

    /** That it has come to follow another one is known by ROLE before it is known of which data it is now. */
    @Test
    void whomTheOldPrimaryFollowedBeforeIsNoSuccessorByTheHistoryThatItHadThen() {
        Story story = serving();
        story.nodeLost(Q).replica(P, "p", "h7", 50, Q).gate(WriteGate.FENCED);
        story.replicaCutOff(P, "p", "h7", 50, R).primary(Q, "q", "h7", 50).gate(WriteGate.SPLIT);
        story.role(P, new Role.Replica(R, "connected", 120))
                .gate(WriteGate.SPLIT)
                .claims(P, 1);
    }

    @Test
    void aSuccessorThatStepsBackIsForgiven() {
        Story story = serving();
        story.primary(Q, "q", "h2", 120, "h1", 101).gate(WriteGate.CUTTING_OVER);
        story.replica(Q, "q", "h1", 130, P)
                .primary(P, "p", "h1", 140)
                .gate(WriteGate.OPEN)
                .claims(P, 1)
                .evidence(Instants.FOREVER);
    }

    /** Found by seed 57624 of the simulation: P had been Q's replica, and what it had answered before was passed on. */
    @Test
    void whetherAnythingHappenedMeanwhileOnlyThePrimaryCanSay() {
        Story story = serving();
        story.primary(Q, "q", "h2", 120, "h1", 101);
        long beforeQ = story.table().evidenceNanos();
        story.role(P, new Role.Primary(130)).nodeLost(P).replicaCutOff(Q, "q", "h2", 150, P);
        story.gate(WriteGate.CUTTING_OVER).evidence(beforeQ);
        story.primary(P, "p", "h3", 160, "h2", 151).claims(P, 2).gate(WriteGate.OPEN);
    }

    @Test
    void andItSaysSoByItsHistory() {
        Story story = serving();
        story.primary(Q, "q", "h2", 120, "h1", 101);
        long beforeQ = story.table().evidenceNanos();
        story.replica(Q, "q", "h1", 130, P).role(P, new Role.Primary(130));
        story.gate(WriteGate.CUTTING_OVER).claims(P, 1).evidence(beforeQ);
        story.primary(P, "p", "h1", 140).gate(WriteGate.OPEN).evidence(Instants.FOREVER);
    }

    @Test
    void twoSuccessorsAreASplit() {
        Story story = serving();
        story.primary(Q, "q", "h2", 120, "h1", 101)
                .primary(R, "r", "h3", 120, "h1", 101)
                .gate(WriteGate.SPLIT);
        story.nodeLost(P).after(SILENCE_MS).tick().gate(WriteGate.SPLIT);
        story.primary(P, "p", "h1", 140).replica(Q, "q", "h1", 140, P).replica(R, "r", "h1", 140, P);
        story.role(P, new Role.Primary(140)).gate(WriteGate.SPLIT);
        story.primary(P, "p", "h1", 140).gate(WriteGate.OPEN).claims(P, 1);
    }

    /** Found by seed 9018 of the simulation: what it had acknowledged before was gone, and strong reads missed it. */
    @Test
    void aPrimaryThatWasAReplicaOfOthersBetweenTwoQuestionsHasAnotherClaim() {
        Story story = serving();
        story.primary(P, "p", "h9", 150, "h7", 41).claims(P, 2).gate(WriteGate.OPEN);
        story.primary(P, "p", "h10", 160, "h9", 151).claims(P, 2);
        story.primary(P, "p", "h11", 170).claims(P, 2);
    }

    /** It was a replica of one that lagged: of the claim's history, but without its end. */
    @Test
    void soHasOneWhoseHistoryEndsBelowWhatWasSeenOfIt() {
        Story story = serving();
        story.role(P, new Role.Primary(120)).primary(P, "p", "h9", 130, "h1", 121);
        story.claims(P, 1).gate(WriteGate.OPEN);
        story.primary(P, "p", "h10", 140, "h9", 130).claims(P, 2).gate(WriteGate.OPEN);
        assertThat(story.told())
                .contains(new Notice.Warning(
                        WarningKind.HISTORY_CHANGED,
                        "primary " + P + " changed its history from h9 to h10: all offsets so far are void; it was a"
                                + " replica of h9 in between, and may lack what it had acknowledged"));
    }

    @Test
    void soHasOneWhoseOffsetGoesBack() {
        Story story = serving();
        story.role(P, new Role.Primary(90)).claims(P, 2).gate(WriteGate.OPEN).asOf(Q, Instants.UNKNOWN);
        assertThat(story.told())
                .contains(new Notice.Warning(
                        WarningKind.OFFSET_WENT_BACK,
                        "offset of primary " + P + " went back from 100 to 90: all offsets so far are void; it may lack"
                                + " what it had acknowledged"));
        story.role(P, new Role.Primary(90)).role(P, new Role.Primary(95)).claims(P, 2);
        story.primary(P, "p", "h1", 80).claims(P, 3);
    }

    @Test
    void soAnOperatorIsAskedWhereRestartsAreFenced() {
        fencing().primary(P, "p", "h9", 150, "h7", 41).claims(P, 2).gate(WriteGate.FENCED);
        fencing().primary(P, "p", "h9", 150, "h1", 100).claims(P, 2).gate(WriteGate.FENCED);
        fencing().role(P, new Role.Primary(99)).claims(P, 2).gate(WriteGate.FENCED);
    }

    private static Story fencing() {
        Story story = Story.ofNodes(Restart.FENCE, false, P, Q);
        story.primary(P, "p", "h1", 100).replica(Q, "q", "h1", 100, P).gate(WriteGate.OPEN);
        return story;
    }

    @Test
    void anUnrelatedPrimaryIsASplitUntilItFollows() {
        Story story = serving();
        story.primary(Q, "q", "h7", 10).gate(WriteGate.SPLIT).claims(P, 1);
        assertThat(story.told()).contains(new Notice.SecondPrimary(Q, P, 1));
        story.replica(Q, "q", "h1", 100, P).gate(WriteGate.SPLIT);
        story.primary(P, "p", "h1", 100).gate(WriteGate.OPEN);
    }

    @Test
    void aReplacedPrimaryThatReturnsIsToldAndNeverUsed() {
        Story story = serving();
        story.nodeLost(P)
                .primary(Q, "q", "h2", 120, "h1", 101)
                .after(SILENCE_MS)
                .tick();
        story.role(Q, new Role.Primary(120)).gate(WriteGate.OPEN).claims(Q, 2).told();
        story.primary(P, "p9", "h8", 0).gate(WriteGate.OPEN).claims(Q, 2);
        assertThat(story.told()).contains(new Notice.SecondPrimary(P, Q, 2));
        story.nodeLost(Q).after(10 * SILENCE_MS).tick().claims(Q, 2);
    }

    @Test
    void onceItHasRejoinedItsNextClaimIsNews() {
        Story story = serving();
        story.nodeLost(P)
                .primary(Q, "q", "h2", 120, "h1", 101)
                .after(SILENCE_MS)
                .tick();
        story.role(Q, new Role.Primary(120)).claims(Q, 2).role(Q, new Role.Primary(120));
        story.replica(P, "p", "h2", 120, Q)
                .primary(P, "p", "h3", 130, "h2", 125)
                .gate(WriteGate.CUTTING_OVER);
        story.role(Q, new Role.Replica(P, "connect", -1)).gate(WriteGate.OPEN).claims(P, 3);
    }

    /** Found by seed 73651 of the simulation: it had been promoted by hand, and its restart opened the gate to the other. */
    @Test
    void oneThatContendedOnceContendsWithWhateverItSaysNext() {
        Story story = serving();
        story.nodeLost(P)
                .primary(Q, "q", "h2", 120, "h1", 101)
                .after(SILENCE_MS)
                .tick();
        story.role(Q, new Role.Primary(120)).claims(Q, 2).role(Q, new Role.Primary(120));
        story.primary(P, "p", "h3", 130, "h2", 125).gate(WriteGate.CUTTING_OVER);
        story.nodeLost(P).primary(P, "p9", "h9", 0).role(Q, new Role.Primary(140));
        story.gate(WriteGate.SPLIT).claims(Q, 2);
        story.replica(P, "p9", "h2", 140, Q).primary(Q, "q", "h2", 140).gate(WriteGate.OPEN);
    }

    @Test
    void theDataPlanesSuspicionAsksThePrimary() {
        Story story = serving();
        story.done();
        story.step(new Event.DataPlaneSuspicion(P, 1, "READONLY")).gate(WriteGate.FENCED);
        assertThat(story.done()).contains(new Action.AskNode(P)).doesNotContain(new Action.AskSentinels());
        story.role(P, new Role.Primary(100)).gate(WriteGate.OPEN);
    }

    @Test
    void wantedEvidenceAsksThePrimary() {
        Story story = serving();
        story.nodeLost(P).done();
        story.step(new Event.EvidenceWanted(story.now()));
        assertThat(story.done()).contains(new Action.AskNode(P)).doesNotContain(new Action.AskSentinels());
    }

    @Test
    void aListIsNotAddedTo() {
        Story story = serving();
        story.done();
        story.info(
                P,
                new ReplicationInfo(
                        "p",
                        true,
                        "h1",
                        null,
                        -1,
                        100,
                        null,
                        false,
                        false,
                        false,
                        true,
                        List.of(NodeAddress.parse("10.0.0.4:6379"))));
        assertThat(story.done()).noneMatch(Action.WatchNode.class::isInstance);
    }
}
