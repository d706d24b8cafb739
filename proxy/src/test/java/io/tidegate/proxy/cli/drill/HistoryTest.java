package io.tidegate.proxy.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Histories with something wrong planted in them, and without. Write n is answered at millisecond n. */
class HistoryTest {
    private static final Answer UNANSWERED = Answer.unanswered(new EOFException());
    private static final Answer REFUSED = Answer.refused("READONLY You can't write against a read only replica.");
    private static final Answer UNCERTAIN = Answer.refused("UNCERTAIN may have run");

    private final History history = new History();

    @Test
    void findsNothingWhereNothingIsWrong() {
        acknowledge(10);

        assertThat(judge(0, 1, 2, 3, 4, 5, 6, 7, 8, 9))
                .isEqualTo(new Findings(10, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1_000, Map.of()));
    }

    @Test
    void findsLostWrites() {
        acknowledge(10);

        Findings found = judge(0, 1, 2, 9);

        assertThat(found.lost()).isEqualTo(6);
        assertThat(found.acknowledged()).isEqualTo(found.kept() + found.lost());
    }

    @Test
    void findsDuplicatedWrites() {
        acknowledge(4);

        Findings found = judge(0, 1, 1, 2, 3, 1);

        assertThat(found.duplicated()).isEqualTo(2);
        assertThat(found.reordered()).isZero();
        assertThat(found.kept()).isEqualTo(4);
    }

    @Test
    void findsReorderedWrites() {
        acknowledge(5);

        Findings found = judge(0, 3, 1, 2, 4);

        assertThat(found.reordered()).isEqualTo(2);
        assertThat(found.duplicated()).isZero();
        assertThat(found.lost()).isZero();
    }

    @Test
    void tellsAWriteThatRanLateFromOneThatWasOvertaken() {
        add(UNANSWERED);
        acknowledge(2);

        Findings found = judge(1, 0, 2);

        assertThat(found.reordered()).isEqualTo(1);
        assertThat(found.late()).isEqualTo(1);
    }

    @Test
    void tellsFailedFromUncertain() {
        add(Answer.ACKNOWLEDGED);
        add(REFUSED);
        add(REFUSED);
        add(UNCERTAIN);
        add(UNANSWERED);
        add(UNANSWERED);

        assertThat(judge(0, 1, 3, 4))
                .isEqualTo(new Findings(
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
                        0,
                        0,
                        5_000,
                        Map.of("READONLY", 2L, "UNCERTAIN", 1L, "unanswered: EOFException", 2L)));
    }

    @Test
    void takesWhatRanAndMayNotLastForUncertain() {
        add(Answer.refused("UNDERREPLICATED executed, 1 of 2 replicas"));

        assertThat(judge(0).uncertainAndKept()).isEqualTo(1);
        assertThat(judge().uncertain()).isEqualTo(1);
    }

    @Test
    void findsReadsThatDoNotShowTheConnectionsOwnWrite() {
        acknowledge(3);
        history.saw(1);
        history.saw(2);

        assertThat(judge(0, 1, 2).stale()).isEqualTo(1);
        assertThat(judge(0, 1, 2).backwards()).isZero();
    }

    @Test
    void findsReadsThatGoBackwards() {
        add(Answer.ACKNOWLEDGED);
        add(UNCERTAIN);
        history.saw(1); // it may run, and did
        history.saw(0);

        assertThat(judge(0, 1).backwards()).isEqualTo(1);
        assertThat(judge(0, 1).stale()).as("1 was not acknowledged").isZero();
    }

    @Test
    void takesAReadOfWhatWasLostForALossOnly() {
        acknowledge(4);
        history.saw(3);
        history.saw(1);

        Findings found = judge(0, 1);

        assertThat(found.lost()).isEqualTo(2);
        assertThat(found.stale()).isZero();
        assertThat(found.backwards()).isZero();
    }

    @Test
    void looksForAnyWriteThatAReadShouldHaveShown() {
        acknowledge(4);
        history.saw(0);

        assertThat(judge(0, 2).stale()).as("2 is kept, though 3 was lost").isEqualTo(1);
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
        Findings one = new Findings(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, Map.of("A", 1L));
        Findings other = new Findings(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 100, Map.of("A", 1L, "B", 2L));

        assertThat(Findings.NONE.plus(one).plus(other))
                .isEqualTo(new Findings(2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 100, Map.of("A", 2L, "B", 2L)));
    }

    /**
     * A server that does what it says, with a known number of each fault planted: each is found, no other, and nothing
     * where nothing was planted.
     */
    @RepeatedTest(50)
    void findsAsManyFaultsAsWerePlanted(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        PlantedFaults server = new PlantedFaults(history, random, repetition.getCurrentRepetition() % 5 == 0);
        server.serve(400);

        assertThat(history.judge(server.kept()))
                .as("seed %d", repetition.getCurrentRepetition())
                .isEqualTo(server.expected());
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
    private Findings judge(long... numbers) {
        List<Kept> kept = new ArrayList<>();
        LongStream.of(numbers).forEach(number -> kept.add(new Kept(number, number)));
        return history.judge(kept);
    }
}
