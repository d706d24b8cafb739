package io.tidegate.routing.engine;

import static io.tidegate.routing.engine.Story.P;
import static io.tidegate.routing.engine.Story.Q;
import static io.tidegate.routing.engine.Story.S1;
import static io.tidegate.routing.engine.Story.S2;
import static io.tidegate.routing.engine.Story.SILENCE_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.Instants;
import io.tidegate.routing.RoutingTable.DeadBranch;
import org.junit.jupiter.api.Test;

/** Which writes to a replaced primary are told to be gone; the proof is in the package's description. */
class DeadBranchStoryTest {

    private static Story serving() {
        Story story = Story.ofNodes(P, Q);
        story.primary(P, "p", "h1", 100).replica(Q, "q", "h1", 100, P).claims(P, 1);
        assertThat(story.table().deadBranch()).isEqualTo(DeadBranch.NONE);
        return story;
    }

    /** Q, promoted at {@code shared} of h1, takes P's place. */
    private static DeadBranch promoted(Story story, long shared) {
        long epoch = story.table().epoch();
        story.nodeLost(P).after(SILENCE_MS).tick();
        story.primary(Q, "q", "h2", shared + 20, "h1", shared + 1).claims(Q, epoch + 1);
        return story.table().deadBranch();
    }

    @Test
    void aWriteSentAfterTheForkWasSeenIsGone() {
        Story story = serving();
        story.role(P, new Role.Primary(99)).role(P, new Role.Primary(120));
        long seenNanos = story.now();
        story.role(P, new Role.Primary(130));
        DeadBranch gone = promoted(story, 120);
        assertThat(gone).isEqualTo(new DeadBranch(1, "p", seenNanos));
        assertThat(gone.holds(1, "p", seenNanos)).isTrue();
        assertThat(gone.holds(1, "p", seenNanos - 1)).isFalse();
        assertThat(gone.holds(0, "p", seenNanos)).as("under another claim").isFalse();
        assertThat(gone.holds(1, "p2", seenNanos)).as("to another process").isFalse();
    }

    @Test
    void theEarliestSightingAtTheForkCountsHoweverOftenItIsSeenAgain() {
        Story story = serving();
        story.role(P, new Role.Primary(120));
        long seenNanos = story.now();
        story.role(P, new Role.Primary(120)).role(P, new Role.Primary(120));
        assertThat(promoted(story, 120).sinceNanos()).isEqualTo(seenNanos);
    }

    @Test
    void aForkBetweenTwoSightingsLeavesOpenWhatWasSentBeforeTheSecond() {
        Story story = serving();
        story.role(P, new Role.Primary(120)).role(P, new Role.Primary(140));
        long seenNanos = story.now();
        assertThat(promoted(story, 121).sinceNanos()).isEqualTo(seenNanos);
    }

    @Test
    void nothingIsGoneIfTheSuccessorMayHaveItAll() {
        Story story = serving();
        story.role(P, new Role.Primary(120));
        DeadBranch none = promoted(story, 121);
        assertThat(none.sinceNanos()).isEqualTo(Instants.FOREVER);
        assertThat(none.holds(1, "p", story.now())).isFalse();
    }

    @Test
    void whatARestartedPrimaryHadReachedBeforeSaysNothingOfIt() {
        Story story = serving();
        story.role(P, new Role.Primary(120));
        story.nodeLost(P).primary(P, "p2", "h1", 120);
        long seenNanos = story.now();
        assertThat(promoted(story, 120)).isEqualTo(new DeadBranch(2, "p2", seenNanos));
    }

    @Test
    void nothingIsGoneWhenTheSameNodeComesBack() {
        Story story = serving();
        story.role(P, new Role.Primary(120));
        story.nodeLost(P).primary(P, "p2", "h2", 110, "h1", 111).claims(P, 2);
        assertThat(story.table().deadBranch()).isEqualTo(DeadBranch.NONE);
    }

    @Test
    void nothingIsGoneOfAHistoryThatTheSuccessorDoesNotComeFrom() {
        Story story = serving();
        story.role(P, new Role.Primary(120));
        story.replica(P, "p", "h7", 50, Q).primary(Q, "q", "h7", 50).claims(Q, 2);
        assertThat(story.table().deadBranch()).isEqualTo(DeadBranch.NONE);
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
        assertThat(story.table().deadBranch()).isEqualTo(new DeadBranch(2, "q", seenNanos));
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
        assertThat(story.table().deadBranch()).isEqualTo(new DeadBranch(0, "p", seenNanos));
    }
}
