package io.tidegate.proxy.control;

import io.lettuce.core.protocol.CommandType;
import io.tidegate.proxy.control.Errands.Told;
import io.tidegate.proxy.control.SwitchoverFacts.Node;
import io.tidegate.proxy.control.SwitchoverFacts.Sentinel;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks what a switchover is judged by: every node at once, and the sentinels in turn until one answers. */
final class SwitchoverSurvey {
    private static final List<Query> INFO = List.of(Query.of(CommandType.INFO));

    private final Errands errands;
    private final String shard;
    private final RoutingTable table;
    private final Deque<NodeAddress> sentinels;
    private final long nanosMax;
    private final Map<NodeAddress, Node> nodes = new LinkedHashMap<>();
    private final List<NodeAddress> asked = new ArrayList<>();
    private @Nullable Sentinel sentinel;

    SwitchoverSurvey(Errands errands, String shard, RoutingTable table, List<NodeAddress> sentinels, long nanosMax) {
        this.errands = errands;
        this.shard = shard;
        this.table = table;
        this.sentinels = new ArrayDeque<>(sentinels);
        this.nanosMax = nanosMax;
        RoutingTable.Node primary = table.primary();
        if (primary != null) {
            asked.add(primary.address());
        }
        table.replicas().forEach(replica -> asked.add(replica.node().address()));
    }

    void ask(Consumer<SwitchoverFacts> then) {
        for (NodeAddress address : asked) {
            errands.askNode(address, INFO, nanosMax, told -> {
                nodes.put(address, node(told));
                tell(then);
            });
        }
        askSentinel("none is known", then);
    }

    private void askSentinel(String failure, Consumer<SwitchoverFacts> then) {
        NodeAddress address = sentinels.poll();
        if (address == null) {
            sentinel = new Sentinel(new NodeAddress("none", 1), null, Map.of(), List.of(), failure);
            tell(then);
            return;
        }
        List<Query> queries = List.of(
                Query.of(CommandType.SENTINEL, "CKQUORUM", shard),
                Query.of(CommandType.SENTINEL, "MASTER", shard),
                Query.of(CommandType.SENTINEL, "REPLICAS", shard));
        errands.askSentinel(address, queries, nanosMax, told -> {
            if (told.failure() != null) {
                askSentinel(address + ": " + told.failure(), then);
                return;
            }
            String quorum = told.replies().get(0).error();
            sentinel = new Sentinel(
                    address,
                    quorum == null ? null : Reasons.printable(quorum),
                    told.replies().get(1).map(),
                    told.replies().get(2).maps(),
                    null);
            tell(then);
        });
    }

    private static Node node(Told told) {
        String trouble = told.trouble();
        return trouble == null ? new Node(InfoReply.of(told.replies()).fields(), null) : new Node(Map.of(), trouble);
    }

    private void tell(Consumer<SwitchoverFacts> then) {
        Sentinel answered = sentinel;
        if (answered != null && nodes.size() == asked.size()) {
            then.accept(new SwitchoverFacts(table, nodes, answered));
        }
    }
}
