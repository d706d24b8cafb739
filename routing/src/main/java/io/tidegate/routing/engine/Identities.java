package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

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

    /** How many identities there are of which this holds under every name that they answer to. */
    int count(Predicate<SentinelView> holds) {
        int count = 0;
        for (List<SentinelView> views : byId.values()) {
            count += holdsForAll(views, holds) ? 1 : 0;
        }
        return count;
    }

    private static boolean holdsForAll(List<SentinelView> views, Predicate<SentinelView> holds) {
        for (SentinelView view : views) {
            if (!holds.test(view)) {
                return false;
            }
        }
        return true;
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
        for (List<SentinelView> views : byId.values()) {
            if (views.size() > 1) {
                return views.stream().map(SentinelView::address).toList();
            }
        }
        return List.of();
    }
}
