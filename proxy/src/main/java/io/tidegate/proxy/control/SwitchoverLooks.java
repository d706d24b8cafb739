package io.tidegate.proxy.control;

import io.lettuce.core.protocol.CommandType;
import io.tidegate.proxy.Clock;
import io.tidegate.proxy.control.Errands.Told;
import io.tidegate.proxy.control.Promotion.Finder;
import io.tidegate.proxy.control.SwitchoverSteps.Outcome;
import io.tidegate.routing.NodeAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What every switchover looks for at the nodes: each is looked at once whenever it is asked for. On the control loop. */
final class SwitchoverLooks {
    private static final long ANSWER_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(400);

    private static final Query REPLICATION = Query.of(CommandType.INFO, "replication");

    private final Errands errands;
    private final Clock clock;
    private final SwitchoverPlan plan;

    SwitchoverLooks(Errands errands, Clock clock, SwitchoverPlan plan) {
        this.errands = errands;
        this.clock = clock;
        this.plan = plan;
    }

    /** What each says of its part in replication, all asked at once; nothing of whoever does not answer in time. */
    void replication(List<NodeAddress> asked, Consumer<Map<NodeAddress, Map<String, String>>> then) {
        replication(asked, ANSWER_NANOS_MAX, then);
    }

    /** The same, for as long as that takes to be in time. */
    void replication(List<NodeAddress> asked, long nanosMax, Consumer<Map<NodeAddress, Map<String, String>>> then) {
        Map<NodeAddress, Map<String, String>> said = new LinkedHashMap<>();
        for (NodeAddress node : asked) {
            errands.askNode(node, List.of(REPLICATION), nanosMax, answer -> {
                said.put(node, fields(answer));
                if (said.size() == asked.size()) {
                    then.accept(said);
                }
            });
        }
    }

    /** Whether whoever may be promoted has come to the primary's offset, which stands as nothing is executed. */
    void caughtUp(Finder finder) {
        List<NodeAddress> asked = new ArrayList<>(plan.candidates());
        asked.add(plan.primary());
        replication(asked, said -> compare(said, finder));
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
                    || !Objects.equals(replica.get("master_replid"), primary.get("master_replid"))
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
     * primary is made a replica of it at once. By their own word: it comes most of a second before that of sentinels, who look
     * once a second.
     */
    void promoted(Consumer<@Nullable NodeAddress> then) {
        long askedNanos = clock.nowNanos();
        replication(plan.candidates(), said -> {
            boolean late = clock.nowNanos() - askedNanos > ANSWER_NANOS_MAX;
            then.accept(
                    late
                            ? null
                            : plan.candidates().stream()
                                    .filter(candidate -> "master"
                                            .equals(said.getOrDefault(candidate, Map.of())
                                                    .get("role")))
                                    .findFirst()
                                    .orElse(null));
        });
    }

    private static Map<String, String> fields(Told told) {
        return told.trouble() == null ? InfoReply.of(told.replies()).fields() : Map.of();
    }
}
