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
import io.tidegate.routing.RoutingTable.Fork;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which replies of a replaced primary are told to live on, and which writes to be gone; the proofs are in the package's description. */
class ForkStoryTest {

    private static Story serving() {
        Story story = Story.ofNodes(P, Q);
        story.primary(P, "p", "h1", 100).replica(Q, "q", "h1", 100, P).claims(P, 1);
        assertThat(story.table().fork()).isEqualTo(Fork.NONE);
        return story;
    }

    /** Q, promoted at {@code shared} of h1, takes P's place. */
    private static Fork promoted(Story story, long shared) {
        long epoch = story.table().epoch();
        story.nodeLost(P).after(SILENCE_MS).tick();
        story.primary(Q, "q", "h2", shared + 20, "h1", shared + 1).claims(Q, epoch + 1);
        return story.table().fork();
    }

    private static void assertGone(Fork fork, long epoch, String runId, long sinceNanos) {
        assertThat(fork.epoch()).isEqualTo(epoch);
        assertThat(fork.runId()).isEqualTo(runId);
        assertThat(fork.goneSinceNanos()).isEqualTo(sinceNanos);
    }

    private static void asReplica(Story story, NodeAddress node, NodeAddress primary) {
        story.role(node, new Role.Replica(primary, "connected", 100));
    }

    // What lives on.

    @Test
    void whatWasAnsweredBeforeTheLastSampleUpToTheForkWasAskedForLivesOn() {
        Story story = serving();
        asReplica(story, Q, P);
        long askedNanos = story.now();
        story.role(P, new Role.Primary(120));
        asReplica(story, Q, P);
        story.role(P, new Role.Primary(121));
        Fork kept = promoted(story, 120);
        assertThat(kept.keptUntilNanos())
                .as("the instant before it was asked, not that at which it had answered")
                .isEqualTo(askedNanos);
        assertThat(kept.keeps(1, "p", askedNanos)).isTrue();
        assertThat(kept.keeps(1, "p", askedNanos + 1)).isFalse();
        assertThat(kept.keeps(0, "p", askedNanos)).as("under another claim").isFalse();
        assertThat(kept.keeps(1, "p2", askedNanos)).as("of another process").isFalse();
    }

    @Test
    void noLongerThanTheSuccessorWasKnownNotToBePromoted() {
        Story story = serving();
        long askedNanos = story.now();
        asReplica(story, Q, P);
        story.role(P, new Role.Primary(120));
        assertThat(promoted(story, 120).keptUntilNanos()).isEqualTo(askedNanos);
    }

    @Test
    void nothingIfEverySampleLiesBeyondTheFork() {
        Story story = serving();
        asReplica(story, Q, P);
        Fork fork = promoted(story, 99);
        assertThat(fork.epoch()).isEqualTo(1);
        assertThat(fork.keptUntilNanos()).isEqualTo(Instants.UNKNOWN);
    }

    @Test
    void nothingIfTheSuccessorWasNeverHeardAsAReplica() {
        Story story = Story.ofNodes(P, Q);
        story.nodeLost(Q).primary(P, "p", "h1", 100).after(SILENCE_MS).tick().claims(P, 1);
        story.role(P, new Role.Primary(110));
        Fork fork = promoted(story, 120);
        assertThat(fork.epoch()).isEqualTo(1);
        assertThat(fork.keptUntilNanos()).isEqualTo(Instants.UNKNOWN);
    }

    @Test
    void nothingIfTheReplacedProcessHadAnotherHistoryBefore() {
        Story story = serving();
        story.primary(P, "p", "h1b", 100).replica(Q, "q", "h1b", 100, P).role(P, new Role.Primary(110));
        story.nodeLost(P).after(SILENCE_MS).tick();
        story.primary(Q, "q", "h2", 140, "h1b", 121).claims(Q, 2);
        assertThat(story.table().fork().epoch()).isEqualTo(1);
        assertThat(story.table().fork().keptUntilNanos()).isEqualTo(Instants.UNKNOWN);
    }

    @Test
    void ofARestartedProcessItsOwnRepliesLiveOn() {
        Story story = serving();
        story.nodeLost(P).primary(P, "p2", "h1", 120);
        asReplica(story, Q, P);
        long askedNanos = story.now();
        story.role(P, new Role.Primary(120));
        asReplica(story, Q, P);
        Fork fork = promoted(story, 120);
        assertThat(fork.keeps(2, "p2", askedNanos)).isTrue();
    }

    @Test
    void nothingAnyMoreWhenTheSuccessorWasRestartedAndMayHaveForgottenIt() {
        Story story = serving();
        asReplica(story, Q, P);
        story.role(P, new Role.Primary(120)).role(P, new Role.Primary(140));
        Fork before = promoted(story, 130);
        assertThat(before.keptUntilNanos()).isNotEqualTo(Instants.UNKNOWN);
        story.primary(Q, "q", "h3", 150);
        assertThat(story.table().fork()).isEqualTo(before.keepingNothing());
        assertThat(story.table().fork().goneSinceNanos()).isNotEqualTo(Instants.FOREVER);
    }

    /** Nobody votes, so nobody knows who was promoted in between, and what was acknowledged there. */
    @Test
    void whereNobodyVotesEveryOtherNodeMustHaveBeenAReplica() {
        Story story = Story.ofNodes(P, Q, R);
        story.primary(P, "p", "h1", 100).replica(Q, "q", "h1", 100, P).replica(R, "r", "h1", 100, P);
        story.claims(P, 1);
        long otherNanos = story.now();
        asReplica(story, R, P);
        story.role(P, new Role.Primary(110));
        asReplica(story, Q, P);
        assertThat(promoted(story, 120).keptUntilNanos()).isEqualTo(otherNanos);
    }

