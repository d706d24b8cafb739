package io.tidegate.routing.engine;

import io.tidegate.routing.Instants;
import org.jspecify.annotations.Nullable;

/**
 * How fresh one replica is proven to be. Within one history and one connection to the replica's process as-of only
 * grows; under another history, or over a new connection, nothing is known until it was proven anew. And which of the data
 * sets that the replica has had it is about, as far as one can tell them apart.
 */
final class AsOf {
    private @Nullable History history;
    private long nanos = Instants.UNKNOWN;
    private int dataSet;

    long nanos() {
        return nanos;
    }

    /** Another number whenever it may have been given other data. */
    int dataSet() {
        return dataSet;
    }

    /** It may have been given other data, which need not be of another history: what is proven of them is so. */
    void mayBeReplaced() {
        dataSet++;
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
        mayBeReplaced();
        keepWithin(null);
    }
}
