package io.tidegate.proxy.control;

import io.lettuce.core.protocol.CommandType;
import io.tidegate.proxy.control.Errands.Told;
import io.tidegate.proxy.control.SwitchoverFacts.Node;
import io.tidegate.proxy.control.SwitchoverFacts.Sentinel;
import io.tidegate.proxy.control.SwitchoverFacts.Trial;
import io.tidegate.proxy.loop.Reasons;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Asks what a switchover is judged by: every node at once, and the sentinels in turn until one answers. Where there are no
 * sentinels nodes are also given orders that none of them can carry out, whatever it is: how that is refused tells whether
 * the same orders with other arguments would be.
 */
final class SwitchoverSurvey {
    private static final List<Query> INFO = List.of(Query.of(CommandType.INFO));
    private static final List<Query> TRIAL = List.of(
            INFO.get(0),
            Query.of(CommandType.CLIENT, "INFO"),
            Query.of(MarkedPrimary.FAILOVER, "TIMEOUT", "0"),
            Query.of(CommandType.REPLICAOF, "nobody", "-1"));
    private static final Pattern REACHED_AT = Pattern.compile("(?:^| )laddr=(\\S+)");

    private final Errands errands;
    private final @Nullable String shard;
    private final RoutingTable table;
    private final Deque<NodeAddress> sentinels;
    private final long nanosMax;
    private final Map<NodeAddress, Node> nodes = new LinkedHashMap<>();
    private final List<NodeAddress> asked = new ArrayList<>();
    private @Nullable Sentinel sentinel;

    /** @param shard by which the sentinels know it; null if there are none */
    SwitchoverSurvey(
            Errands errands, @Nullable String shard, RoutingTable table, List<NodeAddress> sentinels, long nanosMax) {
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
            errands.askNode(address, shard == null ? TRIAL : INFO, nanosMax, told -> {
                nodes.put(address, node(told));
                tell(then);
            });
        }
        if (shard != null) {
            askSentinel(shard, "none is known", then);
        }
    }

    private void askSentinel(String name, String failure, Consumer<SwitchoverFacts> then) {
        NodeAddress address = sentinels.poll();
        if (address == null) {
            sentinel = new Sentinel(name, new NodeAddress("none", 1), null, Map.of(), List.of(), failure);
            tell(then);
            return;
        }
        List<Query> queries = List.of(
                Query.of(CommandType.SENTINEL, "CKQUORUM", name),
                Query.of(CommandType.SENTINEL, "MASTER", name),
                Query.of(CommandType.SENTINEL, "REPLICAS", name));
        errands.askSentinel(address, queries, nanosMax, told -> {
            if (told.failure() != null) {
                askSentinel(name, address + ": " + told.failure(), then);
                return;
            }
            String quorum = told.replies().get(0).error();
            sentinel = new Sentinel(
                    name,
                    address,
                    quorum == null ? null : Reasons.printable(quorum),
                    told.replies().get(1).map(),
                    told.replies().get(2).maps(),
                    null);
            tell(then);
        });
    }

    private static Node node(Told told) {
        String failure =
                told.failure() != null ? told.failure() : told.replies().get(0).error();
        if (failure != null) {
            return new Node(Map.of(), Reasons.printable(failure));
        }
        List<Reply> replies = told.replies();
        return new Node(
                InfoReply.of(replies.subList(0, 1)).fields(),
                null,
                replies.size() == 1 ? Trial.NONE : trial(replies.get(1), replies.get(2), replies.get(3)));
    }

    private static Trial trial(Reply client, Reply failover, Reply replicaOf) {
        Matcher reachedAt = REACHED_AT.matcher(client.value() instanceof String line ? line : "");
        return new Trial(
                reachedAt.find() ? NodeAddress.parse(reachedAt.group(1)) : null,
                Reasons.printable(failover.error()),
                Reasons.printable(replicaOf.error()));
    }

    private void tell(Consumer<SwitchoverFacts> then) {
        boolean complete = nodes.size() == asked.size() && (shard == null || sentinel != null);
        if (complete) {
            then.accept(new SwitchoverFacts(table, nodes, sentinel));
        }
    }
}
