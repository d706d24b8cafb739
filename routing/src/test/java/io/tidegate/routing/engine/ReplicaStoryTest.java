package io.tidegate.routing.engine;

import static io.tidegate.routing.engine.Story.P;
import static io.tidegate.routing.engine.Story.PROBATION_MS;
import static io.tidegate.routing.engine.Story.Q;
import static io.tidegate.routing.engine.Story.R;
import static io.tidegate.routing.engine.Story.S1;
import static io.tidegate.routing.engine.Story.S2;
import static io.tidegate.routing.engine.Story.SILENCE_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.engine.EngineSettings.Fence;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How fresh replicas are proven to be, and which of them serve. */
class ReplicaStoryTest {

    /** P with Q and R under {@code fence: role}, so that samples count at once. */
    private static Story believed() {
        Story story = Story.ofSentinels(Fence.ROLE, S1, S2);
        story.said(S1, said -> said.names(P, 0).lists(List.of(Q, R), List.of(S2)));
        story.said(S2, said -> said.names(P, 0));
        story.primary(P, "p", "h1", 100).primary(P, "p", "h1", 100);
        story.replica(Q, "q", "h1", 100, P);
        story.replica(R, "r", "h1", 100, P);
        story.health(Q, RouteReason.ELIGIBLE).health(R, RouteReason.ELIGIBLE);
        return story;
    }

    @Test
    void asOfIsTheInstantBeforeTheSampleThatTheReplicaHasReached() {
        Story story = believed();
        long first = story.now();
        story.role(P, new Role.Primary(200));
        long second = story.now();
        story.role(P, new Role.Primary(300));
        story.role(Q, new Role.Replica(P, "connected", 299)).asOf(Q, first);
        story.role(Q, new Role.Replica(P, "connected", 300)).asOf(Q, second);
        story.role(R, new Role.Replica(P, "connected", 1_000)).asOf(R, second);
    }

    @Test
    void anIdlePrimaryKeepsItsReplicasFresh() {
        Story story = believed();
        long sampled = story.after(50).now();
        story.role(P, new Role.Primary(100)).asOf(Q, sampled).asOf(R, sampled);
    }

    @Test
    void aSampleCountsOnlyOnceItsReadingIsProven() {
        Story story = Story.serving();
        story.said(S1, said -> said.names(P, 0)).said(S2, said -> said.names(P, 0));
        long asOf = story.inTable(Q).asOfNanos();
        assertThat(asOf).isNotEqualTo(Instants.UNKNOWN);
        long written = story.now();
        story.role(P, new Role.Primary(200))
                .role(Q, new Role.Replica(P, "connected", 200))
                .asOf(Q, asOf);
        story.answered(S1, written, said -> said.names(P, 0)).answered(S2, written, said -> said.names(P, 0));
        story.asOf(Q, asOf);
        story.said(S1, said -> said.names(P, 0))
                .said(S2, said -> said.names(P, 0))
                .asOf(Q, written);
    }

    @Test
    void samplesThatWaitMakeEachTickAsk() {
        Story story = Story.serving();
        story.role(P, new Role.Primary(200)).done();
        story.tick();
        assertThat(story.done()).contains(new Action.AskSentinels());
    }

    @Test
    void nothingIsKnownBeforeInfo() {
        Story story = believed();
        story.nodeLost(Q).role(Q, new Role.Replica(P, "connected", 100)).health(Q, RouteReason.UNKNOWN_LAG);
        story.asOf(Q, Instants.UNKNOWN);
        assertThat(story.done()).contains(new Action.AskNode(Q));
    }

    @Test
    void aReplicaOfAnotherHistoryServesNothing() {
        Story story = believed();
        story.replica(Q, "q", "h7", 500, P).health(Q, RouteReason.FOREIGN_HISTORY);
        story.replica(Q, "q", "h7", 500, R).health(Q, RouteReason.OTHER_PRIMARY);
    }

