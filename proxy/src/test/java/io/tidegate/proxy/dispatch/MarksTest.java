package io.tidegate.proxy.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.Instants;
import io.tidegate.routing.RoutingTable.Fork;
import org.junit.jupiter.api.Test;

/** What is known of commands that were sent in vain, over more than one loss. */
class MarksTest {
    private static final Fork DEAD = new Fork(1, "p", Instants.UNKNOWN, 100);

    private final Marks marks = new Marks();

    private void lost(long position, long upTo, long epoch, String process, long sentNanos) {
        marks.sentTo(epoch, process, sentNanos, position);
        marks.sentInVain(upTo);
    }

    @Test
    void nothingIsProvenBeforeTheClaimMoves() {
        lost(10, 20, 1, "p", 150);
        assertThat(marks.mayTurnOutGone(1)).isTrue();
        assertThat(marks.mayTurnOutGone(2)).isFalse();
        assertThat(marks.provenGone(Fork.NONE, true)).isFalse();
        assertThat(marks.provenGone(DEAD, true)).isTrue();
        assertThat(marks.gone()).isTrue();
    }

    @Test
    void whatWasSentTooEarlyIsNotGone() {
        lost(10, 20, 1, "p", 99);
        assertThat(marks.provenGone(DEAD, true)).isFalse();
        assertThat(marks.gone()).isFalse();
    }

    @Test
    void theEarliestSendingCountsWhileAnEarlierLossIsUndecided() {
        lost(10, 30, 1, "p", 99);
        lost(20, 30, 1, "p", 150);
        assertThat(marks.provenGone(DEAD, true)).isFalse();
        lost(30, 40, 1, "p", 150);
        assertThat(marks.provenGone(DEAD, true)).isTrue();
    }

    @Test
    void aLossElsewhereMeanwhileLeavesNothingProvable() {
        lost(10, 30, 1, "p", 150);
        lost(20, 25, 1, "another", 160);
        assertThat(marks.undecidedAt(20)).isFalse();
        assertThat(marks.mayTurnOutGone(1)).isFalse();
        assertThat(marks.provenGone(DEAD, true)).isFalse();
        assertThat(marks.sentInVainAt(29)).isTrue();
    }

    @Test
    void whatIsSentAgainAndLostAgainBeginsAnew() {
        lost(10, 30, 1, "p", 150);
        assertThat(marks.provenGone(DEAD, true)).isTrue();
        lost(10, 20, 2, "q", 200);
        assertThat(marks.gone()).isFalse();
        assertThat(marks.provenGone(DEAD, true)).isFalse();
        assertThat(marks.provenGone(new Fork(2, "q", Instants.UNKNOWN, 200), true))
                .isTrue();
    }

    @Test
    void whatCannotBeRepeatedIsNeverGone() {
        lost(10, 30, 1, "p", 150);
        assertThat(marks.provenGone(DEAD, false)).isFalse();
        assertThat(marks.provenGone(DEAD, true)).isFalse();
        assertThat(marks.undecidedAt(10)).isFalse();
    }

    @Test
    void whatWasNotAllSentToOneProcessIsNeverGone() {
        lost(10, 30, 1, "p", Instants.UNKNOWN);
        assertThat(marks.mayTurnOutGone(1)).isFalse();
        assertThat(marks.provenGone(DEAD, true)).isFalse();
    }
}
