package io.tidegate.proxy.control;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.SentinelState;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * When to ask a sentinel again of our own accord: before its part in the lease ends. To a query written at t it answered
 * that the primary's last good reply to its ping was x ago, so that part ends at t - x + {@code down-after} - margin. Only
 * the sentinel's next ping, of which there is one a second, makes a later answer prove more, and when that is, nobody
 * tells. So it is asked when half of what was left is over: seldom while much is left, and oftener the nearer the end.
 *
 * <p>One for all sentinels of a shard, since the smallest {@code down-after} among them counts for all. Lives on the
 * control loop.
 */
final class LeasePace {
    static final long NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(50);

    /** However long the lease: a sentinel that answers no more, or otherwise, is to be noticed. */
    static final long NANOS_MAX = TimeUnit.SECONDS.toNanos(1);

    /** Of one that gives no part in a lease, and of whose recovery no message tells. */
    private static final long UNWELL_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(500);

    private final long marginNanos;

    // As many as are watched.
    private final Map<NodeAddress, Long> downAfterNanos = new LinkedHashMap<>();

    LeasePace(long marginNanos) {
        this.marginNanos = marginNanos;
    }

    /** How long after the query that was answered with {@code said} the next is to be written. */
    long nextNanos(NodeAddress sentinel, SentinelState said) {
        if (said.primary() == null) { // it watches nothing of that name, and has no down-after
            forget(sentinel);
            return UNWELL_NANOS_MAX;
        }
        downAfterNanos.put(sentinel, said.downAfterNanos());
        long smallest = downAfterNanos.values().stream()
                .mapToLong(Long::longValue)
                .min()
                .orElseThrow();
        long leftNanos = smallest - marginNanos - Math.max(0, said.lastOkPingReplyNanos());
        boolean well = leftNanos > 0 && !said.tilt() && !said.flags().contains("s_down");
        return well ? clamp(leftNanos / 2, NANOS_MAX) : clamp(smallest / 10, UNWELL_NANOS_MAX);
    }

    void forget(NodeAddress sentinel) {
        downAfterNanos.remove(sentinel);
    }

    private static long clamp(long nanos, long nanosMax) {
        return Math.max(NANOS_MIN, Math.min(nanosMax, nanos));
    }
}
