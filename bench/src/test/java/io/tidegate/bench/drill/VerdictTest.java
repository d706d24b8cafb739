package io.tidegate.bench.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.cli.drill.Answer;
import io.tidegate.proxy.cli.drill.History;
import io.tidegate.proxy.cli.drill.Kept;
import java.io.EOFException;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What a takeover adds to a history's findings. Write n is answered at millisecond n. */
class VerdictTest {
    private static final long TAKEOVER_MILLIS = 5;

    private final History history = new History();

    @Test
    void findsNothingWhereNothingIsWrong() {
        acknowledge(10);

        assertThat(judge(0, 1, 2, 3, 4, 5, 6, 7, 8, 9))
                .isEqualTo(new Verdict(10, 0, 0, 0, 0, 0, 0, 0, 0, 10, 1_000, 1_000, Map.of()));
    }

    @Test
    void tellsWhatWasLostAfterTheTakeover() {
        acknowledge(10);

        Verdict verdict = judge(0, 1, 2, 9);

        assertThat(verdict.lost()).isEqualTo(6);
        assertThat(verdict.lostAfterTakeover())
                .as("6, 7 and 8: the takeover may have been at any time of millisecond 5")
                .isEqualTo(3);
        assertThat(verdict.acknowledged()).isEqualTo(verdict.kept() + verdict.lost());
    }

    @Test
    void knowsOfNoneWhereNobodyWroteAgain() {
        acknowledge(2);
        add(Answer.unanswered(new EOFException()));

        Verdict verdict = judge(0, 1);

        assertThat(verdict.resumed()).isFalse();
        assertThat(verdict.errors()).containsExactly(Map.entry("unanswered: EOFException", 1L));
    }

    @Test
    void doesNotTakeWhatTheOldPrimaryRanForTheFirstOfTheNewOne() {
        acknowledge(10);
        // 6 was acknowledged after the takeover, but it ran before, and came to the new primary as to a replica.
        List<Kept> kept = List.of(new Kept(6, TAKEOVER_MILLIS), new Kept(8, 7), new Kept(9, 8));

        assertThat(Verdict.of(history, kept, TAKEOVER_MILLIS).firstAfterMicros())
                .isEqualTo(3_000);
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
        long nowMicros = history.next() * 1_000;
        history.add(answer, nowMicros, nowMicros);
    }

    /** With a stream of these numbers, each of which ran when it was answered. */
    private Verdict judge(long... numbers) {
        return Verdict.of(
                history,
                LongStream.of(numbers)
                        .mapToObj(number -> new Kept(number, number))
                        .toList(),
                TAKEOVER_MILLIS);
    }
}
