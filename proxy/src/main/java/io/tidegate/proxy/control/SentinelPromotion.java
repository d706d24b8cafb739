package io.tidegate.proxy.control;

import io.lettuce.core.protocol.CommandType;
import io.tidegate.proxy.Clock;
import io.tidegate.proxy.control.Errands.Told;
import io.tidegate.proxy.control.SentinelMeans.Steering;
import io.tidegate.proxy.control.SwitchoverSteps.Outcome;
import io.tidegate.routing.NodeAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A sentinel is told to fail over. */
final class SentinelPromotion implements Promotion {
    private static final Logger log = LoggerFactory.getLogger(SentinelPromotion.class);

    private static final long ANSWER_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(1_500);

    /** A sentinel looks at its failover's time ten times a second; well below what the step may take, so that we end it. */
    private static final long CALL_OFF_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(2_000);

    private final Errands errands;
    private final Clock clock;
    private final SwitchoverPlan plan;
    private final SentinelMeans means;
    private final MarkedPrimary primary;
    private final SwitchoverLooks looks;
    private boolean shortened;
    private long shortenedNanos;

    SentinelPromotion(
            Errands errands,
            Clock clock,
            SwitchoverPlan plan,
            SentinelMeans means,
            MarkedPrimary primary,
            SwitchoverLooks looks) {
        this.errands = errands;
        this.clock = clock;
        this.plan = plan;
        this.means = means;
        this.primary = primary;
        this.looks = looks;
    }

    @Override
    public SwitchoverSteps steps() {
        return SwitchoverSteps.bySentinels(means.steering() != null, means.downAfterMillis());
    }

    @Override
    public void steer(Finder finder) {
        prioritise(true, finder);
    }

    @Override
    public void restore(Finder finder) {
        prioritise(false, finder);
    }

    /** On the way back the node may have closed our connection, as it does when it is promoted: that is tried again. */
    private void prioritise(boolean first, Finder finder) {
        Steering steering = means.steering();
        if (steering == null) {
            finder.found(Outcome.DONE, "");
            return;
        }
        String priority = Long.toString(first ? steering.meanwhile() : steering.before());
        Query set = Query.of(CommandType.CONFIG, "SET", "replica-priority", priority);
        errands.askNode(steering.node(), List.of(set), ANSWER_NANOS_MAX, told -> {
            String trouble = told.trouble();
            if (trouble != null) {
                finder.found(first ? Outcome.FAILED : Outcome.NOT_YET, trouble);
            } else if (first) {
                finder.found(
                        Outcome.DONE,
                        "replica-priority of " + steering.node() + " is " + priority + " for now, was "
                                + steering.before());
            } else {
                rewrite(steering.node());
                finder.found(Outcome.DONE, "");
            }
        });
    }

    /** The sentinels have the node they promote save its configuration, with the priority of the meantime in it. */
    private void rewrite(NodeAddress node) {
        errands.askNode(
                node,
                List.of(Query.of(CommandType.CONFIG, "REWRITE")),
                ANSWER_NANOS_MAX,
                told -> log.debug("switchover: CONFIG REWRITE on {}: {}", node, told.trouble()));
    }

    /** Whether the sentinel knows whom it is to prefer. */
    @Override
    public void steered(Finder finder) {
        askSentinel(
                told -> {
                    Steering steering = means.steering();
                    if (told.trouble() != null || steering == null) {
                        finder.told(told);
                        return;
                    }
                    boolean known = told.replies().get(0).maps().stream()
                            .anyMatch(replica -> steering.node()
                                            .equals(InfoReply.address(replica.get("ip"), replica.get("port")))
                                    && SwitchoverFacts.number(replica, "slave-priority") == steering.meanwhile());
                    finder.found(
                            known ? Outcome.DONE : Outcome.NOT_YET,
                            known ? "" : "sentinel " + means.sentinel() + " does not know of it");
                },
                "REPLICAS",
                means.shard());
    }

