package io.tidegate.proxy.control;

import io.lettuce.core.protocol.CommandType;
import io.tidegate.proxy.Clock;
import io.tidegate.proxy.control.Errands.Told;
import io.tidegate.proxy.control.SwitchoverPlan.Steering;
import io.tidegate.proxy.control.SwitchoverSteps.Outcome;
import io.tidegate.routing.NodeAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a switchover waits for: each is looked at once whenever it is asked for. On the control loop. */
final class SwitchoverLooks {

    /** What was found, and it in words. */
    interface Finder {
        void found(Outcome outcome, String words);
    }

    private static final long ANSWER_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(1_500);
    private static final long OFFSET_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(400);

    /** A sentinel looks at its failover's time ten times a second; well below what the step may take, so that we end it. */
    private static final long CALL_OFF_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(2_000);

    private static final Query REPLICATION = Query.of(CommandType.INFO, "replication");

    private final Errands errands;
    private final Clock clock;
    private final SwitchoverPlan plan;
    private final String shard;
    private boolean shortened;
    private long shortenedNanos;

    SwitchoverLooks(Errands errands, Clock clock, SwitchoverPlan plan, String shard) {
        this.errands = errands;
        this.clock = clock;
        this.plan = plan;
        this.shard = shard;
    }

    /** Whether the sentinel knows whom it is to prefer. */
    void steered(Finder finder) {
        askSentinel(
                told -> {
                    Steering steering = plan.steering();
                    String trouble = told.trouble();
                    if (trouble != null || steering == null) {
                        finder.found(trouble == null ? Outcome.DONE : Outcome.FAILED, trouble == null ? "" : trouble);
                        return;
                    }
                    boolean known = told.replies().get(0).maps().stream()
                            .anyMatch(replica -> steering.node()
                                            .equals(InfoReply.address(replica.get("ip"), replica.get("port")))
                                    && SwitchoverFacts.number(replica, "slave-priority") == steering.meanwhile());
                    finder.found(
                            known ? Outcome.DONE : Outcome.NOT_YET,
                            known ? "" : "sentinel " + plan.sentinel() + " does not know of it");
                },
                "REPLICAS",
                shard);
    }

    /**
     * Whether whoever may be promoted has come to the primary's offset, which stands as nothing is executed; and whether the
     * sentinel still is where it was judged to be, so that it fails over from this primary and answers when it is told to.
     */
    void caughtUp(Finder finder) {
        List<NodeAddress> asked = new ArrayList<>(plan.candidates());
        asked.add(plan.primary());
        Map<NodeAddress, Map<String, String>> said = new LinkedHashMap<>();
        askSentinel(
                told -> {
                    String trouble = told.trouble();
                    String astray =
                            trouble == null ? astray(told.replies().get(0).map()) : trouble;
                    if (astray != null) {
                        finder.found(Outcome.NOT_YET, "sentinel " + plan.sentinel() + ": " + astray);
                        return;
                    }
                    for (NodeAddress node : asked) {
                        errands.askNode(node, List.of(REPLICATION), OFFSET_NANOS_MAX, answer -> {
                            said.put(node, fields(answer));
                            if (said.size() == asked.size()) {
                                compare(said, finder);
                            }
                        });
                    }
                },
                "MASTER",
                shard);
    }

    /** What keeps the sentinel from being told; null if nothing. */
    private @Nullable String astray(Map<String, String> named) {
        if (!names(named)) {
            return "names " + named.get("ip") + ":" + named.get("port") + " in epoch " + named.get("config-epoch");
        }
        String flags = named.getOrDefault("flags", "");
        return flags.equals("master") ? null : "says of the primary: " + flags;
    }

    private boolean names(Map<String, String> named) {
        return plan.primary().equals(InfoReply.address(named.get("ip"), named.get("port")))
                && SwitchoverFacts.number(named, "config-epoch") == plan.epoch();
    }

    private void compare(Map<NodeAddress, Map<String, String>> said, Finder finder) {
        Map<String, String> primary = said.getOrDefault(plan.primary(), Map.of());
        if (!"master".equals(primary.get("role"))) {
            finder.found(Outcome.FAILED, "the primary " + plan.primary() + " does not answer as one");
            return;
        }
        long offset = SwitchoverFacts.number(primary, "master_repl_offset");
        for (NodeAddress candidate : plan.candidates()) {
            Map<String, String> replica = said.getOrDefault(candidate, Map.of());
            if (replica.isEmpty()) {
                finder.found(Outcome.NOT_YET, candidate + " does not answer");
                return;
            }
            if (!"up".equals(replica.get("master_link_status"))
                    || !plan.primary().equals(InfoReply.address(replica.get("master_host"), replica.get("master_port")))
                    || SwitchoverFacts.number(replica, "slave_repl_offset") != offset) {
                finder.found(
                        Outcome.NOT_YET, candidate + " is at " + replica.get("slave_repl_offset") + " of " + offset);
                return;
            }
        }
        finder.found(Outcome.DONE, "at offset " + offset);
    }