    @Test
    void aReplicaOfAReplicaIsOfTheHistory() {
        Story story = believed();
        story.replica(R, "r", "h1", 100, Q).health(R, RouteReason.ELIGIBLE);
    }

    /** Found by seed 5265 of the simulation by hand: Q was promoted between two questions, and R was of its history by then. */
    @Test
    void ofAReplicasReplicaInfoAloneTellsHowFarItHasCome() {
        Story story = believed();
        story.replica(R, "r", "h1", 100, Q);
        long known = story.inTable(R).asOfNanos();
        long sampled = story.now();
        story.role(P, new Role.Primary(200)).done();
        story.role(R, new Role.Replica(Q, "connected", 200)).asOf(R, known);
        assertThat(story.done()).contains(new Action.AskNode(R));
        story.replica(R, "r", "h1", 200, Q).asOf(R, sampled);
        story.replica(R, "r", "h2", 300, Q).health(R, RouteReason.OTHER_PRIMARY);
    }

    /** Found by seed 8020 of the simulation by hand: it had been given other data since INFO told that it was without a link. */
    @Test
    void whoseLinkCameUpMayBeOfAnotherHistory() {
        Story story = believed();
        long known = story.inTable(Q).asOfNanos();
        story.role(P, new Role.Primary(200)).replicaCutOff(Q, "q", "h1", 100, P).done();
        story.role(Q, new Role.Replica(P, "connected", 250)).asOf(Q, known).health(Q, RouteReason.UNKNOWN_LAG);
        assertThat(story.done()).contains(new Action.AskNode(Q));
        story.role(Q, new Role.Replica(P, "connected", 260)).asOf(Q, known);
        story.replica(Q, "q", "h1", 260, P).health(Q, RouteReason.PROBATION);
        assertThat(story.inTable(Q).asOfNanos()).isGreaterThan(known);
    }

    @Test
    void aReplicaThatChangesWhomItFollowsIsExcludedUntilInfo() {
        Story story = believed();
        story.role(Q, new Role.Replica(R, "connected", 100)).health(Q, RouteReason.OTHER_PRIMARY);
        assertThat(story.done()).contains(new Action.AskNode(Q));
        story.replica(Q, "q", "h1", 100, R).health(Q, RouteReason.PROBATION);
    }

    @Test
    void eachTroubleHasItsReason() {
        Story story = believed();
        story.role(Q, new Role.Replica(P, "sync", -1)).health(Q, RouteReason.LINK_DOWN);
        assertThat(story.done()).contains(new Action.AskNode(Q));
        story.info(Q, with("h1", true, false)).health(Q, RouteReason.SYNCING);
        story.info(Q, with("h1", false, true)).health(Q, RouteReason.LOADING);
        story.role(Q, new Role.Primary(100)).health(Q, RouteReason.LOADING);
        story.primary(Q, "q", "h2", 100).health(Q, RouteReason.NOT_A_REPLICA);
        story.nodeLost(Q).health(Q, RouteReason.NO_LINK);
        story.done();
        story.tick();
        assertThat(story.done()).doesNotContain(new Action.AskNode(Q));
    }

    @Test
    void aTickAsksThoseWhoseLastInfoIsNotAllThereIsToSay() {
        Story story = believed();
        story.info(Q, with("h1", true, false)).done();
        story.tick();
        assertThat(story.done()).contains(new Action.AskNode(Q)).doesNotContain(new Action.AskNode(R));
    }

