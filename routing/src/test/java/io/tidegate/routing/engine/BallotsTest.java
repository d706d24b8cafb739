package io.tidegate.routing.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.Instants;
import io.tidegate.routing.engine.SentinelState.Vote;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BallotsTest {
    private final Ballots ballots = new Ballots();

    @Test
    void aVoteAboveTheConfigEpochIsUnsettled() {
        ballots.reported(new Vote("a", 5), 4, 10, 11);
        assertThat(ballots.noneAbove(4)).isFalse();
        assertThat(ballots.noneAbove(5)).isTrue();
        assertThat(ballots.latestSeenNanos(4)).isEqualTo(11);
        assertThat(ballots.latestSeenNanos(5)).isEqualTo(Instants.UNKNOWN);
    }

    @Test
    void aVoteFoundOnFirstAskingMayHideAnother() {
        ballots.reported(new Vote("a", 6), 4, 10, 11);
        assertThat(all()).containsExactly(new Ballots.Ballot("a", 6, 11), new Ballots.Ballot(null, 5, 11));
    }

    @Test
    void aVoteRightAboveTheConfigEpochHidesNone() {
        ballots.reported(new Vote("a", 5), 4, 10, 11);
        assertThat(all()).containsExactly(new Ballots.Ballot("a", 5, 11));
    }

    @Test
    void votesThatWereHeardHideNone() {
        ballots.reported(null, 4, 10, 11);
        ballots.announced("a", 5, 20);
        ballots.announced("b", 7, 30);
        ballots.reported(new Vote("b", 7), 4, 40, 41);
        assertThat(all()).containsExactly(new Ballots.Ballot("a", 5, 20), new Ballots.Ballot("b", 7, 30));
    }

    @Test
    void afterABrokenSubscriptionAVoteMayHideAnotherAgain() {
        ballots.reported(new Vote("a", 5), 4, 10, 11);
        ballots.interrupted();
        ballots.announced("b", 7, 30);
        ballots.reported(new Vote("b", 7), 4, 40, 41);
        assertThat(all())
                .containsExactly(
                        new Ballots.Ballot("a", 5, 11),
                        new Ballots.Ballot("b", 7, 30),
                        new Ballots.Ballot(null, 6, 41));
    }

    @Test
    void aVoteThatWasSettledIsNotTakenUpAgain() {
        ballots.reported(new Vote("a", 5), 4, 10, 11);
        ballots.settle(ballot -> true);
        ballots.reported(new Vote("a", 5), 4, 20, 21);
        ballots.interrupted();
        ballots.reported(new Vote("a", 5), 4, 30, 31);
        assertThat(all()).isEmpty();
    }

    @Test
    void anAnnouncementThatTheSentinelDoesNotReportWasAnotherShards() {
        ballots.reported(new Vote("a", 3), 4, 10, 11);
        ballots.announced("b", 9, 20);
        ballots.reported(new Vote("a", 3), 4, 19, 25);
        assertThat(ballots.noneAbove(4)).as("asked before it was announced").isFalse();
        ballots.reported(new Vote("a", 3), 4, 20, 26);
        assertThat(ballots.noneAbove(4)).isTrue();
    }

    @Test
    void aStarIsAVoteForNobodyKnows() {
        ballots.reported(new Vote("*", 5), 4, 10, 11);
        assertThat(all()).containsExactly(new Ballots.Ballot(null, 5, 11));
    }

    @Test
    void anotherSentinelUnderTheSameNameStartsAnew() {
        ballots.reported(new Vote("a", 5), 5, 10, 11);
        ballots.settle(ballot -> true);
        ballots.memoryLost();
        ballots.reported(new Vote("b", 5), 4, 20, 21);
        assertThat(all()).containsExactly(new Ballots.Ballot("b", 5, 21));
    }

    @Test
    void aSentinelThatForgetsItsVotesDoesNotTakeThemBack() {
        ballots.announced("a", 5, 11);
        ballots.memoryLost();
        ballots.reported(null, 4, 20, 21);
        assertThat(ballots.noneAbove(4)).isFalse();
        assertThat(ballots.latestSeenNanos(4)).isEqualTo(11);
        assertThat(ballots.votedAgainst("b", 5))
                .as("it may vote once more in that epoch")
                .isFalse();
        assertThat(ballots.allSettled()).isFalse();
        ballots.settle(ballot -> ballot.epoch() <= 5);
        assertThat(ballots.noneAbove(4)).isTrue();
        assertThat(ballots.allSettled()).isTrue();
    }

    @Test
    void aVoteThatGoesBackShowsThatTheMemoryIsLost() {
        ballots.reported(new Vote("a", 5), 4, 10, 11);
        ballots.reported(new Vote("b", 3), 4, 20, 21);
        assertThat(ballots.noneAbove(4)).isFalse();
        ballots.reported(null, 4, 30, 31);
        assertThat(ballots.noneAbove(4)).isFalse();
    }

    @Test
    void forgottenVotesAreBoundedToo() {
        for (int i = 0; i < 10 * Limits.BALLOTS_MAX; i++) {
            ballots.announced("a", 10 + i, 100 + i);
            ballots.memoryLost();
        }
        assertThat(all()).hasSizeLessThanOrEqualTo(Limits.BALLOTS_MAX);
        assertThat(ballots.noneAbove(8 + 10L * Limits.BALLOTS_MAX)).isFalse();
    }

    @Test
    void votingAgainstIsForAnotherInTheSameEpoch() {
        ballots.reported(new Vote("a", 5), 4, 10, 11);
        assertThat(ballots.votedAgainst("b", 5)).isTrue();
        assertThat(ballots.votedAgainst("a", 5)).isFalse();
        assertThat(ballots.votedAgainst("b", 6)).isFalse();
    }

    @Test
    void tooManyBecomeOneOfUnknownLeader() {
        for (int i = 0; i <= Limits.BALLOTS_MAX; i++) {
            ballots.announced("a", 10 + i, 100 + i);
        }
        assertThat(all())
                .containsExactly(new Ballots.Ballot(null, 10L + Limits.BALLOTS_MAX, 100L + Limits.BALLOTS_MAX));
    }

    private List<Ballots.Ballot> all() {
        List<Ballots.Ballot> all = new ArrayList<>();
        ballots.settle(ballot -> {
            all.add(ballot);
            return false;
        });
        return all;
    }
}
