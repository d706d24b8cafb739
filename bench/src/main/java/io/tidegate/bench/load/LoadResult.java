package io.tidegate.bench.load;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came of a run.
 *
 * @param requests answered in the measured time
 * @param nanos the measured time
 * @param errors replies that were errors, in the whole run
 * @param misses GETs that found nothing, in the whole run
 * @param latencies of an open loop only
 * @param processes by id: the processor time that each used in the measured time, and its memory at the end
 */
public record LoadResult(
        long requests,
        long nanos,
        long errors,
        long misses,
        @Nullable Latencies latencies,
        Map<Long, ProcessUsage> processes) {

    /**
     * From the instant at which a request was meant to be sent to its reply. A request without a reply counts with the
     * time that it had waited when the run was over.
     *
     * @param p50Nanos half of the requests took no longer
     * @param p99Nanos 99 of a hundred
     * @param p999Nanos 999 of a thousand
     * @param maxNanos all
     * @param lateP99Nanos 99 of a hundred batches were sent no later than this after the instant they were meant for. It
     *     is part of the latencies, and the part that this side may be to blame for
     * @param unanswered requests without a reply
     */
    public record Latencies(
            long p50Nanos, long p99Nanos, long p999Nanos, long maxNanos, long lateP99Nanos, long unanswered) {}

    public double requestsPerSecond() {
        return requests * 1e9 / nanos;
    }
}
