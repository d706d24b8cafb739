package io.tidegate.proxy.admin;

import io.tidegate.proxy.config.TidegateConfig.Listener;
import io.tidegate.proxy.signals.Facts;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.engine.Notice;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What the admin port asks. All are called on its own thread and must not wait for an event loop.
 *
 * @param metrics Prometheus text
 * @param table the routing table in use
 * @param clock the proxy's clock, in nanoseconds
 * @param listeners those that are bound, with the ports they have; empty before all are, and when the proxy is stopping
 * @param draining whether the proxy lets its clients go, so that nobody should come any more
 * @param sentinels whether each known sentinel answers
 * @param failovers the last ones, oldest first
 * @param warnings what is odd about the shard now
 * @param controlPlane whether the control plane has not failed
 * @param readiness whether clients should be sent here
 * @param freshnessWanted asks for replicas' as-of to reach an instant
 * @param lists what else there is to see, by path
 * @param explained for {@code /explain}
 * @param operations what can be done
 * @param threads those that must get on for the process to be alive, by name
 */
public record AdminSources(
        Supplier<String> metrics,
        Supplier<RoutingTable> table,
        LongSupplier clock,
        Supplier<List<Listener>> listeners,
        BooleanSupplier draining,
        Supplier<Map<NodeAddress, Boolean>> sentinels,
        Supplier<List<Facts>> failovers,
        Supplier<List<Notice.Warning>> warnings,
        BooleanSupplier controlPlane,
        Readiness readiness,
        LongConsumer freshnessWanted,
        Map<String, Shown> lists,
        Explained explained,
        Operations operations,
        Map<String, Executor> threads) {

    /** A list of facts. */
    @FunctionalInterface
    public interface Shown {
        /**
         * Tells it, now or later, on any thread.
         *
         * @param keys whether clients' keys may be in it: names that may tell something of somebody
         */
        void show(boolean keys, Consumer<List<Facts>> told);
    }

    /** Why commands go where they go. */
    @FunctionalInterface
    public interface Explained {
        /** Tells line by line, now or later, on any thread, where a command of these words would go at that level. */
        void explain(List<String> words, ReadLevel level, Consumer<List<String>> told);
    }
}
