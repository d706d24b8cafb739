package io.tidegate.proxy.metrics;

import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * What the Redis nodes say of themselves, so that whoever scrapes this proxy needs no exporter beside it. Nodes are asked
 * for as long as somebody scrapes, and so a scrape shows what they said at most {@link #INTERVAL_NANOS} ago; the first one
 * shows nothing of them. Asked and told by the control loop, read by the scraper.
 */
public final class BackendView {
    /** From one question to the next. */
    public static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Longer than this nobody takes from one scrape to the next. */
    private static final long SCRAPED_NANOS_MAX = TimeUnit.MINUTES.toNanos(2);

    /** Whether it asks and shows at all; a reload may change it. */
    private volatile boolean on;

    private final Map<NodeAddress, Optional<Map<String, String>>> nodes = new ConcurrentHashMap<>();
    private volatile long scrapedNanos = Instants.UNKNOWN;

    private BackendView(boolean on) {
        this.on = on;
    }

    public static BackendView on() {
        return new BackendView(true);
    }

    /** One that asks nothing and shows nothing. */
    public static BackendView off() {
        return new BackendView(false);
    }

    /** From here on it asks and shows, or does not. */
    public void turn(boolean on) {
        this.on = on;
    }

    /** Whether nodes are to be asked. */
    public boolean wanted(long nowNanos) {
        return on && scrapedNanos != Instants.UNKNOWN && nowNanos - scrapedNanos < SCRAPED_NANOS_MAX;
    }

    /** What a node said: the fields of INFO. */
    public void told(NodeAddress node, Map<String, String> fields) {
        nodes.put(node, Optional.of(Map.copyOf(fields)));
    }

    /** A node is watched and cannot be asked. */
    public void lost(NodeAddress node) {
        nodes.put(node, Optional.empty());
    }

    /** A node is watched no longer. */
    public void forgotten(NodeAddress node) {
        nodes.remove(node);
    }

    /** Somebody scrapes; the nodes that are watched, with what they said, nothing if they cannot be asked. */
    Map<NodeAddress, Optional<Map<String, String>>> scraped(long nowNanos) {
        scrapedNanos = nowNanos;
        return on ? nodes : Map.of();
    }
}
