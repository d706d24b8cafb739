package io.tidegate.bench.load;

import java.util.List;

/**
 * One run.
 *
 * @param host where the server is
 * @param port and its port
 * @param mix the kinds of traffic that flow at the same time, no two alike; every connection sends equally many batches
 * @param rate requests per second to be sent whatever comes back (an open loop), all kinds together; 0 to send the next batch when the last
 *     is answered (a closed loop)
 * @param leadMillis how long the traffic flows before anything is measured
 * @param measureMillis how long it is measured
 * @param pids processes of this machine whose use of processor and memory is to be reported
 * @param waits whether the client itself sends a {@code WAIT 1} behind every request, of which all are SET then: the two
 *     count as one request, which is answered when both are
 */
public record LoadPlan(
        String host,
        int port,
        List<Traffic> mix,
        long rate,
        long leadMillis,
        long measureMillis,
        List<Long> pids,
        boolean waits) {
    private static final long MILLIS_MAX = 3_600_000;

    public LoadPlan {
        mix = List.copyOf(mix);
        if (mix.isEmpty() || mix.stream().distinct().count() < mix.size()) {
            throw new IllegalArgumentException("mix: " + mix + " (expected: one kind of traffic at least, none twice)");
        }
        check("rate", rate, 0, 1_000_000_000);
        check("lead-millis", leadMillis, 0, MILLIS_MAX);
        check("millis", measureMillis, 1, MILLIS_MAX);
        pids = List.copyOf(pids);
        if (waits && mix.stream().anyMatch(traffic -> traffic.setPercent() < 100)) {
            throw new IllegalArgumentException(
                    "set-percent: " + mix + " (expected: 100 of those that wait for a replica)");
        }
    }

    /** Of a client that waits for no replica. */
    public LoadPlan(
            String host, int port, List<Traffic> mix, long rate, long leadMillis, long measureMillis, List<Long> pids) {
        this(host, port, mix, rate, leadMillis, measureMillis, pids, false);
    }

    /** How many replies make a request answered. */
    int repliesPerRequest() {
        return waits ? 2 : 1;
    }

    /** Connections of all kinds together. */
    int connections() {
        return mix.stream().mapToInt(Traffic::connections).sum();
    }

    /** What part of the rate is this traffic's, in requests per second. */
    double rateOf(Traffic traffic) {
        double all = mix.stream().mapToDouble(LoadPlan::requestsPerTurn).sum();
        return rate * requestsPerTurn(traffic) / all;
    }

    private static double requestsPerTurn(Traffic traffic) {
        return (double) traffic.connections() * traffic.pipeline();
    }

    private static void check(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + min + ".." + max + ")");
        }
    }
}
