package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;

/**
 * "This node is primary in this epoch."
 *
 * @param epoch {@code config-epoch} of the sentinels; for a static topology a number local to this proxy
 */
record Claim(NodeAddress primary, long epoch) {
    @Override
    public String toString() {
        return primary + " at epoch " + epoch;
    }
}
