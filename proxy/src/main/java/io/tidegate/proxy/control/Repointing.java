package io.tidegate.proxy.control;

import io.tidegate.proxy.Clock;
import io.tidegate.proxy.control.Promotion.Finder;
import io.tidegate.proxy.control.SwitchoverSteps.Outcome;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Has nodes follow the one that is primary. Nobody is told on knowledge that has grown old: each time the primary has to say
 * that it is one and the node that it still is as it was, and the order is given at once or after another look.
 */
final class Repointing {
    /** Nobody waits for this, and whoever was silent has to be connected to anew. */
    private static final long ANSWER_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(1_500);

    /** From the look to the order. A process that was stopped in between looks again. */
    private static final long FRESH_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(500);

    /** Nobody is told to follow a primary that has not said for so long that it is one. */
    private static final long PRIMARY_SILENT_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(2_000);

    /**
     * @param before whom it says that it follows if it is to be told; null if it is to be told when it says that it is primary
     * @param whom it is to follow
     */
    record Order(NodeAddress node, @Nullable NodeAddress before, NodeAddress whom) {}

    private final Clock clock;
    private final MarkedReplicas replicas;
    private final SwitchoverLooks looks;

    /** What became of each that needs nothing more. */
    private final Map<NodeAddress, String> settled = new LinkedHashMap<>();

    /** When the first look began, or the latest in which the primary said that it is one. */
    private long primarySaidNanos = Instants.UNKNOWN;

    Repointing(Clock clock, MarkedReplicas replicas, SwitchoverLooks looks) {
        this.clock = clock;
        this.replicas = replicas;
        this.looks = looks;
    }

    /** One look, and the orders that come of it; done when every node follows, or is found to be somebody else's. */
    void look(NodeAddress primary, List<Order> orders, Finder finder) {
        List<Order> left = orders.stream()
                .filter(order -> !settled.containsKey(order.node()))
                .toList();
        List<NodeAddress> asked = new ArrayList<>(List.of(primary));
        left.forEach(order -> asked.add(order.node()));
        long askedNanos = clock.nowNanos();
        if (primarySaidNanos == Instants.UNKNOWN) {
            primarySaidNanos = askedNanos;
        }
        looks.replication(asked, ANSWER_NANOS_MAX, said -> {
            if (!"master".equals(said.getOrDefault(primary, Map.of()).get("role"))) {
                boolean gone = clock.nowNanos() - primarySaidNanos >= PRIMARY_SILENT_NANOS_MAX;
                finder.found(gone ? Outcome.FAILED : Outcome.NOT_YET, primary + " does not say that it is primary");
                return;
            }
            primarySaidNanos = askedNanos;
            boolean fresh = clock.nowNanos() - askedNanos <= FRESH_NANOS_MAX;
            List<String> missing = new ArrayList<>();
            for (Order order : left) {
                String lacks = judge(order, said.getOrDefault(order.node(), Map.of()), fresh);
                if (lacks != null) {
                    missing.add(order.node() + " " + lacks);
                }
            }
            boolean done = missing.isEmpty();
            finder.found(done ? Outcome.DONE : Outcome.NOT_YET, String.join(", ", done ? settled.values() : missing));
        });
    }

    /** What it lacks; null if nothing, or nothing that is ours to give. */
    private @Nullable String judge(Order order, Map<String, String> said, boolean fresh) {
        if (said.isEmpty()) {
            return "does not answer";
        }
        NodeAddress follows = InfoReply.address(said.get("master_host"), said.get("master_port"));
        boolean replica = "slave".equals(said.get("role"));
        if (replica && order.whom().equals(follows)) {
            if (!"up".equals(said.get("master_link_status"))) {
                return "has no link to " + order.whom() + " yet";
            }
            settled.put(order.node(), order.node() + " follows " + order.whom());
            return null;
        }
        boolean asBefore = replica ? order.before() != null && order.before().equals(follows) : order.before() == null;
        if (!asBefore) {
            settled.put(
                    order.node(),
                    order.node() + " was left alone, as it "
                            + (replica ? "follows " + follows : "says that it is primary"));
            return null;
        }
        if (fresh) {
            replicas.follow(order.node(), order.whom(), told -> {});
        }
        return "is told to follow " + order.whom();
    }
}
