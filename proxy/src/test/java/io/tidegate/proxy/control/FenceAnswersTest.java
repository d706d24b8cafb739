package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.signals.OperatorAnswer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FenceAnswersTest {
    private static final OperatorAnswer GRANTED = new OperatorAnswer(true, List.of("writes open"));

    private final FenceAnswers answers = new FenceAnswers();
    private final List<OperatorAnswer> one = new ArrayList<>();
    private final List<OperatorAnswer> other = new ArrayList<>();

    @Test
    void eachIsToldItsOwnAnswerOnce() {
        long first = answers.expect(one::add);
        answers.expect(other::add);
        answers.give(first, GRANTED);
        answers.give(first, GRANTED);
        assertThat(one).containsExactly(GRANTED);
        assertThat(other).isEmpty();
    }

    @Test
    void whoWaitsAtTheEndAndWhoComesLaterIsToldThatThereIsNone() {
        answers.expect(one::add);
        answers.close();
        answers.expect(other::add);
        assertThat(one).singleElement().matches(answer -> !answer.done());
        assertThat(other).isEqualTo(one);
    }
}
