package io.tidegate.proxy.control;

import io.tidegate.proxy.Clock;
import io.tidegate.proxy.control.Errands.Told;
import io.tidegate.proxy.control.Failover.Phase;
import io.tidegate.proxy.control.SwitchoverPlan.RefusedException;
import io.tidegate.proxy.control.SwitchoverSteps.Outcome;
import io.tidegate.proxy.control.SwitchoverSteps.Step;
import io.tidegate.proxy.loop.Reasons;
import io.tidegate.proxy.signals.OperatorAnswer;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has another node promoted while the primary executes no writes, so that no client is told an error and nothing is lost.
 * Does what {@link SwitchoverSteps} says, by the {@link Promotion} that the shard allows; on the control loop, and never
 * waits there.
 *
 * <p>What keeps every other proxy's writes, and those of clients without one, from being lost is the primary's own pause:
 * it parks them unexecuted. Only one switchover has it ({@link MarkedPrimary}). It is renewed while others are at work, and short each time, so that it ends by itself if
 * this process does. Would it end before the old primary is a replica, what was parked would be executed there, acknowledged,
 * and lost: so the old primary is made a replica here, where the sentinels take some 10 s to. Then it refuses what it had
 * parked ({@code READONLY}), which proves that it did not run, and the connections stay; the sentinels would close them,
 * which proves nothing. A primary that is told itself ({@code FAILOVER}) is a replica before it hands over.
 */
final class Switchover {
    static final String SWITCHED = "switched";
    static final String ELSEWHERE = "elsewhere";
    static final String ABORTED = "aborted";
    static final String REFUSED = "refused";

    /** How it may end. */
    static final List<String> OUTCOMES = List.of(SWITCHED, ELSEWHERE, ABORTED, REFUSED);

    private static final Logger log = LoggerFactory.getLogger(Switchover.class);

    private static final long ANSWER_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(1_500);
    private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long PATIENT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final Set<Step> PATIENT =
            EnumSet.of(Step.AWAIT_STEERED, Step.CALL_OFF, Step.RESTORE, Step.REPOINT, Step.AWAIT_QUIET);

    /** What was sent before writes were held is with the primary by then, as a rule; what is not, is parked there. */
    private static final long SETTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final long QUIET_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(4_500);

    private final Connector connector;
    private final Clock clock;
    private final ControlLoop loop;
    private final FailoverTimeline timeline;
    private final @Nullable String shard;
    private final @Nullable NodeAddress to;
    private final Consumer<List<String>> progress;
    private final BiConsumer<OperatorAnswer, String> end;
    private final Errands errands;

    /** For the primary, on the connection that is marked. */
    private final Errands markedErrands;

    /** For replicas, likewise. */
    private final Errands replicaErrands;

    private final long beganNanos;
    private final List<String> lines = new ArrayList<>();

    /** Null while nothing was begun. */
    private @Nullable Course course;

    private @Nullable NodeAddress promoted;
    private long stepNanos;
    private boolean demoted;
    private boolean over;

    /** What is done, in which order, and by what. */
    private record Course(SwitchoverPlan plan, SwitchoverSteps steps, MarkedPrimary primary, Promotion promotion) {}

    /**
     * @param shard by which the sentinels know it; null if there are none
     * @param to who is to be primary; null if any that is fit will do
     * @param progress told all lines so far whenever there is another
     * @param end told once what came of it, and one of {@link #OUTCOMES}
     */
    Switchover(
            Connector connector,
            Clock clock,
            ControlLoop loop,
            FailoverTimeline timeline,
            @Nullable String shard,
            @Nullable NodeAddress to,
            Consumer<List<String>> progress,
            BiConsumer<OperatorAnswer, String> end) {
        this.connector = connector;
        this.clock = clock;
        this.loop = loop;
        this.timeline = timeline;
        this.shard = shard;
        this.to = to;
        this.progress = progress;
        this.end = end;
        this.errands = new Errands(connector, this::guarded);
        this.markedErrands = new Errands(connector, this::guarded);
        this.replicaErrands = new Errands(connector, this::guarded);
        this.beganNanos = clock.nowNanos();
    }

    void begin(boolean dryRun) {
        guarded(() -> new SwitchoverSurvey(errands, shard, loop.table(), loop.sentinels(), ANSWER_NANOS_MAX)
                .ask(facts -> judge(facts, dryRun)));
    }

    /** The control plane ends. */
    void close() {
        finish(false, List.of("not switched: the control plane has ended"), ABORTED);
    }

    private void judge(SwitchoverFacts facts, boolean dryRun) {
        SwitchoverPlan made;
        try {
            made = SwitchoverPlan.of(facts, to);
        } catch (RefusedException e) {
            refuse(String.valueOf(e.getMessage()));
            return;
        }
        MarkedPrimary primary = new MarkedPrimary(markedErrands, clock, made.primary());
        if (dryRun) {
            primary.look(against -> {
                if (against != null) {
                    refuse(against);
                } else {
                    tellPlan(made);
                }
            });
            return;
        }
        Promotion promotion = promotion(made, primary);
        primary.mark(against -> {
            if (against != null) {
                refuse(against);
            } else {
                promotion.mark(elsewhere -> {
                    if (elsewhere != null) {
                        refuse(elsewhere);
                    } else {
                        beginSteps(made, primary, promotion);
                    }
                });
            }
        });
    }

