package io.tidegate.proxy.control;

import io.lettuce.core.protocol.CommandType;
import io.tidegate.proxy.Clock;
import io.tidegate.proxy.control.Errands.Told;
import io.tidegate.proxy.control.Failover.Phase;
import io.tidegate.proxy.control.SwitchoverPlan.RefusedException;
import io.tidegate.proxy.control.SwitchoverPlan.Steering;
import io.tidegate.proxy.control.SwitchoverSteps.Outcome;
import io.tidegate.proxy.control.SwitchoverSteps.Step;
import io.tidegate.proxy.dispatch.OperatorAnswer;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the sentinels promote another node while the primary executes no writes, so that no client is told an error and
 * nothing is lost. Does what {@link SwitchoverSteps} says; on the control loop, and never waits there.
 *
 * <p>What keeps every other proxy's writes, and those of clients without one, from being lost is the primary's own pause:
 * it parks them unexecuted. It is renewed while the sentinels are at work, and short each time, so that it ends by itself if
 * this process does. Would it end before the old primary is a replica, what was parked would be executed there, acknowledged,
 * and lost: so the old primary is made a replica here, where the sentinels take some 10 s to. Then it refuses what it had
 * parked ({@code READONLY}), which proves that it did not run, and the connections stay; the sentinels would close them,
 * which proves nothing.
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
    private static final long OFFSET_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(400);
    private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long PATIENT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** What was sent before writes were held is with the primary by then, as a rule; what is not, is parked there. */
    private static final long SETTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** The damage if this process dies: writes wait for so long, and then the old primary goes on. */
    private static final long PAUSE_MILLIS = 3_000;

    private static final long RENEWAL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long QUIET_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(4_500);

    private static final Query REPLICATION = Query.of(CommandType.INFO, "replication");
    private static final Query PAUSE = Query.of(CommandType.CLIENT, "PAUSE", Long.toString(PAUSE_MILLIS), "WRITE");
    private static final Query UNPAUSE = Query.of(CommandType.CLIENT, "UNPAUSE");

    private final Connector connector;
    private final Clock clock;
    private final ControlLoop loop;
    private final FailoverTimeline timeline;
    private final String shard;
    private final @Nullable NodeAddress to;
    private final Consumer<List<String>> progress;
    private final BiConsumer<OperatorAnswer, String> end;
    private final Errands errands;
    private final long beganNanos;
    private final List<String> lines = new ArrayList<>();

    private @Nullable SwitchoverPlan plan;
    private @Nullable SwitchoverSteps steps;
    private @Nullable NodeAddress promoted;
    private long stepNanos;
    private long pausedNanos;
    private boolean demoted;
    private boolean over;

    /**
     * @param to who is to be primary; null if any that is fit will do
     * @param progress told all lines so far whenever there is another
     * @param end told once what came of it, and one of {@link #OUTCOMES}
     */
    Switchover(
            Connector connector,
            Clock clock,
            ControlLoop loop,
            FailoverTimeline timeline,
            String shard,
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
        this.errands = new Errands(connector);
        this.beganNanos = clock.nowNanos();
    }

    void begin(boolean dryRun) {
        guarded(() -> new SwitchoverSurvey(errands, shard, loop.table(), loop.sentinels(), ANSWER_NANOS_MAX)
                .ask(facts -> guarded(() -> judge(facts, dryRun))));
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
            say("refused: " + e.getMessage());
            finish(false, List.of("not switched, nothing was changed: " + e.getMessage()), REFUSED);
            return;
        }
        plan = made;
        Steering steering = made.steering();
        say("checked: primary " + made.primary() + " epoch " + made.epoch() + ", sentinel " + made.sentinel()
                + " has its quorum, ready to be promoted: " + made.target());
        if (dryRun) {
            if (steering != null) {
                say("would set replica-priority of " + steering.node() + " to " + steering.meanwhile() + " (now "
                        + steering.before() + ") until it is promoted");
            }
            say("nothing speaks against it; nothing was changed");
            finish(true, lines, SWITCHED);
            return;
        }
        SwitchoverSteps begun = new SwitchoverSteps(steering != null, made.downAfterMillis());
        steps = begun;
        take(begun.begin(clock.nowNanos()), made, begun);
    }

    private void take(Step step, SwitchoverPlan what, SwitchoverSteps order) {
        stepNanos = clock.nowNanos();
        attempt(step, what, order);
    }

    private void attempt(Step step, SwitchoverPlan what, SwitchoverSteps order) {
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
            case STEER -> prioritise(what, true);
            case AWAIT_STEERED ->
                errands.askSentinel(
                        what.sentinel(),
                        List.of(Query.of(CommandType.SENTINEL, "REPLICAS", shard)),
                        ANSWER_NANOS_MAX,
                        told -> guarded(() -> steered(told, what)));
            case HOLD -> {
                timeline.switchoverBegun("PROXY SWITCHOVER to " + what.target(), clock.nowNanos());
                loop.holdWrites();
                later(SETTLE_NANOS, () -> came(Outcome.DONE, ""));
            }
            case PAUSE -> node(what.primary(), PAUSE);
            case AWAIT_OFFSETS -> compare(what);
            case FAIL_OVER ->
                errands.askSentinel(
                        what.sentinel(),
                        List.of(Query.of(CommandType.SENTINEL, "FAILOVER", shard)),
                        ANSWER_NANOS_MAX,
                        told -> guarded(() -> came(told)));
            case AWAIT_PROMOTED -> lookForPromotion(what);
            case AWAIT_CLAIM -> lookForClaim(what);
            case DEMOTE -> demote(what);
            case UNPAUSE -> node(what.primary(), UNPAUSE);
            case RELEASE -> {
                loop.releaseWrites();
                came(Outcome.DONE, "");
            }
            case RESTORE -> prioritise(what, false);
            case AWAIT_QUIET ->
                came(
                        account() != null || clock.nowNanos() - stepNanos >= QUIET_NANOS_MAX
                                ? Outcome.DONE
                                : Outcome.NOT_YET,
                        "");
            case END -> conclude(what, order);
        }
    }

    private void node(NodeAddress node, Query query) {
        errands.askNode(node, List.of(query), ANSWER_NANOS_MAX, told -> guarded(() -> came(told)));
    }

    /** On the way back the node may have closed our connection, as it does when it is promoted: that is tried again. */
    private void prioritise(SwitchoverPlan what, boolean first) {
        Steering steering = what.steering();
        if (steering == null) {
            came(Outcome.DONE, "");
            return;
        }
        String priority = Long.toString(first ? steering.meanwhile() : steering.before());
        Query set = Query.of(CommandType.CONFIG, "SET", "replica-priority", priority);
        errands.askNode(
                steering.node(),
                List.of(set),
                ANSWER_NANOS_MAX,
                told -> guarded(() -> {
                    String trouble = told.trouble();
                    if (first && trouble == null) {
                        say("replica-priority of " + steering.node() + " is " + priority + " for now, was "
                                + steering.before());
                    } else if (trouble == null) {
                        rewrite(steering.node());
                    }
                    Outcome wrong = first ? Outcome.FAILED : Outcome.NOT_YET;
                    came(trouble == null ? Outcome.DONE : wrong, trouble == null ? "" : trouble);
                }));
    }

    /** The sentinels have the node they promote save its configuration, with the priority of the meantime in it. */
    private void rewrite(NodeAddress node) {
        errands.askNode(
                node,
                List.of(Query.of(CommandType.CONFIG, "REWRITE")),
                ANSWER_NANOS_MAX,
                told -> log.debug("switchover: CONFIG REWRITE on {}: {}", node, told.trouble()));
    }

    private void steered(Told told, SwitchoverPlan what) {
        Steering steering = what.steering();
        if (told.trouble() != null || steering == null) {
            came(told);
            return;
        }
        boolean known = told.replies().get(0).maps().stream()
                .anyMatch(replica -> steering.node().equals(InfoReply.address(replica.get("ip"), replica.get("port")))
                        && SwitchoverFacts.number(replica, "slave-priority") == steering.meanwhile());
        came(
                known ? Outcome.DONE : Outcome.NOT_YET,
                known ? "" : "sentinel " + what.sentinel() + " does not know of it");
    }

    /** Nothing is executed any more, so the primary's offset stands: whoever has come to it holds everything. */
    private void compare(SwitchoverPlan what) {
        List<NodeAddress> asked = new ArrayList<>(what.candidates());
        asked.add(what.primary());
        Map<NodeAddress, Map<String, String>> said = new LinkedHashMap<>();
        for (NodeAddress node : asked) {
            errands.askNode(
                    node,
                    List.of(REPLICATION),
                    OFFSET_NANOS_MAX,
                    told -> guarded(() -> {
                        said.put(
                                node,
                                told.trouble() == null
                                        ? InfoReply.of(told.replies()).fields()
                                        : Map.of());
                        if (said.size() == asked.size()) {
                            compared(said, what);
                        }
                    }));
        }
    }

    private void compared(Map<NodeAddress, Map<String, String>> said, SwitchoverPlan what) {
        Map<String, String> primary = said.getOrDefault(what.primary(), Map.of());
        if (!"master".equals(primary.get("role"))) {
            came(Outcome.FAILED, "the primary " + what.primary() + " does not answer as one");
            return;
        }
        long offset = SwitchoverFacts.number(primary, "master_repl_offset");
        for (NodeAddress candidate : what.candidates()) {
            Map<String, String> replica = said.getOrDefault(candidate, Map.of());
            if (!"up".equals(replica.get("master_link_status"))
                    || SwitchoverFacts.number(replica, "slave_repl_offset") != offset) {
                came(
                        Outcome.NOT_YET,
                        replica.isEmpty()
                                ? candidate + " does not answer"
                                : candidate + " is at " + replica.get("slave_repl_offset") + " of " + offset);
                return;
            }
        }
        came(Outcome.DONE, "at offset " + offset);
    }

    /** By their own word: it comes most of a second before the sentinels', who look once a second. */
    private void lookForPromotion(SwitchoverPlan what) {
        pauseOn(what);
        if (promoted != null) {
            came(Outcome.DONE, promoted.toString());
            return;
        }
        if (loop.table().epoch() != what.epoch()) {
            lookForClaim(what);
            return;
        }
        List<NodeAddress> silent = new ArrayList<>(what.candidates());
        for (NodeAddress candidate : what.candidates()) {
            errands.askNode(
                    candidate,
                    List.of(REPLICATION),
                    OFFSET_NANOS_MAX,
                    told -> guarded(() -> {
                        silent.remove(candidate);
                        if (told.trouble() == null
                                && "master"
                                        .equals(InfoReply.of(told.replies())
                                                .fields()
                                                .get("role"))) {
                            promoted = candidate;
                        }
                        if (silent.isEmpty()) {
                            came(
                                    promoted == null ? Outcome.NOT_YET : Outcome.DONE,
                                    promoted == null ? "nobody was promoted" : promoted.toString());
                        }
                    }));
        }
    }

    private void lookForClaim(SwitchoverPlan what) {
        if (!demoted) {
            pauseOn(what);
        }
        RoutingTable table = loop.table();
        RoutingTable.Node primary = table.primary();
        if (table.epoch() == what.epoch() || primary == null || !table.writes().open()) {
            came(Outcome.NOT_YET, "the sentinels have not made another node primary");
        } else if (primary.address().equals(what.primary())) {
            came(Outcome.FAILED, "the sentinels kept " + what.primary());
        } else {
            promoted = primary.address();
            came(Outcome.DONE, promoted + " in epoch " + table.epoch());
        }
    }

    private void pauseOn(SwitchoverPlan what) {
        long nowNanos = clock.nowNanos();
        if (nowNanos - pausedNanos >= RENEWAL_NANOS) {
            pausedNanos = nowNanos;
            errands.askNode(what.primary(), List.of(PAUSE), ANSWER_NANOS_MAX, told -> {
                if (told.trouble() != null) {
                    log.warn("switchover: {} cannot be paused any longer: {}", what.primary(), told.trouble());
                }
            });
        }
    }

    private void demote(SwitchoverPlan what) {
        NodeAddress primary = promoted;
        if (primary == null) {
            came(Outcome.FAILED, "nobody was promoted");
            return;
        }
        node(what.primary(), Query.of(CommandType.REPLICAOF, primary.host(), Integer.toString(primary.port())));
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
        SwitchoverSteps order = steps;
        SwitchoverPlan planned = plan;
        if (over || order == null || planned == null) {
            return;
        }
        long nowNanos = clock.nowNanos();
        Step step = order.step();
        if (outcome == Outcome.DONE) {
            done(step, what, nowNanos);
        }
        Step next = order.told(outcome, what, nowNanos);
        if (outcome == Outcome.NOT_YET && next == step) {
            boolean patient = step == Step.AWAIT_STEERED || step == Step.AWAIT_QUIET || step == Step.RESTORE;
            later(patient ? PATIENT_NANOS : AGAIN_NANOS, () -> attempt(step, planned, order));
            return;
        }
        if (outcome != Outcome.DONE) {
            say(step.label() + " failed: " + what);
        }
        take(next, planned, order);
    }

    private void done(Step step, String what, long nowNanos) {
        if (step != Step.AWAIT_QUIET) {
            say(step.label() + " done" + (what.isEmpty() ? "" : ": " + what));
        }
        if (step == Step.PAUSE) {
            pausedNanos = nowNanos;
            timeline.switchoverStep(Phase.PAUSED, nowNanos);
        } else if (step == Step.DEMOTE) {
            demoted = true;
        } else if (step == Step.AWAIT_OFFSETS) {
            timeline.switchoverStep(Phase.CAUGHT_UP, nowNanos);
        }
    }

    private void conclude(SwitchoverPlan what, SwitchoverSteps order) {
        String reason = order.reason();
        String undone = order.undone();
        if (!order.switched()) {
            if (!order.handedOver()) {
                timeline.switchoverTakenBack(clock.nowNanos());
            }
            String rest = order.handedOver()
                    ? "; the sentinels had been told to fail over and may still do so: PROXY TOPOLOGY, PROXY FAILOVERS"
                    : "";
            rest += undone == null ? "; what was changed is taken back" : "; could not be taken back: " + undone;
            say("aborted: " + reason + rest);
            finish(false, List.of("not switched: " + reason + rest), ABORTED);
            return;
        }
        boolean wanted = what.candidates().contains(promoted);
        String verdict = (wanted ? "switched to " + promoted : "switched to " + promoted + ", not to " + what.target())
                + SwitchoverReport.felt(account());
        say(verdict);
        if (undone != null) {
            say("left undone: " + undone);
        }
        finish(wanted, wanted ? lines : List.of(verdict), wanted ? SWITCHED : ELSEWHERE);
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
            came(Outcome.FAILED, Reasons.of(e));
        } catch (RuntimeException e) {
            log.error("switchover: failed by a mistake of this proxy", e);
            loop.releaseWrites();
            finish(false, List.of("not switched: a mistake of this proxy, see its log"), ABORTED);
        }
    }
}