    /** The sentinel has to be where it was judged to be, so that it fails over from this primary and answers when it is told to. */
    @Override
    public void caughtUp(Finder finder) {
        askSentinel(
                told -> {
                    String trouble = told.trouble();
                    String astray =
                            trouble == null ? astray(told.replies().get(0).map()) : trouble;
                    if (astray != null) {
                        finder.found(Outcome.NOT_YET, "sentinel " + means.sentinel() + ": " + astray);
                    } else {
                        looks.caughtUp(finder);
                    }
                },
                "MASTER",
                means.shard());
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

    @Override
    public void failOver(Finder finder) {
        askSentinel(
                told -> {
                    if (told.failure() == null) {
                        finder.told(told);
                    } else {
                        finder.found(Outcome.DONE, "not answered (" + told.failure() + ")");
                    }
                },
                "FAILOVER",
                means.shard());
    }

    @Override
    public void promoted(Consumer<NodeAddress> found, Finder otherwise) {
        looks.promoted(node -> {
            if (node == null) {
                otherwise.found(Outcome.NOT_YET, "nobody was promoted");
            } else {
                found.accept(node);
            }
        });
    }

    /**
     * Whether the sentinel has given up the failover that it was told to make. It waits for as long as {@code
     * failover-timeout} for a node that does not answer to be promoted, and all that writes wait for it: so it gets the
     * shortest there is, and its own back once it has given up.
     */
    @Override
    public void calledOff(Consumer<NodeAddress> found, Finder finder) {
        askSentinel(
                told -> {
                    String trouble = told.trouble();
                    if (trouble != null) {
                        finder.found(Outcome.FAILED, withSetting("sentinel " + means.sentinel() + ": " + trouble));
                        return;
                    }
                    Map<String, String> named = told.replies().get(0).map();
                    boolean under = flags(named).contains("failover_in_progress");
                    if (!names(named)
                            || (under
                                    && named.getOrDefault("failover-state", "").matches("reconf_.*|update_.*"))) {
                        restoreTimeout((outcome, words) -> findPromoted(found, finder), Outcome.DONE, "");
                    } else if (!under) {
                        restoreTimeout(finder, Outcome.DONE, "sentinel " + means.sentinel() + " fails over no more");
                    } else if (shortened && clock.nowNanos() - shortenedNanos >= CALL_OFF_NANOS_MAX) {
                        restoreTimeout(
                                finder, Outcome.FAILED, "sentinel " + means.sentinel() + " goes on failing over");
                    } else if (shortened || means.failoverTimeoutMillis() <= 0) {
                        finder.found(Outcome.NOT_YET, "sentinel " + means.sentinel() + " is failing over");
                    } else {
                        shortened = true;
                        shortenedNanos = clock.nowNanos();
                        setTimeout(1, finder, Outcome.NOT_YET, "sentinel " + means.sentinel() + " was told to give up");
                    }
                },
                "MASTER",
                means.shard());
    }

    private void findPromoted(Consumer<NodeAddress> found, Finder finder) {
        looks.promoted(node -> {
            if (node == null) {
                finder.found(Outcome.FAILED, "sentinel " + means.sentinel() + " has promoted one that does not answer");
            } else {
                found.accept(node);
            }
        });
    }

    private void restoreTimeout(Finder finder, Outcome outcome, String words) {
        if (shortened) {
            setTimeout(means.failoverTimeoutMillis(), finder, outcome, words);
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
                means.shard(),
                "failover-timeout",
                Long.toString(millis));
    }

    /** With what an operator has to mend, if anything. */
    private String withSetting(String words) {
        return shortened
                ? words + " (its failover-timeout may be 1: SENTINEL SET " + means.shard() + " failover-timeout "
                        + means.failoverTimeoutMillis() + ")"
                : words;
    }

    private void askSentinel(Consumer<Told> then, String... arguments) {
        errands.askSentinel(
                means.sentinel(), List.of(Query.of(CommandType.SENTINEL, arguments)), ANSWER_NANOS_MAX, then);
    }

    private static List<String> flags(Map<String, String> named) {
        return Arrays.asList(named.getOrDefault("flags", "").split(",", -1));
    }

    /** A sentinel that was before us has closed our connection. */
    @Override
    public void demote(NodeAddress promoted, Finder finder) {
        primary.follow(promoted, told -> {
            String failure = told.failure();
            if (failure == null) {
                finder.told(told);
            } else {
                Query replication = Query.of(CommandType.INFO, "replication");
                errands.askNode(plan.primary(), List.of(replication), ANSWER_NANOS_MAX, said -> {
                    boolean replica = said.trouble() == null
                            && InfoReply.of(said.replies()).is("role", "slave");
                    finder.found(replica ? Outcome.DONE : Outcome.FAILED, replica ? "by a sentinel" : failure);
                });
            }
        });
    }

    @Override
    public String mayStillHappen() {
        return "the sentinels had been told to fail over and may still do so: PROXY FENCE, PROXY FAILOVERS";
    }
}
