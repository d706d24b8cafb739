package io.tidegate.proxy.control;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The order of a switchover's steps, how long each may take, and what is taken back when one fails. Pure: {@link #begin}
 * and {@link #told} give the step to take, and whoever takes it tells what came of it.
 *
 * <pre>
 *   [STEER -> AWAIT_STEERED ->] HOLD -> PAUSE -> AWAIT_OFFSETS -> FAIL_OVER -> AWAIT_PROMOTED -> DEMOTE -> UNPAUSE
 *                                     -> AWAIT_CLAIM -> RELEASE [-> RESTORE | -> REPOINT] -> AWAIT_QUIET -> END
 *   DEMOTE failed:                    noted, and on without UNPAUSE: the pause is left to run out
 *   UNPAUSE or from RELEASE on:       noted, and on
 *   CALL_OFF failed:                  noted, and on: a pause cannot be held for as long as that may take
 *   AWAIT_PROMOTED failed:            CALL_OFF, and then as any other; or, if somebody was promoted after all, on to DEMOTE
 *   any other failed:                 [UNPAUSE ->] [RELEASE ->] [RESTORE | REPOINT ->] END   (of these, what had been begun)
 * </pre>
 *
 * STEER to RESTORE are for sentinels that are to prefer a node, REPOINT is where there are none.
 */
final class SwitchoverSteps {
    enum Step {
        /** The node that was asked for gets the priority that comes first. */
        STEER(5_000),
        /** The sentinel learns of it, which takes it up to 10 s. */
        AWAIT_STEERED(14_000),
        /** This proxy sends no more writes. */
        HOLD(1_000),
        /** The primary executes no more writes, whoever sends them. */
        PAUSE(2_000),
        /** All that may be promoted hold what the primary has. */
        AWAIT_OFFSETS(1_000),
        /** The sentinel is told, or the primary itself. */
        FAIL_OVER(2_000),
        /** One of them says that it is primary. */
        AWAIT_PROMOTED(8_000),
        /** The old primary becomes a replica, so that what waits there is refused and sent again, and not executed. */
        DEMOTE(2_000),
        UNPAUSE(2_000),
        /** Another claim is in use here. */
        AWAIT_CLAIM(8_000),
        /** Who was told gives up a failover that has promoted nobody, which a sentinel by itself does after minutes. */
        CALL_OFF(7_000),
        RELEASE(1_000),
        RESTORE(5_000),
        /** Every other node follows whoever is primary now. */
        REPOINT(8_000),
        /** What clients felt can be told. */
        AWAIT_QUIET(5_000),
        END(0);

        private final long millisMax;

        Step(long millisMax) {
            this.millisMax = millisMax;
        }

        /** The word of the report. */
        String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** What came of a step. */
    enum Outcome {
        DONE,
        /** To be tried again, while its time is not up. */
        NOT_YET,
        FAILED
    }

    /** A sentinel takes three ticks of its timer, of up to 100 ms, to tell the one that it promotes. */
    private static final long PROMOTED_MILLIS_MIN = 1_000;

    /** How long the primary may take to find out that the replica has all, and that one to take over. */
    private static final long HANDED_OVER_MILLIS_MAX = 3_000;

    private final Deque<Step> ahead = new ArrayDeque<>();
    private final List<Step> begun = new ArrayList<>();

    /** What takes back what, in the order in which it is done. */
    private final Map<Step, Step> takenBack = new LinkedHashMap<>();

    private final long offsetsNanosMax;
    private final long promotedNanosMax;
    private Step step = Step.END;
    private long sinceNanos;
    private @Nullable String reason;
    private @Nullable String undone;
    private boolean switched;
    private boolean calledOff;

    private SwitchoverSteps(long offsetsMillisMax, long promotedMillisMax) {
        offsetsNanosMax = TimeUnit.MILLISECONDS.toNanos(Math.min(Step.AWAIT_OFFSETS.millisMax, offsetsMillisMax));
        promotedNanosMax = TimeUnit.MILLISECONDS.toNanos(Math.min(Step.AWAIT_PROMOTED.millisMax, promotedMillisMax));
        takenBack.put(Step.PAUSE, Step.UNPAUSE);
        takenBack.put(Step.HOLD, Step.RELEASE);
    }

    /**
     * One that is to begin, by sentinels.
     *
     * @param steered whether they have to be made to prefer a node
     * @param downAfterMillis a primary that is paused does not answer the sentinels' greetings, nor what follows them, and
     *     is called down after this, whereupon they may promote another; so it is paused for half of it at most before one
     *     of them is told to fail over, and for another half until that has promoted somebody
     */
    static SwitchoverSteps bySentinels(boolean steered, long downAfterMillis) {
        long half = downAfterMillis <= 0 ? Long.MAX_VALUE : downAfterMillis / 2;
        SwitchoverSteps steps = new SwitchoverSteps(half, Math.max(half, PROMOTED_MILLIS_MIN));
        if (steered) {
            steps.takenBack.put(Step.STEER, Step.RESTORE);
            steps.ahead.add(Step.STEER);
            steps.ahead.add(Step.AWAIT_STEERED);
        }
        steps.addFromHold();
        return steps;
    }

    /** One that is to begin, by the primary itself. */
    static SwitchoverSteps byPrimary() {
        SwitchoverSteps steps = new SwitchoverSteps(Step.AWAIT_OFFSETS.millisMax, HANDED_OVER_MILLIS_MAX);
        steps.takenBack.put(Step.FAIL_OVER, Step.REPOINT);
        steps.addFromHold();
        return steps;
    }

    private void addFromHold() {
        ahead.addAll(List.of(Step.HOLD, Step.PAUSE, Step.AWAIT_OFFSETS, Step.FAIL_OVER, Step.AWAIT_PROMOTED));
        addOncePromoted();
    }

    private void addOncePromoted() {
        ahead.addAll(List.of(Step.DEMOTE, Step.UNPAUSE, Step.AWAIT_CLAIM, Step.RELEASE));
        takenBack.values().stream()
                .filter(tidying -> tidying == Step.RESTORE || tidying == Step.REPOINT)
                .forEach(ahead::add);
        ahead.add(Step.AWAIT_QUIET);
    }

    Step begin(long nowNanos) {
        return next(nowNanos);
    }

    /**
     * Something came of the present step.
     *
     * @param why in words, of one that failed or is not done yet
     * @return the step to take now: the same, if it is to be tried again
     */
    Step told(Outcome outcome, String why, long nowNanos) {
        switch (outcome) {
            case DONE -> {
                switched |= step == Step.AWAIT_CLAIM;
                calledOff |= step == Step.CALL_OFF;
                return next(nowNanos);
            }
            case NOT_YET -> {
                if (nowNanos - sinceNanos < nanosMax(step)) {
                    return step;
                }
                return failed(
                        step.label() + " took more than " + TimeUnit.NANOSECONDS.toMillis(nanosMax(step)) + " ms: "
                                + why,
                        nowNanos);
            }
            case FAILED -> {
                return failed(step.label() + ": " + why, nowNanos);
            }
        }
        throw new IllegalStateException(outcome.name());
    }

    /** Instead of {@link #told}, of {@link Step#CALL_OFF}: somebody was promoted, so it goes on. */
    Step promotedAfterAll(long nowNanos) {
        reason = null;
        ahead.clear();
        addOncePromoted();
        return next(nowNanos);
    }

    Step step() {
        return step;
    }

    /** Another claim came into use, so that nothing is taken back any more. */
    boolean switched() {
        return switched;
    }

    /** Why it was given up; null if it was not. */
    @Nullable String reason() {
        return switched ? null : reason;
    }

    /** What did not succeed although it went on, or was to be taken back; null if nothing. */
    @Nullable String undone() {
        return undone;
    }

    /** Whether somebody has been told, or may have been, and did not refuse, so that what comes of it is not in our hands. */
    boolean handedOver() {
        return begun.contains(Step.AWAIT_PROMOTED);
    }

    /** Whether it took that back. */
    boolean calledOff() {
        return calledOff;
    }

    private long nanosMax(Step of) {
        return switch (of) {
            case AWAIT_OFFSETS -> offsetsNanosMax;
            case AWAIT_PROMOTED -> promotedNanosMax;
            default -> TimeUnit.MILLISECONDS.toNanos(of.millisMax);
        };
    }

    private Step failed(String why, long nowNanos) {
        if (reason == null && !goesOn(step)) {
            reason = why;
        } else {
            undone = undone == null ? why : undone + "; " + why;
        }
        if (step == Step.DEMOTE) {
            ahead.remove(Step.UNPAUSE); // what waits there would be executed, and be lost
        } else if (!goesOn(step)) {
            ahead.clear();
            if (step == Step.AWAIT_PROMOTED) {
                ahead.add(Step.CALL_OFF);
            }
            takenBack.forEach(this::takeBack);
        }
        return next(nowNanos);
    }

    private static boolean goesOn(Step failed) {
        return switch (failed) {
            case DEMOTE, CALL_OFF, UNPAUSE, RELEASE, RESTORE, REPOINT, AWAIT_QUIET, END -> true;
            default -> false;
        };
    }

    private void takeBack(Step what, Step how) {
        if (begun.contains(what)) {
            ahead.add(how);
        }
    }

    private Step next(long nowNanos) {
        Step next = ahead.poll();
        step = next == null ? Step.END : next;
        begun.add(step);
        sinceNanos = nowNanos;
        return step;
    }
}