    private Promotion promotion(SwitchoverPlan made, MarkedPrimary primary) {
        SwitchoverLooks looks = new SwitchoverLooks(errands, clock, made);
        return made.means().dispatch(new SwitchoverPlan.Means.Handler<>() {
            @Override
            public Promotion on(SentinelMeans means) {
                return new SentinelPromotion(errands, clock, made, means, primary, looks);
            }

            @Override
            public Promotion on(PrimaryMeans means) {
                MarkedReplicas replicas = new MarkedReplicas(replicaErrands);
                return new PrimaryPromotion(connector, errands, clock, made, means, primary, replicas, looks);
            }
        });
    }

    private void beginSteps(SwitchoverPlan made, MarkedPrimary primary, Promotion promotion) {
        sayChecked(made);
        Course begun = new Course(made, promotion.steps(), primary, promotion);
        course = begun;
        take(begun.steps().begin(clock.nowNanos()), begun);
    }

    private void refuse(String why) {
        say("refused: " + why);
        finish(false, List.of("not switched, nothing was changed: " + why), REFUSED);
    }

    private void sayChecked(SwitchoverPlan made) {
        say("checked: primary " + made.primary() + " epoch " + made.epoch() + ", "
                + made.means().words(made));
    }

    private void tellPlan(SwitchoverPlan made) {
        sayChecked(made);
        String steering = made.means().steeringWords();
        if (steering != null) {
            say(steering);
        }
        say("nothing speaks against it; nothing was changed");
        finish(true, lines, SWITCHED);
    }

    private void take(Step step, Course way) {
        stepNanos = clock.nowNanos();
        attempt(step, way);
    }

    private void attempt(Step step, Course way) {
        SwitchoverPlan what = way.plan();
        RoutingTable table = loop.table();
        if (step.compareTo(Step.FAIL_OVER) <= 0
                && !(table.epoch() == what.epoch() && table.writes().open())) {
            came(
                    Outcome.FAILED,
                    "another failover has begun: writes are "
                            + table.writes().name().toLowerCase(Locale.ROOT) + " in epoch " + table.epoch());
            return;
        }
        switch (step) {
            case STEER -> way.promotion().steer(this::came);
            case AWAIT_STEERED -> way.promotion().steered(this::came);
            case HOLD -> {
                timeline.switchoverBegun("PROXY SWITCHOVER to " + what.target(), clock.nowNanos());
                loop.holdWrites();
                later(SETTLE_NANOS, () -> came(Outcome.DONE, ""));
            }
            case PAUSE -> way.primary().pause(this::came);
            case AWAIT_OFFSETS -> way.promotion().caughtUp(this::came);
            case FAIL_OVER -> way.primary().pause(told -> failOver(told, way));
            case AWAIT_PROMOTED -> lookForPromotion(way);
            case AWAIT_CLAIM -> lookForClaim(way);
            case CALL_OFF -> callOff(way);
            case DEMOTE -> demote(way);
            case UNPAUSE -> way.primary().unpause(this::came);
            case RELEASE -> {
                loop.releaseWrites();
                came(Outcome.DONE, "");
            }
            case RESTORE -> way.promotion().restore(this::came);
            case REPOINT -> way.promotion().repoint(promoted, this::came);
            case AWAIT_QUIET ->
                came(
                        account() != null || clock.nowNanos() - stepNanos >= QUIET_NANOS_MAX
                                ? Outcome.DONE
                                : Outcome.NOT_YET,
                        "");
            case END -> conclude(way);
        }
    }

    /**
     * That all hold what the primary has was found while it was paused; it still is, and was all the time, or nobody is
     * told.
     */
    private void failOver(Told paused, Course way) {
        if (paused.trouble() != null) {
            came(paused);
        } else if (!way.primary().provablyPaused()) {
            came(Outcome.FAILED, "the pause of " + way.plan().primary() + " may have ended in between");
        } else {
            way.promotion().failOver(this::came);
        }
    }

    private void lookForPromotion(Course way) {
        way.primary().keepPaused();
        if (loop.table().epoch() != way.plan().epoch()) {
            lookForClaim(way);
            return;
        }
        way.promotion()
                .promoted(
                        node -> {
                            promoted = node;
                            loop.lookAround();
                            came(Outcome.DONE, node.toString());
                        },
                        this::came);
    }

    private void callOff(Course way) {
        way.primary().keepPaused();
        way.promotion()
                .calledOff(
                        node -> {
                            promoted = node;
                            say("promoted after all: " + node);
                            loop.lookAround();
                            take(way.steps().promotedAfterAll(clock.nowNanos()), way);
                        },
                        this::came);
    }