    /** What was sent to Q for the claim of P must not be answered out of R's data; found by seed 31992 of the simulation by hand. */
    @Test
    void whoHasNotTakenUpTheNextClaimsHistoryIsSilentUnderIt() {
        Story story = believed();
        assertThat(story.inTable(Q).silent()).isFalse();
        story.info(Q, with("h1", true, false)).health(Q, RouteReason.SYNCING);
        assertThat(story.inTable(Q).silent()).as("its data will be the claim's").isFalse();
        story.said(S1, said -> said.names(R, 1)).said(S2, said -> said.names(R, 1));
        story.primary(R, "r", "h2", 120, "h1", 101).claims(R, 1).health(Q, RouteReason.SYNCING);
        assertThat(story.inTable(Q).silent()).isTrue();
        story.replicaCutOff(Q, "q", "h1", 110, R).health(Q, RouteReason.LINK_DOWN);
        assertThat(story.inTable(Q).silent()).isTrue();
        story.replicaCutOff(Q, "q", "h2", 120, R).health(Q, RouteReason.LINK_DOWN);
        assertThat(story.inTable(Q).silent()).isFalse();
    }

    @Test
    void silenceExcludesAndAnAnswerBringsBackOnProbation() {
        Story story = believed();
        story.after(SILENCE_MS - 10).role(P, new Role.Primary(100)).role(R, new Role.Replica(P, "connected", 100));
        story.after(10).tick().health(Q, RouteReason.NO_LINK).health(R, RouteReason.ELIGIBLE);
        story.role(Q, new Role.Replica(P, "connected", 100)).health(Q, RouteReason.PROBATION);
        long well = story.nowMs();
        story.role(P, new Role.Primary(100)).health(Q, RouteReason.PROBATION);
        story.at(well + PROBATION_MS - 1).tick().health(Q, RouteReason.PROBATION);
        story.after(1).tick().health(Q, RouteReason.ELIGIBLE);
        assertThat(story.told())
                .contains(
                        new Notice.ReplicaHealthChanged(Q, RouteReason.ELIGIBLE, RouteReason.NO_LINK),
                        new Notice.ReplicaHealthChanged(Q, RouteReason.PROBATION, RouteReason.ELIGIBLE));
    }

    @Test
    void otherPatienceHoldsFromTheMomentOn() {
        Story story = believed();
        story.after(SILENCE_MS / 2).tick().health(Q, RouteReason.ELIGIBLE);
        story.step(new Event.PatienceChanged(SILENCE_MS / 2 * Story.MS, 3 * PROBATION_MS * Story.MS));
        story.health(Q, RouteReason.NO_LINK);
        story.role(P, new Role.Primary(100)).role(Q, new Role.Replica(P, "connected", 100));
        story.health(Q, RouteReason.PROBATION);
        long well = story.nowMs();
        story.step(new Event.PatienceChanged(100 * SILENCE_MS * Story.MS, 3 * PROBATION_MS * Story.MS));
        story.at(well + 3 * PROBATION_MS - 1).tick().health(Q, RouteReason.PROBATION);
        story.after(1).tick().health(Q, RouteReason.ELIGIBLE);
        story.after(50 * SILENCE_MS).tick().health(Q, RouteReason.ELIGIBLE);
    }

    @Test
    void anAppliedOffsetThatGoesBackIsAnotherDataSet() {
        Story story = believed();
        story.role(Q, new Role.Replica(P, "connected", 99)).health(Q, RouteReason.UNKNOWN_LAG);
        story.asOf(Q, Instants.UNKNOWN);
        story.replica(Q, "q", "h1", 100, P).health(Q, RouteReason.ELIGIBLE);
    }

    /** Q was made a replica of R, which is behind, and has R's data now: of one history with what it had, and older. */
    @Test
    void soItIsIfInfoTellsItFirst() {
        Story story = believed();
        long first = story.now();
        story.role(P, new Role.Primary(200)).role(R, new Role.Replica(P, "connected", 120));
        story.role(P, new Role.Primary(300)).role(Q, new Role.Replica(P, "connected", 300));
        assertThat(story.inTable(Q).asOfNanos()).isGreaterThan(first);
        long behind = story.inTable(R).asOfNanos();
        story.role(Q, new Role.Replica(R, "sync", -1));
        story.replica(Q, "q", "h1", 120, R).asOf(Q, behind);
    }

