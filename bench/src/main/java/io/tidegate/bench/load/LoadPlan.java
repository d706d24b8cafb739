package io.tidegate.bench.load;

import java.util.List;

/**
 * One run.
 *
 * @param host where the server is
 * @param port and its port
 * @param rate requests per second to be sent whatever comes back (an open loop); 0 to send the next batch when the last
 *     is answered (a closed loop)
 * @param leadMillis how long the traffic flows before anything is measured
 * @param measureMillis how long it is measured
 * @param pids processes of this machine whose use of processor and memory is to be reported
 */
public record LoadPlan(
        String host, int port, Traffic traffic, long rate, long leadMillis, long measureMillis, List<Long> pids) {
    private static final long MILLIS_MAX = 3_600_000;

    public LoadPlan {
        check("rate", rate, 0, 1_000_000_000);
        check("lead-millis", leadMillis, 0, MILLIS_MAX);
        check("millis", measureMillis, 1, MILLIS_MAX);
        pids = List.copyOf(pids);
    }

    private static void check(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + min + ".." + max + ")");
        }
    }
}
