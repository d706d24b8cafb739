package io.tidegate.bench.drill;

import java.time.Duration;

/**
 * What is done, and for how long.
 *
 * @param connections of each subject
 * @param rate writes per second of all subjects that write at the same time
 * @param apart whether each has the servers, and the whole rate, to itself
 * @param leadMillis writing before the fault
 * @param freezeMillis how long a frozen primary stands still
 * @param partitionMillis how long a network is cut in two
 * @param afterMillis writing after all servers are in their places again
 */
record Setup(
        int connections,
        int rate,
        int rounds,
        boolean apart,
        long leadMillis,
        long freezeMillis,
        long partitionMillis,
        long afterMillis) {
    private static final int ROUNDS_MAX = 1_000;
    private static final long MILLIS_MAX = Duration.ofMinutes(10).toMillis();

    Setup {
        check("connections", connections, 1, 1_000);
        check("rate", rate, 1, 1_000_000);
        check("rounds", rounds, 1, ROUNDS_MAX);
        check("lead-millis", leadMillis, 0, MILLIS_MAX);
        check("freeze-millis", freezeMillis, 1, MILLIS_MAX);
        check("partition-millis", partitionMillis, 1, MILLIS_MAX);
        check("after-millis", afterMillis, 1, MILLIS_MAX);
    }

    private static void check(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + min + ".." + max + ")");
        }
    }
}
