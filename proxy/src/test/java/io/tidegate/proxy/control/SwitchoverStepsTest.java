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
        SwitchoverSteps steps = SwitchoverSteps.bySentinels(false, 5_000);
        assertThat(run(steps, null)).isEqualTo(untroubled());
        assertThat(steps.switched()).isTrue();
        assertThat(steps.reason()).isNull();
        assertThat(steps.undone()).isNull();
    }

    @ParameterizedTest
    @EnumSource(
            value = Step.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"END", "CALL_OFF", "REPOINT"})
    void whateverFailsNothingThatWasBegunIsLeft(Step failing) {
        SwitchoverSteps steps = SwitchoverSteps.bySentinels(true, 5_000);
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
                    .isSubsetOf(Step.CALL_OFF, Step.UNPAUSE, Step.RELEASE, Step.RESTORE);
            assertThat(taken.contains(Step.CALL_OFF)).isEqualTo(failing == Step.AWAIT_PROMOTED);
        }
    }

    @Test
    void withoutSentinelsTheOthersAreMadeToFollow() {
        SwitchoverSteps steps = SwitchoverSteps.byPrimary();
        assertThat(run(steps, null)).isEqualTo(untroubled(Step.REPOINT));
        assertThat(steps.switched()).isTrue();
    }

    @Test
    void whoWasToldToTakeOverIsLookedAfterWhenItDidNot() {
        assertThat(run(SwitchoverSteps.byPrimary(), Step.AWAIT_OFFSETS))
                .endsWith(Step.AWAIT_OFFSETS, Step.UNPAUSE, Step.RELEASE);
        assertThat(run(SwitchoverSteps.byPrimary(), Step.AWAIT_PROMOTED))
                .endsWith(Step.AWAIT_PROMOTED, Step.CALL_OFF, Step.UNPAUSE, Step.RELEASE, Step.REPOINT);
        SwitchoverSteps steps = SwitchoverSteps.byPrimary();
        assertThat(run(steps, Step.REPOINT)).endsWith(Step.RELEASE, Step.REPOINT, Step.AWAIT_QUIET);
        assertThat(steps.switched()).isTrue();
        assertThat(steps.undone()).isEqualTo("repoint: why");
    }

    @Test
    void whatWaitsAtAnOldPrimaryThatIsStillOneIsNotLetGo() {
        assertThat(run(SwitchoverSteps.bySentinels(false, 5_000), Step.DEMOTE))
                .contains(Step.AWAIT_CLAIM, Step.RELEASE)
                .doesNotContain(Step.UNPAUSE);
    }

    @Test
    void aSentinelThatPromotesNobodyIsToldToStopBeforeWritesGoOn() {
        SwitchoverSteps steps = SwitchoverSteps.bySentinels(false, 5_000);
        assertThat(run(steps, Step.AWAIT_PROMOTED))
                .endsWith(Step.AWAIT_PROMOTED, Step.CALL_OFF, Step.UNPAUSE, Step.RELEASE);
        assertThat(steps.handedOver()).isTrue();
        assertThat(steps.calledOff()).isTrue();
    }

    @Test
    void aSentinelThatCannotBeToldToStopIsNoted() {
        SwitchoverSteps steps = SwitchoverSteps.bySentinels(false, 5_000);
        steps.begin(0);
        while (steps.step() != Step.CALL_OFF) {
            steps.told(steps.step() == Step.AWAIT_PROMOTED ? Outcome.FAILED : Outcome.DONE, "why", 0);
        }
        assertThat(steps.told(Outcome.FAILED, "lost", 0)).isEqualTo(Step.UNPAUSE);
        assertThat(steps.calledOff()).isFalse();
        assertThat(steps.undone()).isEqualTo("call-off: lost");
    }

    @Test
    void whoIsPromotedWhileThatIsCalledOffIsGoneOnWith() {
        SwitchoverSteps steps = SwitchoverSteps.bySentinels(true, 5_000);
        steps.begin(0);
        while (steps.step() != Step.CALL_OFF) {
            steps.told(steps.step() == Step.AWAIT_PROMOTED ? Outcome.FAILED : Outcome.DONE, "why", 0);
        }
        List<Step> taken = new ArrayList<>();
        for (Step step = steps.promotedAfterAll(0); step != Step.END; step = steps.told(Outcome.DONE, "", 0)) {
            taken.add(step);
        }
        assertThat(taken)
                .containsExactly(
                        Step.DEMOTE, Step.UNPAUSE, Step.AWAIT_CLAIM, Step.RELEASE, Step.RESTORE, Step.AWAIT_QUIET);
        assertThat(steps.switched()).isTrue();
        assertThat(steps.reason()).isNull();
    }

    @Test
    void theSentinelsAreGivenNoTimeInWhichTheyCallAPausedPrimaryDown() {
        assertThat(reason(2_000, 999)).isNull();
        assertThat(reason(2_000, 1_000)).startsWith("await-promoted took more than 1000 ms");
        assertThat(reason(500, 999)).as("less is none").isNull();
        assertThat(reason(60_000, 7_999)).isNull();
        assertThat(reason(60_000, 8_000)).startsWith("await-promoted took more than 8000 ms");
    }

    /** Why it is given up when nobody is promoted for so long; null if it is not. */
    private static @Nullable String reason(long downAfterMillis, long afterMillis) {
        SwitchoverSteps steps = SwitchoverSteps.bySentinels(false, downAfterMillis);
        steps.begin(0);
        while (steps.step() != Step.AWAIT_PROMOTED) {
            steps.told(Outcome.DONE, "", 0);
        }
        steps.told(Outcome.NOT_YET, "nobody", TimeUnit.MILLISECONDS.toNanos(afterMillis));
        return steps.reason();
    }

    @Test
    void aStepIsTriedAgainUntilItsTimeIsUp() {
        SwitchoverSteps steps = SwitchoverSteps.bySentinels(false, 1_000);
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
        SwitchoverSteps steps = SwitchoverSteps.bySentinels(true, 5_000);
        long nowNanos = 0;
        Step step = steps.begin(nowNanos);
        for (int i = 0; i < 100 && step != Step.END; i++) {
            nowNanos += LATER_NANOS;
            step = steps.told(Outcome.NOT_YET, "never", nowNanos);
        }
        assertThat(step).isEqualTo(Step.END);
    }

    /** All steps of one that goes well, and between the last two what is tidied up. */
    private static List<Step> untroubled(Step... tidying) {
        List<Step> steps = new ArrayList<>(List.of(
                Step.HOLD,
                Step.PAUSE,
                Step.AWAIT_OFFSETS,
                Step.FAIL_OVER,
                Step.AWAIT_PROMOTED,
                Step.DEMOTE,
                Step.UNPAUSE,
                Step.AWAIT_CLAIM,
                Step.RELEASE));
        steps.addAll(List.of(tidying));
        steps.add(Step.AWAIT_QUIET);
        return steps;
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