    /** Seed 68742 of the simulation: who had read of it went back in time, although it was the same process. */
    @Test
    void dataOfTheSameHistoryThatMayBeOlderAreAnotherDataSet() {
        Story story = believed();
        Set<Integer> seen = new HashSet<>(Set.of(story.inTable(Q).dataSet()));
        story.role(Q, new Role.Replica(P, "connected", 110)).replica(Q, "q", "h1", 120, P);
        assertThat(seen).contains(story.inTable(Q).dataSet());
        story.role(Q, new Role.Replica(P, "connected", 119));
        assertThat(seen.add(story.inTable(Q).dataSet())).as("went back").isTrue();
        story.replica(Q, "q", "h1", 130, R);
        assertThat(seen.add(story.inTable(Q).dataSet()))
                .as("told by INFO to follow another")
                .isTrue();
        story.role(Q, new Role.Replica(P, "connected", 140));
        assertThat(seen.add(story.inTable(Q).dataSet())).as("and by ROLE").isTrue();
        story.replicaCutOff(Q, "q", "h1", 140, P);
        assertThat(seen).contains(story.inTable(Q).dataSet());
        story.replica(Q, "q", "h1", 150, P);
        assertThat(seen.add(story.inTable(Q).dataSet()))
                .as("joined again by INFO")
                .isTrue();
        story.replicaCutOff(Q, "q", "h1", 150, P).role(Q, new Role.Replica(P, "connected", 160));
        assertThat(seen.add(story.inTable(Q).dataSet())).as("and by ROLE").isTrue();
        story.replica(Q, "q", "h1", 160, P).nodeLost(Q).replica(Q, "q", "h1", 160, P);
        assertThat(seen.add(story.inTable(Q).dataSet())).as("out of sight").isTrue();
    }

    @Test
    void aChangedHistoryOfThePrimaryVoidsAllOffsets() {
        Story story = believed();
        story.primary(P, "p", "h5", 100).asOf(Q, Instants.UNKNOWN).health(Q, RouteReason.FOREIGN_HISTORY);
        assertThat(story.done()).contains(new Action.AskNode(Q), new Action.AskNode(R));
        assertThat(story.told())
                .contains(new Notice.Warning(
                        WarningKind.HISTORY_CHANGED,
                        "primary " + P + " changed its history from h1 to h5: all offsets so far are void"));
        story.replica(Q, "q", "h5", 100, P);
        assertThat(story.inTable(Q).asOfNanos()).isNotEqualTo(Instants.UNKNOWN);
    }

    @Test
    void anOffsetOfThePrimaryThatGoesBackVoidsAllOffsets() {
        Story story = believed();
        story.role(P, new Role.Primary(90)).asOf(Q, Instants.UNKNOWN);
        assertThat(story.told())
                .contains(new Notice.Warning(
                        WarningKind.OFFSET_WENT_BACK,
                        "offset of primary " + P + " went back from 100 to 90: all offsets so far are void"));
    }

    @Test
    void whenThePrimaryIsLostTheFreshestServeAndAsOfStandsStill() {
        Story story = believed();
        story.role(P, new Role.Primary(200)).role(Q, new Role.Replica(P, "connected", 200));
        long asOf = story.inTable(Q).asOfNanos();
        story.nodeLost(P);
        story.replicaCutOff(Q, "q", "h1", 200, P).replicaCutOff(R, "r", "h1", 150, P);
        story.health(Q, RouteReason.ELIGIBLE).health(R, RouteReason.LINK_DOWN).asOf(Q, asOf);
        assertThat(story.table().primaryLost()).isTrue();
        story.replicaCutOff(R, "r", "h1", 200, P)
                .health(Q, RouteReason.ELIGIBLE)
                .health(R, RouteReason.ELIGIBLE);
        story.primary(P, "p", "h1", 200).health(Q, RouteReason.LINK_DOWN).health(R, RouteReason.LINK_DOWN);
    }

