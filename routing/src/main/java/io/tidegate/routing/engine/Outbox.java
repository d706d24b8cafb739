package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The actions of one step, in order; questions are asked once however many reasons there are for them. */
final class Outbox {
    private final List<Action> actions = new ArrayList<>();
    private final Set<NodeAddress> asked = new LinkedHashSet<>();
    private boolean sentinelsAsked;

    void add(Action action) {
        actions.add(action);
    }

    void tell(Notice notice) {
        actions.add(new Action.Tell(notice));
    }

    void ask(NodeAddress node) {
        asked.add(node);
    }

    void askSentinels() {
        sentinelsAsked = true;
    }

    /** True if nothing was put in since the last drain. */
    boolean isEmpty() {
        return actions.isEmpty() && asked.isEmpty() && !sentinelsAsked;
    }

    /** Everything since the last call: tables and watches first, so that a question never precedes its connection. */
    List<Action> drain() {
        asked.forEach(node -> actions.add(new Action.AskNode(node)));
        if (sentinelsAsked) {
            actions.add(new Action.AskSentinels());
        }
        List<Action> drained = List.copyOf(actions);
        actions.clear();
        asked.clear();
        sentinelsAsked = false;
        return drained;
    }
}
