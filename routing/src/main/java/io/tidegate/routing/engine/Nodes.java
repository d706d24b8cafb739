package io.tidegate.routing.engine;

import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of the shard, in the order in which they became known. Their number is bounded, their ids are never used
 * again, and one that no list has named for a while is forgotten.
 */
final class Nodes {
    private final EngineSettings settings;
    private final Outbox outbox;
    private final Warnings warnings;
    private final Map<NodeAddress, NodeView> views = new LinkedHashMap<>();
    private int nextId;
    private boolean refused;

    Nodes(EngineSettings settings, Outbox outbox, Warnings warnings) {
        this.settings = settings;
        this.outbox = outbox;
        this.warnings = warnings;
    }

    @Nullable NodeView get(NodeAddress address) {
        return views.get(address);
    }

    Collection<NodeView> all() {
        return views.values();
    }

    /**
     * A sentinel names this node as primary: watch it, though there be too many already. Sentinels go on naming replicas
     * that are gone for good, and the one down longest makes room; never the primary in use. Null if none can.
     */
    @Nullable NodeView namePrimary(NodeAddress address, @Nullable NodeAddress inUse, long nowNanos) {
        if (views.size() >= settings.nodesMax() && !views.containsKey(address)) {
            views.values().stream()
                    .filter(node -> node.lostNanos() != Instants.UNKNOWN
                            && !node.address().equals(inUse))
                    .min(Comparator.comparingLong(NodeView::lostNanos))
                    .ifPresent(node -> forget(node.address()));
        }
        return name(address, nowNanos);
    }

    /** Somebody names this node: watch it. Null if there are too many already. */
    @Nullable NodeView name(NodeAddress address, long nowNanos) {
        NodeView known = views.get(address);
        if (known != null) {
            known.named(nowNanos);
            return known;
        }
        if (views.size() >= settings.nodesMax()) {
            refuse(address);
            return null;
        }
        NodeView created = new NodeView(address, nextId++, sameZone(address), nowNanos);
        views.put(address, created);
        outbox.add(new Action.WatchNode(address));
        return created;
    }

    /**
     * Forgets what no list has named for a while. Called when a list was heard, so that silence of everybody who could
     * name a node makes none forgotten.
     */
    void forgetUnnamed(@Nullable NodeAddress primary, long nowNanos) {
        List<NodeAddress> unnamed = new ArrayList<>();
        for (NodeView node : views.values()) {
            if (nowNanos - node.namedNanos() > Limits.FORGET_NANOS
                    && !node.address().equals(primary)) {
                unnamed.add(node.address());
            }
        }
        unnamed.forEach(this::forget);
    }

    /** What is odd about the nodes now: who cannot be asked. */
    List<Finding> findings() {
        List<Finding> found = new ArrayList<>();
        for (NodeView node : views.values()) {
            Fault fault = node.fault();
            if (fault != null) {
                String about = "node " + node.address();
                found.add(new Finding(kind(fault), about, about + " cannot be used: " + node.lostReason()));
            }
        }
        return found;
    }

    private static WarningKind kind(Fault fault) {
        return switch (fault) {
            case UNREACHABLE -> WarningKind.NODE_UNREACHABLE;
            case CREDENTIALS -> WarningKind.NODE_CREDENTIALS;
            case NO_RESP3, WRONG_KIND -> WarningKind.NOT_A_NODE;
        };
    }

    private void forget(NodeAddress address) {
        views.remove(address);
        outbox.add(new Action.ForgetNode(address));
    }

    private boolean sameZone(NodeAddress address) {
        return settings.zone() == null
                || settings.zone().equals(settings.zones().get(address));
    }

    private void refuse(NodeAddress address) {
        if (!refused) {
            refused = true;
            warnings.happened(
                    WarningKind.TOO_MANY,
                    "node " + address + " is not watched: nodes: " + (views.size() + 1) + " (expected: <= "
                            + settings.nodesMax() + ")");
        }
    }
}
