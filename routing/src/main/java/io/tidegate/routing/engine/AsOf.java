package io.tidegate.routing.engine;

import io.tidegate.routing.Instants;
import org.jspecify.annotations.Nullable;

/**
 * How fresh one replica is proven to be. Within one history and one connection to the replica's process as-of only
 * grows; under another history, or over a new connection, nothing is known until it was proven anew.
 */
final class AsOf {
    private @Nullable History history;
    private long nanos = Instants.UNKNOWN;

    long nanos() {
        return nanos;
    }

    /** Forgets what was proven under another history than {@code current}. */
    void keepWithin(@Nullable History current) {
        if (history != current) {
            history = current;
            nanos = Instants.UNKNOWN;
        }
    }

    /** The replica, verified to be of {@code current}, has applied the stream up to {@code appliedOffset}. */
    void reached(History current, long appliedOffset) {
        keepWithin(current);
        nanos = Math.max(nanos, current.asOf(appliedOffset));
    }

    void forget() {
        keepWithin(null);
    }
}