    /**
     * Who says that it is primary, of those that may be; null if nobody does, or answers too late to be believed: the old
     * primary is made a replica of it at once. By their own word: it comes most of a second before the sentinels', who look
     * once a second.
     */
    void promoted(Consumer<@Nullable NodeAddress> then) {
        long askedNanos = clock.nowNanos();
        List<NodeAddress> silent = new ArrayList<>(plan.candidates());
        List<NodeAddress> primaries = new ArrayList<>();
        for (NodeAddress candidate : plan.candidates()) {
            errands.askNode(candidate, List.of(REPLICATION), OFFSET_NANOS_MAX, told -> {
                silent.remove(candidate);
                if ("master".equals(fields(told).get("role"))) {
                    primaries.add(candidate);
                }
                if (silent.isEmpty()) {
                    boolean late = clock.nowNanos() - askedNanos > OFFSET_NANOS_MAX;
                    then.accept(primaries.isEmpty() || late ? null : primaries.get(0));
                }
            });
        }
    }

    /**
     * Whether the sentinel has given up the failover that it was told to make. It waits for as long as {@code
     * failover-timeout} for a node that does not answer to be promoted, and all that writes wait for it: so it gets the
     * shortest there is, and its own back once it has given up.
     *
     * @param promoted run instead if it has promoted one after all
     */
    void calledOff(Finder finder, Runnable promoted) {
        askSentinel(
                told -> {
                    String trouble = told.trouble();
                    if (trouble != null) {
                        finder.found(Outcome.FAILED, withSetting("sentinel " + plan.sentinel() + ": " + trouble));
                        return;
                    }
                    Map<String, String> named = told.replies().get(0).map();
                    boolean under = flags(named).contains("failover_in_progress");
                    if (!names(named)
                            || (under
                                    && named.getOrDefault("failover-state", "").matches("reconf_.*|update_.*"))) {
                        restore((outcome, words) -> promoted.run(), Outcome.DONE, "");
                    } else if (!under) {
                        restore(finder, Outcome.DONE, "sentinel " + plan.sentinel() + " fails over no more");
                    } else if (shortened && clock.nowNanos() - shortenedNanos >= CALL_OFF_NANOS_MAX) {
                        restore(finder, Outcome.FAILED, "sentinel " + plan.sentinel() + " goes on failing over");
                    } else if (shortened || plan.failoverTimeoutMillis() <= 0) {
                        finder.found(Outcome.NOT_YET, "sentinel " + plan.sentinel() + " is failing over");
                    } else {
                        shortened = true;
                        shortenedNanos = clock.nowNanos();
                        setTimeout(1, finder, Outcome.NOT_YET, "sentinel " + plan.sentinel() + " was told to give up");
                    }
                },
                "MASTER",
                shard);
    }

    private void restore(Finder finder, Outcome outcome, String words) {
        if (shortened) {
            setTimeout(plan.failoverTimeoutMillis(), finder, outcome, words);
        } else {
            finder.found(outcome, words);
        }
    }

    private void setTimeout(long millis, Finder finder, Outcome outcome, String words) {
        askSentinel(
                told -> {
                    String trouble = told.trouble();
                    finder.found(
                            trouble == null ? outcome : Outcome.FAILED,
                            trouble == null ? words : withSetting(words + ": " + trouble));
                },
                "SET",
                shard,
                "failover-timeout",
                Long.toString(millis));
    }

    /** With what an operator has to mend, if anything. */
    private String withSetting(String words) {
        return shortened
                ? words + " (its failover-timeout may be 1: SENTINEL SET " + shard + " failover-timeout "
                        + plan.failoverTimeoutMillis() + ")"
                : words;
    }

    private void askSentinel(Consumer<Told> then, String... arguments) {
        errands.askSentinel(
                plan.sentinel(), List.of(Query.of(CommandType.SENTINEL, arguments)), ANSWER_NANOS_MAX, then);
    }

    private static List<String> flags(Map<String, String> named) {
        return Arrays.asList(named.getOrDefault("flags", "").split(",", -1));
    }

    private static Map<String, String> fields(Told told) {
        return told.trouble() == null ? InfoReply.of(told.replies()).fields() : Map.of();
    }
}
