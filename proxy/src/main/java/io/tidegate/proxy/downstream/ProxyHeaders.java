package io.tidegate.proxy.downstream;

import io.netty.channel.Channel;
import io.tidegate.proxy.Clock;
import io.tidegate.proxy.loop.FewLines;
import io.tidegate.proxy.metrics.DoorStats;
import io.tidegate.proxy.metrics.DoorStats.Header;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What became of PROXY headers, at all listeners: counted, and what went wrong told in the log. No line has a byte of what
 * was sent, which may be a password of somebody who is not behind the balancer.
 */
final class ProxyHeaders {
    private static final Logger log = LoggerFactory.getLogger(ProxyHeaders.class);

    private final DoorStats stats;
    private final FewLines lines;

    ProxyHeaders(DoorStats stats, Clock clock) {
        this.stats = stats;
        this.lines = new FewLines(log, "PROXY headers", clock);
    }

    void count(Header outcome) {
        stats.header(outcome);
    }

    /** {@code peer} is closed. */
    void failed(Channel peer, Header outcome, String why) {
        count(outcome);
        lines.warn(
                "{} at {}: {}; only the load balancer may connect there",
                peer.remoteAddress(),
                peer.localAddress(),
                why);
    }
}