    /** Found by seed 61801 of the simulation by hand: it had other data by then, and followed the lost primary once more. */
    @Test
    void theFloorTakesNobodyOfWhomRoleAloneToldThatTheLinkIsDown() {
        Story story = believed();
        story.nodeLost(P).replicaCutOff(R, "r", "h1", 90, P);
        story.role(Q, new Role.Replica(P, "handshake", -1))
                .health(Q, RouteReason.LINK_DOWN)
                .health(R, RouteReason.ELIGIBLE);
        assertThat(story.done()).contains(new Action.AskNode(Q));
        story.replicaCutOff(Q, "q", "h1", 100, P)
                .health(Q, RouteReason.ELIGIBLE)
                .health(R, RouteReason.LINK_DOWN);
    }

    @Test
    void aReplicaThatIsWellMakesTheFloorUnneeded() {
        Story story = believed();
        story.nodeLost(P).replicaCutOff(Q, "q", "h1", 500, P);
        story.health(Q, RouteReason.LINK_DOWN).health(R, RouteReason.ELIGIBLE);
    }

    @Test
    void theFloorTakesNoForeignHistoryButTheSharedPartOfTheFormer() {
        Story story = believed();
        story.said(S1, said -> said.names(Q, 1)).said(S2, said -> said.names(Q, 1));
        story.primary(Q, "q", "h2", 120, "h1", 101).claims(Q, 1).nodeLost(Q);
        story.replicaCutOff(R, "r", "h1", 101, P).health(R, RouteReason.LINK_DOWN);
        story.replicaCutOff(R, "r", "h1", 100, P)
                .health(R, RouteReason.ELIGIBLE)
                .asOf(R, Instants.UNKNOWN);
        story.replicaCutOff(R, "r", "h7", 100, P).health(R, RouteReason.LINK_DOWN);
    }

    @Test
    void thePrimarysOwnListNamesNodes() {
        NodeAddress fourth = NodeAddress.parse("10.0.0.4:6379");
        Story story = believed();
        story.done();
        story.info(
                P,
                new ReplicationInfo(
                        "p", true, "h1", null, -1, 100, null, false, false, false, true, List.of(Q, R, fourth)));
        assertThat(story.done()).contains(new Action.WatchNode(fourth));
        story.health(fourth, RouteReason.NO_LINK);
    }

    @Test
    void whomANewPrimaryListsIsKnownFromItsFirstTableOn() {
        Story story = Story.ofSentinels();
        story.said(S1, said -> said.names(P, 0).sees("p"));
        story.info(P, new ReplicationInfo("p", true, "h1", null, -1, 100, null, false, false, false, true, List.of(Q)));
        story.said(S2, said -> said.names(P, 0).sees("p"));
        story.claims(P, 0);
        assertThat(story.table().promotable()).isEqualTo(1);
    }

    @Test
    void whoSaysThatNobodyMayPromoteItIsBelievedWhileItIsHeard() {
        Story story = believed();
        assertThat(story.table().promotable()).isEqualTo(2);
        story.info(Q, new ReplicationInfo("q", false, "h1", null, -1, 100, P, true, false, false, false, List.of()));
        assertThat(story.table().promotable()).isEqualTo(1);
        story.nodeLost(Q);
        assertThat(story.table().promotable()).as("it may say otherwise now").isEqualTo(2);
        story.nodeLost(R);
        assertThat(story.table().promotable())
                .as("who is out of reach may be promoted")
                .isEqualTo(2);
        assertThat(story.table().holders(story.now())).isZero();
    }

    private static ReplicationInfo with(String history, boolean syncing, boolean loading) {
        return new ReplicationInfo("q", false, history, null, -1, 100, P, !syncing, syncing, loading, true, List.of());
    }
}
