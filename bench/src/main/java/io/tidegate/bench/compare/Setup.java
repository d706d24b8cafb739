package io.tidegate.bench.compare;

import io.tidegate.bench.load.Traffic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What is compared, and how.
 *
 * @param cases kinds of traffic, one after the other in each round
 * @param measureMillis of each measurement
 * @param warmUpMillis of each subject, all cases together
 * @param latencies whether they are measured at all
 * @param rate requests per second while latencies are measured; 0 for a share of what the slowest subject can do
 */
record Setup(List<Traffic> cases, int rounds, long measureMillis, long warmUpMillis, boolean latencies, long rate) {
    /** How long traffic flows before each measurement. */
    static final long LEAD_MILLIS = 500;

    /** How long the keys of one length of values are filled. */
    static final long FILL_MILLIS = 1_000;

    private static final int ROUNDS_MAX = 1_000;

    Setup {
        cases = List.copyOf(cases);
        if (cases.isEmpty()) {
            throw new IllegalArgumentException("cases: none (expected: one at least)");
        }
        if (cases.stream().distinct().count() < cases.size()) {
            throw new IllegalArgumentException("cases: one twice (expected: each number once)");
        }
        if (rounds < 1 || rounds > ROUNDS_MAX) {
            throw new IllegalArgumentException("rounds: " + rounds + " (expected: 1.." + ROUNDS_MAX + ")");
        }
    }

    /** Each with each; pipelines change fastest. */
    static List<Traffic> cases(
            List<Integer> connections, List<Integer> setPercents, List<Integer> valueBytes, List<Integer> pipelines) {
        List<Traffic> cases = new ArrayList<>();
        for (int count : connections) {
            for (int setPercent : setPercents) {
                for (int bytes : valueBytes) {
                    for (int pipeline : pipelines) {
                        cases.add(new Traffic(count, pipeline, bytes, setPercent));
                    }
                }
            }
        }
        return cases;
    }

    /** Different lengths of values, in order. */
    List<Integer> valueBytes() {
        return cases.stream().map(Traffic::valueBytes).distinct().toList();
    }

    /** In how long all is measured if nothing goes wrong; if something does, each step has a limit of its own. */
    Duration planned(int subjects) {
        long measurements = (latencies ? 2L : 1L) * rounds * cases.size() * subjects;
        long warmUps = (long) cases.size() * subjects;
        return Duration.ofMillis(measurements * (LEAD_MILLIS + measureMillis)
                + subjects * warmUpMillis
                + warmUps * LEAD_MILLIS
                + valueBytes().size() * FILL_MILLIS);
    }
}
