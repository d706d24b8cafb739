package io.tidegate.proxy.control;

import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.Notice.SentinelLinkChanged;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Whether so many sentinels are heard that none of those who elect a leader could have called the primary down unheard. On
 * the minority's side of a partition the primary is well, and its replacement is told of first when all is over.
 *
 * <p>Counted are those that were ever heard. Used by the control loop alone.
 */
final class Hearing {
    /** While most are heard, one that is not for so long is taken for one that was removed. */
    static final long GONE_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** Whoever is heard again tells in this time what happened before. */
    static final long BACK_NANOS = TimeUnit.SECONDS.toNanos(5);

    // At most one entry in one of the first two per sentinel that is watched.
    private final Set<NodeAddress> heard = new HashSet<>();
    private final Map<NodeAddress, Long> lostNanos = new HashMap<>();
    private final Map<NodeAddress, Long> backNanos = new HashMap<>();

    /** Since when most are heard, if they are. */
    private long mostNanos = Instants.FOREVER;

    void changed(SentinelLinkChanged change, long nowNanos) {
        forgetOld(nowNanos);
        NodeAddress sentinel = change.sentinel();
        if (change.up()) {
            heard.add(sentinel);
            if (lostNanos.remove(sentinel) != null) {
                backNanos.put(sentinel, nowNanos);
            }
        } else if (heard.remove(sentinel)) {
            backNanos.remove(sentinel);
            lostNanos.put(sentinel, nowNanos);
        }
        if (heard.size() <= lostNanos.size()) {
            mostNanos = Instants.FOREVER;
        } else if (mostNanos == Instants.FOREVER) {
            mostNanos = nowNanos;
        }
    }

    void forgotten(NodeAddress sentinel) {
        heard.remove(sentinel);
        lostNanos.remove(sentinel);
        backNanos.remove(sentinel);
    }

    /** Whether half of them or more are not heard, or were not until just now. */
    boolean missedMost(long nowNanos) {
        forgetOld(nowNanos);
        int missed = lostNanos.size() + backNanos.size();
        return missed > 0 && 2 * missed >= heard.size() + lostNanos.size();
    }

    private void forgetOld(long nowNanos) {
        backNanos.values().removeIf(sinceNanos -> nowNanos - sinceNanos >= BACK_NANOS);
        if (mostNanos != Instants.FOREVER && nowNanos - mostNanos >= GONE_NANOS) {
            lostNanos.values().removeIf(sinceNanos -> nowNanos - sinceNanos >= GONE_NANOS);
        }
    }
}
