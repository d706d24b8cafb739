package io.tidegate.bench.compare;

import io.tidegate.bench.load.Traffic;
import java.util.List;

/**
 * What is compared, and how.
 *
 * @param pipelines one after the other in each round
 * @param measureMillis of each measurement
 * @param warmUpMillis of each subject, all pipelines together
 * @param rate requests per second while latencies are measured; 0 for a share of what the slowest subject can do
 */
record Setup(
        int connections,
        List<Integer> pipelines,
        int valueBytes,
        int setPercent,
        int rounds,
        long measureMillis,
        long warmUpMillis,
        long rate) {
    private static final int ROUNDS_MAX = 1_000;

    Setup {
        pipelines = List.copyOf(pipelines);
        if (pipelines.isEmpty()) {
            throw new IllegalArgumentException("pipelines: none (expected: one at least)");
        }
        if (rounds < 1 || rounds > ROUNDS_MAX) {
            throw new IllegalArgumentException("rounds: " + rounds + " (expected: 1.." + ROUNDS_MAX + ")");
        }
        // Says what is wrong with a number, if anything is.
        for (int pipeline : pipelines) {
            new Traffic(connections, pipeline, valueBytes, setPercent);
        }
    }

    Traffic traffic(int pipeline) {
        return new Traffic(connections, pipeline, valueBytes, setPercent);
    }
}
