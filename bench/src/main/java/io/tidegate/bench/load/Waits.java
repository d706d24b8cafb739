package io.tidegate.bench.load;

import static java.util.concurrent.TimeUnit.HOURS;

import io.tidegate.bench.load.LoadResult.Latencies;
import org.HdrHistogram.Histogram;

/** How long all the requests of a run waited, whatever their pipelines. Confined to the run's event loop. */
final class Waits {
    private static final long NANOS_MAX = HOURS.toNanos(1);
    private static final int DIGITS = 3;

    private final Histogram latencies = new Histogram(NANOS_MAX, DIGITS);
    private final Histogram lateness = new Histogram(NANOS_MAX, DIGITS);
    private long unanswered;

    /** So many requests were answered so long after they were meant to be sent. */
    void answered(long nanos, long requests) {
        latencies.recordValueWithCount(bounded(nanos), requests);
    }

    /** So many requests have waited so long, and nobody waits for them any more. */
    void unanswered(long nanos, long requests) {
        answered(nanos, requests);
        unanswered += requests;
    }

    /** A batch was sent so much later than it was meant to be. */
    void sentLate(long nanos) {
        lateness.recordValue(bounded(nanos));
    }

    Latencies latencies() {
        return new Latencies(
                latencies.getValueAtPercentile(50),
                latencies.getValueAtPercentile(99),
                latencies.getValueAtPercentile(99.9),
                latencies.getMaxValue(),
                lateness.getValueAtPercentile(99),
                unanswered);
    }

    private static long bounded(long nanos) {
        return Math.max(0, Math.min(nanos, NANOS_MAX));
    }
}
