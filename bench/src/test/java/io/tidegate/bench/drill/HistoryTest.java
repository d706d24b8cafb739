package io.tidegate.bench.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Histories with something wrong planted in them, and without. Write n is answered at millisecond n. */
class HistoryTest {
    private static final long TAKEOVER_MILLIS = 5;
    private static final Answer UNANSWERED = Answer.unanswered(new EOFException());

    private final History history = new History();

    @Test
    void findsNothingWhereNothingIsWrong() {
        acknowledge(10);

        assertThat(judge(0, 1, 2, 3, 4, 5, 6, 7, 8, 9))
                .isEqualTo(new Verdict(10, 0, 0, 0, 0, 0, 0, 0, 0, 10, 1_000, 1_000, Map.of()));
    }

    @Test
    void findsLostWrites() {
        acknowledge(10);

        Verdict verdict = judge(0, 1, 2, 9);

        assertThat(verdict.lost()).isEqualTo(6);
        assertThat(verdict.lostAfterTakeover())
                .as("6, 7 and 8: the takeover may have been at any time of millisecond 5")
                .isEqualTo(3);
        assertThat(verdict.acknowledged()).isEqualTo(verdict.kept() + verdict.lost());
    }

    @Test
    void findsDuplicatedWrites() {
        acknowledge(4);

        Verdict verdict = judge(0, 1, 1, 2, 3, 1);

        assertThat(verdict.duplicated()).isEqualTo(2);
        assertThat(verdict.reordered()).isZero();
        assertThat(verdict.kept()).isEqualTo(4);
    }

    @Test
    void findsReorderedWrites() {
        acknowledge(5);

        Verdict verdict = judge(0, 3, 1, 2, 4);

        assertThat(verdict.reordered()).isEqualTo(2);
        assertThat(verdict.duplicated()).isZero();
        assertThat(verdict.lost()).isZero();
    }

    @Test
    void tellsFailedFromUncertain() {
        add(Answer.ACKNOWLEDGED);
        add(Answer.refused("READONLY You can't write against a read only replica."));
        add(Answer.refused("READONLY You can't write against a read only replica."));
        add(Answer.refused("UNCERTAIN may have run"));
        add(UNANSWERED);
        add(UNANSWERED);

        Verdict verdict = judge(0, 1, 3, 4);

        assertThat(verdict)
                .isEqualTo(new Verdict(
                        1,
                        0,
                        0,
                        0,
                        0,
                        2,
                        1,
                        3,
                        2,
                        4,
                        5_000,
                        Verdict.NEVER,
                        Map.of("READONLY", 2L, "UNCERTAIN", 1L, "unanswered: EOFException", 2L)));
        assertThat(verdict.resumed()).isFalse();
    }

    @Test
    void takesWhatRanAndMayNotLastForUncertain() {
        add(Answer.refused("UNDERREPLICATED executed, 1 of 2 replicas"));

        assertThat(judge(0).uncertainAndKept()).isEqualTo(1);
        assertThat(judge().uncertain()).isEqualTo(1);
    }

    @Test
    void doesNotTakeWhatTheOldPrimaryRanForTheFirstOfTheNewOne() {
        acknowledge(10);
        // 6 was acknowledged after the takeover, but it ran before, and came to the new primary as to a replica.
        List<Kept> kept = List.of(new Kept(6, TAKEOVER_MILLIS), new Kept(8, 7), new Kept(9, 8));

        assertThat(history.judge(kept, TAKEOVER_MILLIS).firstAfterMicros()).isEqualTo(3_000);
    }

    @Test
    void measuresThePauseToItsEnd() {
        add(Answer.ACKNOWLEDGED);
        add(Answer.ACKNOWLEDGED);
        add(UNANSWERED);
        add(UNANSWERED);
        add(UNANSWERED);

        assertThat(judge(0, 1).longestPauseMicros()).isEqualTo(3_000);
    }

    @Test
    void refusesAStreamOfSomebodyElse() {
        acknowledge(2);

        assertThatThrownBy(() -> judge(0, 1, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("number: 2 (expected: 0..1)");
    }

    @Test
    void addsUpConnections() {
        Verdict one = new Verdict(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, Map.of("A", 1L));
        Verdict other = new Verdict(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 100, 1, Map.of("A", 1L, "B", 2L));

        assertThat(Verdict.NONE.plus(one).plus(other))
                .isEqualTo(new Verdict(2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 100, 1, Map.of("A", 2L, "B", 2L)));
    }

    private void acknowledge(int count) {
        for (int i = 0; i < count; i++) {
            add(Answer.ACKNOWLEDGED);
        }
    }

    private void add(Answer answer) {
        history.add(answer, history.next() * 1_000);
    }

    /** With a stream of these numbers, each of which ran when it was answered. */
    private Verdict judge(long... numbers) {
        return history.judge(
                LongStream.of(numbers)
                        .mapToObj(number -> new Kept(number, number))
                        .toList(),
                TAKEOVER_MILLIS);
    }
}
