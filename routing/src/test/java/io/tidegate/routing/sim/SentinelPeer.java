package io.tidegate.routing.sim;

import io.tidegate.routing.NodeAddress;
import org.jspecify.annotations.Nullable;

/** Another sentinel as one sentinel sees it. */
final class SentinelPeer {
    final NodeAddress address;
    final SentinelLink link;

    /** Whether it last answered that the primary is down. */
    boolean saysDown;

    long answeredMillis;

    /** The vote that it last told; null if none, or forgotten. */
    @Nullable String leader;

    long leaderEpoch;
    long publishedMillis;

    SentinelPeer(NodeAddress address, SentinelLink link, long nowMillis) {
        this.address = address;
        this.link = link;
        answeredMillis = nowMillis;
        publishedMillis = nowMillis;
    }
}
