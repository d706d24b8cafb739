package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.it.Ledger.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the checker finds, and what it does not complain of. Three appends and increments; the takeover comes at 15. */
class LedgerTest {
    private static final long TAKEOVER = 15;

    private final Ledger ledger = new Ledger("l");

    LedgerTest() {
        ledger.appended(0, Outcome.OK, 10);
        ledger.incremented(1, Outcome.OK, 11);
        ledger.appended(1, Outcome.UNCERTAIN, 14);
        ledger.incremented(0, Outcome.UNCERTAIN, 14);
        ledger.appended(2, Outcome.OK, 20);
    }

    @Test
    void takesAnUncertainWriteEitherWay() {
        ledger.incremented(3, Outcome.OK, 21);
        assertThat(found(3, 0L, 1L, 2L)).isEmpty();
        assertThat(found(3, 0L, 2L)).isEmpty();
        assertThat(ledger.uncertain()).isEqualTo(2);
    }

    @Test
    void takesALossFromBeforeTheTakeoverIfAllowed() {
        ledger.incremented(1, Outcome.OK, 21);
        assertThat(found(1, 2L)).isEmpty();
        assertThat(ledger.lost(List.of(2L))).isEqualTo(1);
        assertThat(ledger.violations(List.of(2L), 1, Ledger.FROM_THE_START))
                .containsExactly("l: 0 was acknowledged and is lost", "l: INCR gave 1 (expected: 2..3)");
    }

    @Test
    void findsALossAfterTheTakeover() {
        assertThat(found(1, 0L)).containsExactly("l: 2 was acknowledged and is lost, 0 ms after the takeover");
    }

    @Test
    void findsALostIncrement() {
        ledger.incremented(3, Outcome.OK, 21);
        assertThat(found(2, 0L, 2L)).containsExactly("l: the counter is 2 in the end (expected: 3..3)");
    }

    @Test
    void findsAnIncrementThatRanTwice() {
        ledger.incremented(3, Outcome.OK, 21);
        ledger.incremented(5, Outcome.OK, 22);
        assertThat(found(5, 0L, 2L)).containsExactly("l: INCR gave 5 (expected: 4..4)");
    }

    @Test
    void findsWhatRanTwice() {
        assertThat(found(1, 0L, 1L, 1L, 2L)).containsExactly("l: 1 ran twice");
    }

    @Test
    void findsWhatChangedPlaces() {
        assertThat(found(1, 0L, 2L, 1L)).containsExactly("l: 1 ran after 2");
    }

    @Test
    void findsAReadThatMissesWhatItsConnectionWrote() {
        ledger.read(1);
        assertThat(found(1, 0L, 1L, 2L)).containsExactly("l: read 1 after 2 was acknowledged");
    }

    @Test
    void takesAReadThatMissesWhatAFailoverTookAway() {
        ledger.read(1);
        assertThat(ledger.violations(List.of(0L, 1L), 1, 25)).isEmpty();
    }

    @Test
    void findsAReadOfTheFuture() {
        ledger.read(7);
        assertThat(found(1, 0L, 2L)).containsExactly("l: read 7 before it was written");
    }

    private List<String> found(long count, Long... kept) {
        return ledger.violations(List.of(kept), count, TAKEOVER);
    }
}
