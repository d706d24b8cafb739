package io.tidegate.proxy;

import io.tidegate.proxy.config.TidegateConfig;
import io.tidegate.routing.RoutingTable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Tells the log when listeners ask for more replicas than may be promoted, so that no write there can be acknowledged,
 * and when that is over. Lives on the thread that publishes tables.
 */
final class EnoughReplicas {
    /** Replaced by reloads. */
    private volatile List<TidegateConfig.Listener> demanding;

    private final Consumer<String> warn;
    private String told = "";

    /** @param warn gets one line for each change */
    EnoughReplicas(List<TidegateConfig.Listener> listeners, Consumer<String> warn) {
        this.demanding = demanding(listeners);
        this.warn = warn;
    }

    /** Others are open from the next table on. */
    void listeners(List<TidegateConfig.Listener> listeners) {
        demanding = demanding(listeners);
    }

    private static List<TidegateConfig.Listener> demanding(List<TidegateConfig.Listener> listeners) {
        return listeners.stream()
                .filter(listener -> listener.durability().asksReplicas())
                .toList();
    }

    void look(RoutingTable table) {
        if ((demanding.isEmpty() && told.isEmpty()) || table.primary() == null) {
            return;
        }
        String now = shortOf(table);
        if (!now.equals(told)) {
            told = now;
            warn.accept(now.isEmpty() ? "listeners have as many replicas again as their writes ask for" : now);
        }
    }

    private String shortOf(RoutingTable table) {
        int promotable = table.promotable();
        List<String> lacking = new ArrayList<>();
        for (TidegateConfig.Listener listener : demanding) {
            if (promotable < Math.max(1, listener.durability().needed(table))) {
                lacking.add(listener.address() + " (" + listener.durability() + ")");
            }
        }
        return lacking.isEmpty()
                ? ""
                : "no write is acknowledged by listener " + String.join(", ", lacking) + ": " + promotable
                        + " replicas may be promoted";
    }
}
