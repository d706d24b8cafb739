package io.tidegate.proxy.metrics;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable.Node;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop counts of the requests it sent to each node: why there, and how long they took. Written by the loop's
 * thread alone; {@link EnumCounters} says how a reader sees it.
 */
// Arrays by ordinal, as in EnumCounters: nothing keeps an ordinal.
@SuppressWarnings("EnumOrdinal")
final class NodeStats {
    /** Node ids are never used again, and a proxy may see many in its life: beyond this they are counted as one. */
    static final int NODES_MAX = 256;

    private static final int LEVELS = ReadLevel.Kind.values().length;

    /** Where the histograms of a node lie: those of whole requests, by group and level, those of reads' staleness, by level. */
    private static final int STALENESS = RequestGroup.values().length * LEVELS;

    private static final int UPSTREAM = STALENESS + LEVELS;

    /** By node id, then reason. Replaced when it grows; volatile, so that a reader finds rows that are complete. */
    private volatile Row[] rows = {};

    /** The requests sent to one node. */
    private record Row(@Nullable NodeAddress node, EnumCounters<RouteReason> byReason, Histograms durations) {}

    /** Sees what {@link #eachRoute} has counted. */
    interface RouteVisitor {
        void route(@Nullable NodeAddress node, RouteReason reason, long count);
    }

    void routed(Node node, RouteReason reason, int requestCount) {
        row(node).byReason.add(reason, requestCount);
    }

    void answered(
            RequestGroup group, ReadLevel.Kind level, Node node, int replies, long totalNanos, long upstreamNanos) {
        Histograms durations = row(node).durations;
        durations.add(group.ordinal() * LEVELS + level.ordinal(), totalNanos, replies);
        durations.add(UPSTREAM, upstreamNanos, replies);
    }

    void readStale(ReadLevel.Kind level, Node node, int reads, long ageNanos) {
        row(node).durations.add(STALENESS + level.ordinal(), ageNanos, reads);
    }

    /** Visits every node and reason that was counted at least once; a null node stands for all beyond the limit. */
    void eachRoute(RouteVisitor visitor) {
        for (Row row : rows) {
            if (row != null) {
                for (RouteReason reason : RouteReason.values()) {
                    long count = row.byReason.get(reason);
                    if (count > 0) {
                        visitor.route(row.node, reason, count);
                    }
                }
            }
        }
    }

    /** Visits the histograms of every node; a null node stands for all beyond the limit. */
    void eachDuration(DurationVisitor visitor) {
        for (Row row : rows) {
            if (row != null) {
                for (ReadLevel.Kind level : ReadLevel.Kind.values()) {
                    for (RequestGroup group : RequestGroup.values()) {
                        int one = group.ordinal() * LEVELS + level.ordinal();
                        visitor.request(row.node, group, level, row.durations, one);
                    }
                    visitor.staleness(row.node, level, row.durations, STALENESS + level.ordinal());
                }
                visitor.upstream(row.node, row.durations, UPSTREAM);
            }
        }
    }

    /** What {@code node} is called in a tag; null stands for all beyond the limit. */
    static String name(@Nullable NodeAddress node) {
        return node == null ? LabelCounters.OTHER : node.toString();
    }

    private Row row(Node node) {
        int id = Math.min(node.id(), NODES_MAX);
        Row[] known = rows;
        Row row = id < known.length ? known[id] : null;
        return row == null ? newRow(id, node) : row;
    }

    private Row newRow(int id, Node node) {
        Row row = new Row(
                id == NODES_MAX ? null : node.address(),
                new EnumCounters<>(RouteReason.class),
                new Histograms(UPSTREAM + 1));
        Row[] grown = Arrays.copyOf(rows, Math.max(rows.length, id + 1));
        grown[id] = row;
        rows = grown;
        return row;
    }
}
