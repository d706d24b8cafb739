package io.tidegate.bench.load;

import java.util.ArrayList;
import java.util.List;

/**
 * What is asked, and on how many connections.
 *
 * @param connections at once
 * @param pipeline requests that a connection sends together and then waits for, a batch
 * @param valueBytes length of the values that are set
 * @param setPercent how many of a hundred requests are SET, the others are GET
 */
public record Traffic(int connections, int pipeline, int valueBytes, int setPercent) {
    private static final int CONNECTIONS_MAX = 50_000;
    private static final int PIPELINE_MAX = 10_000;
    private static final int VALUE_BYTES_MAX = 64 << 20;
    private static final int BATCH_BYTES_MAX = 256 << 20;

    private static final int KEYS_MAX = 1_000;
    private static final int VALUES_BYTES = 16 << 20;

    public Traffic {
        check("connections", connections, 1, CONNECTIONS_MAX);
        check("pipeline", pipeline, 1, PIPELINE_MAX);
        check("value-bytes", valueBytes, 0, VALUE_BYTES_MAX);
        check("set-percent", setPercent, 0, 100);
        if ((long) pipeline * valueBytes > BATCH_BYTES_MAX) {
            throw new IllegalArgumentException("pipeline x value-bytes: " + (long) pipeline * valueBytes
                    + " (expected: <= " + BATCH_BYTES_MAX + ")");
        }
    }

    /**
     * Connections of which equally many send batches of each of these lengths, as far as they can be divided.
     *
     * @param pipelines no two alike
     */
    public static List<Traffic> mix(int connections, List<Integer> pipelines, int valueBytes, int setPercent) {
        List<Traffic> mix = new ArrayList<>();
        int left = connections;
        for (int i = 0; i < pipelines.size(); i++) {
            int share = left / (pipelines.size() - i);
            mix.add(new Traffic(share, pipelines.get(i), valueBytes, setPercent));
            left -= share;
        }
        return mix;
    }

    /** The same number of keys for all who use values of this length: as many as fit 16 MiB, 1 to 1000. */
    int keys() {
        return Math.max(1, Math.min(KEYS_MAX, VALUES_BYTES / Math.max(1, valueBytes)));
    }

    private static void check(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + min + ".." + max + ")");
        }
    }
}
