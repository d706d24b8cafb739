package io.tidegate.proxy.upstream;

import io.tidegate.protocol.Limits;

/** What tests of a single connection tell its owner. */
final class OneConnection {
    private static final long SECOND_NANOS = 1_000_000_000;

    static final UpstreamSettings SETTINGS = new UpstreamSettings(
            Identity.SERVICE, Limits.redisDefaults(), SECOND_NANOS, SECOND_NANOS, SECOND_NANOS, 1 << 20, 1, 1, 1, null);

    private OneConnection() {}
}