    private void lookForClaim(Course way) {
        if (!demoted) {
            way.primary().keepPaused();
        }
        RoutingTable table = loop.table();
        RoutingTable.Node primary = table.primary();
        if (table.epoch() == way.plan().epoch()
                || primary == null
                || !table.writes().open()) {
            came(Outcome.NOT_YET, "no other node is primary for all that is known");
        } else if (primary.address().equals(way.plan().primary())) {
            came(Outcome.FAILED, way.plan().primary() + " has stayed primary");
        } else {
            promoted = primary.address();
            came(Outcome.DONE, promoted + " in epoch " + table.epoch());
        }
    }

    private void demote(Course way) {
        NodeAddress primary = promoted;
        if (primary == null) {
            came(Outcome.FAILED, "nobody was promoted");
        } else {
            way.promotion().demote(primary, this::came);
        }
    }

    /** The failover that this made, as it was felt here, once it is over; null until then. */
    private @Nullable Failover account() {
        for (Failover failover : timeline.failovers()) {
            if (failover.epoch() == loop.table().epoch()
                    && failover.outcome() == Failover.Outcome.SWITCHED
                    && failover.instants().containsKey(Phase.END)) {
                return failover;
            }
        }
        return null;
    }

    private void came(Told told) {
        String trouble = told.trouble();
        came(trouble == null ? Outcome.DONE : Outcome.FAILED, trouble == null ? "" : trouble);
    }

    private void came(Outcome outcome, String what) {
        Course way = course;
        if (over || way == null) {
            return;
        }
        long nowNanos = clock.nowNanos();
        Step step = way.steps().step();
        if (outcome == Outcome.DONE) {
            done(step, what, nowNanos);
        }
        Step next = way.steps().told(outcome, what, nowNanos);
        if (outcome == Outcome.NOT_YET && next == step) {
            later(PATIENT.contains(step) ? PATIENT_NANOS : AGAIN_NANOS, () -> attempt(step, way));
            return;
        }
        if (outcome != Outcome.DONE) {
            say(step.label() + " failed: " + what);
        }
        take(next, way);
    }

    private void done(Step step, String what, long nowNanos) {
        if (step != Step.AWAIT_QUIET) {
            say(step.label() + " done" + (what.isEmpty() ? "" : ": " + what));
        }
        if (step == Step.PAUSE) {
            timeline.switchoverStep(Phase.PAUSED, nowNanos);
        } else if (step == Step.DEMOTE) {
            demoted = true;
        } else if (step == Step.AWAIT_OFFSETS) {
            timeline.switchoverStep(Phase.CAUGHT_UP, nowNanos);
        }
    }

    private void conclude(Course way) {
        String undone = way.steps().undone();
        if (!way.steps().switched()) {
            abort(way);
            return;
        }
        SwitchoverPlan what = way.plan();
        boolean wanted = what.candidates().contains(promoted);
        String verdict = (wanted ? "switched to " + promoted : "switched to " + promoted + ", not to " + what.target())
                + SwitchoverReport.felt(account());
        say(verdict);
        if (undone != null) {
            say("left undone: " + undone);
        }
        finish(wanted, wanted ? lines : List.of(verdict), wanted ? SWITCHED : ELSEWHERE);
    }

    private void abort(Course way) {
        SwitchoverSteps order = way.steps();
        String undone = order.undone();
        String rest = undone == null ? "; what was changed is taken back" : "; could not be taken back: " + undone;
        if (!order.handedOver()) {
            timeline.switchoverTakenBack(clock.nowNanos());
        } else if (!order.calledOff()) {
            rest = "; " + way.promotion().mayStillHappen() + rest;
        }
        say("aborted: " + order.reason() + rest);
        finish(false, List.of("not switched: " + order.reason() + rest), ABORTED);
    }

    private void say(String what) {
        lines.add(TimeUnit.NANOSECONDS.toMillis(clock.nowNanos() - beganNanos) + " ms " + what);
        log.atInfo().addKeyValue("event", "switchover").log("switchover: {}", what);
        progress.accept(List.copyOf(lines));
    }

    private void later(long delayNanos, Runnable work) {
        connector.loop().schedule(() -> guarded(work), delayNanos, TimeUnit.NANOSECONDS);
    }

    private void finish(boolean done, List<String> told, String outcome) {
        if (!over) {
            over = true;
            errands.close();
            markedErrands.close();
            replicaErrands.close();
            end.accept(new OperatorAnswer(done, told), outcome);
        }
    }

    /** A mistake of ours, or a server that cannot be understood, must not leave writes held. */
    private void guarded(Runnable work) {
        if (over) {
            return;
        }
        try {
            work.run();
        } catch (Reply.UnreadableException e) {
            if (course == null) {
                refuse(Reasons.of(e));
            } else {
                came(Outcome.FAILED, Reasons.of(e));
            }
        } catch (RuntimeException e) {
            log.error("switchover: failed by a mistake of this proxy", e);
            loop.releaseWrites();
            finish(false, List.of("not switched: a mistake of this proxy, see its log"), ABORTED);
        }
    }
}