    @Test
    void ofTheNextEpochTheSuccessorAloneIsAsked() {
        assertThat(votedFor(1).keptUntilNanos()).isNotEqualTo(Instants.UNKNOWN);
        assertThat(votedFor(2).keptUntilNanos())
                .as("somebody may have been promoted in epoch 1, and R was never heard")
                .isEqualTo(Instants.UNKNOWN);
    }

    /** Q takes P's place in this epoch, and R is known by name. */
    private static Fork votedFor(long epoch) {
        Story story = Story.ofSentinels();
        story.said(S1, said -> said.names(P, 0).sees("p").lists(List.of(Q, R), List.of(S2, S3)));
        story.primary(P, "p", "h1", 100).replica(Q, "q", "h1", 100, P);
        story.said(S2, said -> said.names(P, 0).sees("p"))
                .said(S3, said -> said.names(P, 0).sees("p"));
        story.primary(P, "p", "h1", 100).claims(P, 0);
        asReplica(story, Q, P);
        story.said(S1, said -> said.names(Q, epoch)).said(S2, said -> said.names(Q, epoch));
        story.primary(Q, "q", "h2", 140, "h1", 116);
        story.said(S1, said -> said.names(Q, epoch)).said(S2, said -> said.names(Q, epoch));
        story.claims(Q, epoch);
        assertThat(story.table().fork().epoch()).isZero();
        return story.table().fork();
    }

    // What is gone.

    @Test
    void aWriteSentAfterTheForkWasSeenIsGone() {
        Story story = serving();
        story.role(P, new Role.Primary(110)).role(P, new Role.Primary(120));
        long seenNanos = story.now();
        story.role(P, new Role.Primary(130));
        Fork gone = promoted(story, 120);
        assertGone(gone, 1, "p", seenNanos);
        assertThat(gone.leaves(1, "p", seenNanos)).isTrue();
        assertThat(gone.leaves(1, "p", seenNanos - 1)).isFalse();
        assertThat(gone.leaves(0, "p", seenNanos)).as("under another claim").isFalse();
        assertThat(gone.leaves(1, "p2", seenNanos)).as("to another process").isFalse();
    }

    @Test
    void theEarliestSightingAtTheForkCountsHoweverOftenItIsSeenAgain() {
        Story story = serving();
        story.role(P, new Role.Primary(120));
        long seenNanos = story.now();
        story.role(P, new Role.Primary(120)).role(P, new Role.Primary(120));
        assertThat(promoted(story, 120).goneSinceNanos()).isEqualTo(seenNanos);
    }

    @Test
    void aForkBetweenTwoSightingsLeavesOpenWhatWasSentBeforeTheSecond() {
        Story story = serving();
        story.role(P, new Role.Primary(120)).role(P, new Role.Primary(140));
        long seenNanos = story.now();
        assertThat(promoted(story, 121).goneSinceNanos()).isEqualTo(seenNanos);
    }

    @Test
    void nothingIsGoneIfTheSuccessorMayHaveItAll() {
        Story story = serving();
        story.role(P, new Role.Primary(120));
        Fork none = promoted(story, 121);
        assertThat(none.goneSinceNanos()).isEqualTo(Instants.FOREVER);
        assertThat(none.leaves(1, "p", story.now())).isFalse();
    }

    @Test
    void whatARestartedPrimaryHadReachedBeforeSaysNothingOfIt() {
        Story story = serving();
        story.role(P, new Role.Primary(120));
        story.nodeLost(P).primary(P, "p2", "h1", 120);
        long seenNanos = story.now();
        assertGone(promoted(story, 120), 2, "p2", seenNanos);
    }

    @Test
    void nothingIsGoneWhenTheSameNodeComesBack() {
        Story story = serving();
        story.role(P, new Role.Primary(120));
        story.nodeLost(P).primary(P, "p2", "h2", 110, "h1", 111).claims(P, 2);
        assertThat(story.table().fork()).isEqualTo(Fork.NONE);
    }

    @Test
    void nothingIsGoneOfAHistoryThatTheSuccessorDoesNotComeFrom() {
        Story story = serving();
        story.role(P, new Role.Primary(120));
        story.replica(P, "p", "h7", 50, Q).primary(Q, "q", "h7", 50).claims(Q, 2);
        assertThat(story.table().fork()).isEqualTo(Fork.NONE);
    }

    @Test
    void theNextClaimTellsOfTheOneBeforeItAlone() {
        Story story = serving();
        story.role(P, new Role.Primary(120));
        promoted(story, 120);
        story.role(Q, new Role.Primary(150));
        long seenNanos = story.now();
        story.nodeLost(Q).after(SILENCE_MS).tick();
        story.primary(P, "p2", "h3", 160, "h2", 151).claims(P, 3);
        assertGone(story.table().fork(), 2, "q", seenNanos);
    }

    @Test
    void sentinelsMakeNoDifference() {
        Story story = Story.serving();
        story.role(P, new Role.Primary(120));
        long seenNanos = story.now();
        story.role(P, new Role.Primary(130));
        story.message(S1, "+promoted-slave", "slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379");
        story.said(S1, said -> said.names(Q, 1).failover("reconf_slaves").sees("p"));
        story.said(S2, said -> said.names(Q, 1)).primary(Q, "q", "h2", 140, "h1", 116);
        story.said(S1, said -> said.names(Q, 1)).said(S2, said -> said.names(Q, 1));
        story.claims(Q, 1);
        assertGone(story.table().fork(), 0, "p", seenNanos);
    }
}
