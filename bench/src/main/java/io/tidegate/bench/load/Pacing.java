package io.tidegate.bench.load;

import io.tidegate.bench.load.LoadResult.Latencies;
import org.jspecify.annotations.Nullable;

/** When batches are sent. Called on the run's event loop only. */
interface Pacing {
    /** All connections are there. */
    void begin();

    /** Replies of this connection were read, and counted by it. */
    void replied(Connection connection, int replies);

    /**
     * The measured time is over. No batch is sent but one that was due before.
     *
     * @param finished to be run when nothing is waited for any more; it may be too late then
     */
    void end(Runnable finished);

    /** What was measured of single requests, after the end; null if nothing is. */
    @Nullable Latencies latencies();
}
