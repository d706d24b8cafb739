package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The actions of one step, in order; questions are asked once however many reasons there are for them. */
final class Outbox {
    private Action.@Nullable Publish published;
    private final List<Action> actions = new ArrayList<>();
    private final List<Action> told = new ArrayList<>();
    private final Set<NodeAddress> asked = new LinkedHashSet<>();
    private boolean sentinelsAsked;

    void add(Action action) {
        actions.add(action);
    }

    void tell(Notice notice) {
        told.add(new Action.Tell(notice));
    }

    void publish(RoutingTable table) {
        published = new Action.Publish(table);
    }

    void ask(NodeAddress node) {
        asked.add(node);
    }

    void askSentinels() {
        sentinelsAsked = true;
    }

    /** True if nothing was put in since the last drain. */
    boolean isEmpty() {
        return published == null && actions.isEmpty() && told.isEmpty() && asked.isEmpty() && !sentinelsAsked;
    }

    /**
     * Everything since the last call. First the table, for which requests wait; then watches, so that no question precedes
     * its connection; last what is only told, since whoever writes it down takes his time.
     */
    List<Action> drain() {
        List<Action> drained = new ArrayList<>();
        if (published != null) {
            drained.add(published);
        }
        drained.addAll(actions);
        asked.forEach(node -> drained.add(new Action.AskNode(node)));
        if (sentinelsAsked) {
            drained.add(new Action.AskSentinels());
        }
        drained.addAll(told);
        published = null;
        actions.clear();
        told.clear();
        asked.clear();
        sentinelsAsked = false;
        return List.copyOf(drained);
    }
}
