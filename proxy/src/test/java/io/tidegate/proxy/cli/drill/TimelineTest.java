package io.tidegate.proxy.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The writing is from 1,000 ms to 3,000 ms, and the fault at 1,500 ms. */
class TimelineTest {
    private static final long MILLI = 1_000;
    private static final Answer UNANSWERED = Answer.unanswered(new EOFException());

    private final History one = new History();
    private final History other = new History();

    @Test
    void findsTheLongestTimeInWhichNobodyWasServed() {
        acknowledge(one, 1_100, 1_400, 1_550, 2_100, 2_990);
        acknowledge(other, 1_450, 1_650, 2_200, 2_500, 2_980);

        Timeline times = timeline();

        assertThat(times.outageMicros()).isEqualTo(2_500 * MILLI);
        assertThat(times.rtoMicros()).as("of both together").isEqualTo(480 * MILLI);
        assertThat(times.back()).isTrue();
        assertThat(times.pauses()).as("of each alone").containsExactly(550 * MILLI, 890 * MILLI);
        assertThat(times.pauseMicros(0.5)).isEqualTo(550 * MILLI);
        assertThat(times.pauseMicros(1)).isEqualTo(890 * MILLI);
    }

    @Test
    void whatAClientWaitedForWhenTheFaultCameIsPartOfItsPause() {
        acknowledge(one, 1_400, 2_000, 2_400, 2_800, 2_999);

        Timeline times = timeline();

        assertThat(times.rtoMicros()).as("from the fault on").isEqualTo(500 * MILLI);
        assertThat(times.pauses().get(1)).as("of the one that was never served").isEqualTo(1_500 * MILLI);
        assertThat(times.pauses().get(0)).isEqualTo(600 * MILLI);
    }

    @Test
    void knowsThatNobodyWasServedAgain() {
        acknowledge(one, 1_100, 1_600);

        Timeline times = timeline();

        assertThat(times.rtoMicros()).isEqualTo(1_400 * MILLI);
        assertThat(times.back()).isFalse();
    }

    @Test
    void putsEveryAnswerIntoABin() {
        acknowledge(one, 1_000, 1_050, 1_100, 2_999);
        add(one, UNANSWERED, 3_200); // ended when the writing had
        add(other, Answer.refused("READONLY no"), 1_150);

        Timeline times = timeline();

        assertThat(times.acknowledged()).hasSize(21).startsWith(2, 1, 0).endsWith(1, 0);
        assertThat(times.failed()).startsWith(0, 1, 0);
        assertThat(times.uncertain()).endsWith(0, 1);
    }

    @Test
    void isDrawnWithTheFaultAndWhatCameOfIt() {
        acknowledge(one, 1_100, 1_400, 2_600, 2_999);

        assertThat(TimelineSvg.of(timeline()))
                .contains("class=\"fault\"", ">fault</text>", ">nobody served for 1.10 s</text>", ">0 s</text>")
                .doesNotContain("NaN", "Infinity");
    }

    @Test
    void isDrawnEvenIfNothingHappened() {
        assertThat(TimelineSvg.of(Timeline.of(List.of(one), 0, 0, 0))).doesNotContain("NaN", "Infinity");
    }

    private Timeline timeline() {
        return Timeline.of(List.of(one, other), 1_000 * MILLI, 1_500 * MILLI, 3_000 * MILLI);
    }

    private static void acknowledge(History history, long... millis) {
        for (long at : millis) {
            add(history, Answer.ACKNOWLEDGED, at);
        }
    }

    private static void add(History history, Answer answer, long millis) {
        history.add(answer, millis * MILLI, millis * MILLI);
    }
}
