package io.tidegate.proxy.cli.drill;

import java.util.Arrays;
import java.util.stream.LongStream;

/** How long something took, many times; 0 where there is nothing. */
public record Latency(long count, long p50Micros, long p99Micros, long maxMicros) {
    static Latency of(LongStream micros) {
        long[] sorted = micros.toArray();
        Arrays.sort(sorted);
        return new Latency(sorted.length, part(sorted, 0.5), part(sorted, 0.99), part(sorted, 1));
    }

    /** The least value that so large a part is not above. */
    static long part(long[] sorted, double part) {
        return sorted.length == 0 ? 0 : sorted[Math.max(0, (int) Math.ceil(part * sorted.length) - 1)];
    }

    /** {@code 0.41 ms (p50), 3.2 ms (p99), 12 ms (longest)}. */
    String text() {
        return Texts.millis(p50Micros) + " (p50), " + Texts.millis(p99Micros) + " (p99), " + Texts.millis(maxMicros)
                + " (longest)";
    }
}
