package io.tidegate.proxy.admin;

import io.tidegate.proxy.config.TidegateConfig.Ready;
import io.tidegate.routing.Instants;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import org.jspecify.annotations.Nullable;

/**
 * Whether this proxy should be sent clients. Under every policy not before a primary was found once, and under those that
 * can be left again not before writes have been shut off for as long as requests are held: until then a client that waits
 * here loses nothing, and all proxies of a shard would leave together.
 */
public final class Readiness {
    private record Policy(Ready ready, long holdNanosMax) {}

    /** Replaced by a reload, read by whoever asks. */
    private volatile Policy policy;

    /** Since when writes cannot be sent; unknown while they can. Written by whoever publishes tables. */
    private volatile long shutSinceNanos;

    /** @param nowNanos when it begins to look */
    public Readiness(Ready policy, long holdNanosMax, long nowNanos) {
        this.policy = new Policy(policy, holdNanosMax);
        this.shutSinceNanos = nowNanos;
    }

    /** Another policy holds from here on. */
    public void policy(Ready ready, long holdNanosMax) {
        policy = new Policy(ready, holdNanosMax);
    }

    /** There is a new table; by one thread at a time. */
    public void published(RoutingTable table, long nowNanos) {
        if (table.writable() != null) {
            shutSinceNanos = Instants.UNKNOWN;
        } else if (shutSinceNanos == Instants.UNKNOWN) {
            shutSinceNanos = nowNanos;
        }
    }

    /** Why it is not ready; null if it is. */
    @Nullable String whyNot(RoutingTable table, long nowNanos) {
        if (table.epoch() == RoutingTable.NO_EPOCH) {
            return "no primary found yet";
        }
        long sinceNanos = shutSinceNanos;
        Policy now = policy;
        Ready ready = now.ready();
        if (ready == Ready.ONCE || sinceNanos == Instants.UNKNOWN || nowNanos - sinceNanos < now.holdNanosMax()) {
            return null;
        }
        if (ready == Ready.ANY && table.replicas().stream().anyMatch(Readiness::serves)) {
            return null;
        }
        String what = ready == Ready.ANY ? "no writes and no reads" : "no writes";
        return what + " for " + (nowNanos - sinceNanos) / 1_000_000 + " ms";
    }

    private static boolean serves(RoutingTable.Replica replica) {
        return replica.health() == RouteReason.ELIGIBLE;
    }
}
