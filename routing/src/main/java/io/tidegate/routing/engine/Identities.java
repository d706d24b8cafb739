package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The sentinels that are heard, each once. One sentinel may be watched under two names, and two may share an identity by
 * a copied configuration; either way all that answer to one identity count as one, and only if they agree.
 */
final class Identities {
    private final Map<String, List<SentinelView>> byId = new LinkedHashMap<>();

    private Identities() {}

    static Identities of(Collection<SentinelView> views) {
        Identities identities = new Identities();
        for (SentinelView view : views) {
            SentinelState said = view.lastState();
            if (view.up() && said != null) {
                identities
                        .byId
                        .computeIfAbsent(said.sentinelRunId(), id -> new ArrayList<>(1))
                        .add(view);
            }
        }
        return identities;
    }

    int count() {
        return byId.size();
    }

    /** The views of each identity, never empty. */
    Collection<List<SentinelView>> all() {
        return byId.values();
    }

    /** The views that answer to this identity; empty if it is not heard. */
    List<SentinelView> named(String id) {
        return byId.getOrDefault(id, List.of());
    }

    /** An identity that answers at two addresses, as those addresses; empty if there is none. */
    List<NodeAddress> shared() {
        return byId.values().stream()
                .filter(views -> views.size() > 1)
                .findFirst()
                .map(views -> views.stream().map(SentinelView::address).toList())
                .orElse(List.of());
    }
}
