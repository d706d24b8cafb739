package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.control.SwitchoverSteps.Outcome;
import io.tidegate.proxy.control.SwitchoverSteps.Step;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SwitchoverStepsTest {
    private static final long LATER_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final Set<Step> NOTED =
            EnumSet.of(Step.DEMOTE, Step.UNPAUSE, Step.RELEASE, Step.RESTORE, Step.AWAIT_QUIET);

    @Test
    void allGoesWell() {
        SwitchoverSteps steps = new SwitchoverSteps(false, 5_000);
        assertThat(run(steps, null))
                .containsExactly(
                        Step.HOLD,
                        Step.PAUSE,
                        Step.AWAIT_OFFSETS,
                        Step.FAIL_OVER,
                        Step.AWAIT_PROMOTED,
                        Step.DEMOTE,
                        Step.UNPAUSE,
                        Step.AWAIT_CLAIM,
                        Step.RELEASE,
                        Step.AWAIT_QUIET);
        assertThat(steps.switched()).isTrue();
        assertThat(steps.reason()).isNull();
        assertThat(steps.undone()).isNull();
    }

    @ParameterizedTest
    @EnumSource(value = Step.class, mode = EnumSource.Mode.EXCLUDE, names = "END")
    void whateverFailsNothingThatWasBegunIsLeft(Step failing) {
        SwitchoverSteps steps = new SwitchoverSteps(true, 5_000);
        List<Step> taken = run(steps, failing);

        assertThat(taken.contains(Step.RELEASE)).as("hold").isEqualTo(taken.contains(Step.HOLD));
        assertThat(taken.contains(Step.RESTORE)).as("priority").isEqualTo(taken.contains(Step.STEER));
        if (failing != Step.DEMOTE) {
            assertThat(taken.contains(Step.UNPAUSE)).as("pause").isEqualTo(taken.contains(Step.PAUSE));
        }
        assertThat(steps.switched()).isEqualTo(NOTED.contains(failing));
        if (NOTED.contains(failing)) {
            assertThat(steps.undone()).contains(failing.label() + ": why");
            assertThat(steps.reason()).isNull();
        } else {
            assertThat(steps.reason()).isEqualTo(failing.label() + ": why");
            assertThat(taken.subList(taken.indexOf(failing) + 1, taken.size()))
                    .as("after it only what takes back")
                    .isSubsetOf(Step.UNPAUSE, Step.RELEASE, Step.RESTORE);
        }
    }

    @Test
    void whatWaitsAtAnOldPrimaryThatIsStillOneIsNotLetGo() {
        assertThat(run(new SwitchoverSteps(false, 5_000), Step.DEMOTE))
                .contains(Step.AWAIT_CLAIM, Step.RELEASE)
                .doesNotContain(Step.UNPAUSE);
    }

    @Test
    void aStepIsTriedAgainUntilItsTimeIsUp() {
        SwitchoverSteps steps = new SwitchoverSteps(false, 1_000);
        steps.begin(0);
        steps.told(Outcome.DONE, "", 0);
        steps.told(Outcome.DONE, "", 0);
        assertThat(steps.told(Outcome.NOT_YET, "behind", TimeUnit.MILLISECONDS.toNanos(499)))
                .isEqualTo(Step.AWAIT_OFFSETS);
        assertThat(steps.told(Outcome.NOT_YET, "behind", TimeUnit.MILLISECONDS.toNanos(500)))
                .isEqualTo(Step.UNPAUSE);
        assertThat(steps.reason()).isEqualTo("await-offsets took more than 500 ms: behind");
        assertThat(steps.handedOver()).isFalse();
    }

    @Test
    void everyWaitIsBounded() {
        SwitchoverSteps steps = new SwitchoverSteps(true, 5_000);
        long nowNanos = 0;
        Step step = steps.begin(nowNanos);
        for (int i = 0; i < 100 && step != Step.END; i++) {
            nowNanos += LATER_NANOS;
            step = steps.told(Outcome.NOT_YET, "never", nowNanos);
        }
        assertThat(step).isEqualTo(Step.END);
    }

    /** All steps, each done at once but for one that fails. */
    private static List<Step> run(SwitchoverSteps steps, @Nullable Step failing) {
        List<Step> taken = new ArrayList<>();
        Step step = steps.begin(0);
        while (step != Step.END) {
            taken.add(step);
            step = step == failing ? steps.told(Outcome.FAILED, "why", 0) : steps.told(Outcome.DONE, "", 0);
        }
        return taken;
    }
}
