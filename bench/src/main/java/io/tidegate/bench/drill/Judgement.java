package io.tidegate.bench.drill;

import java.io.IOException;
import java.util.Map;

/**
 * What came of the writing, by contender, beside what the surviving primary holds.
 *
 * @param survivor nobody took over while it was read
 */
record Judgement(Survivor survivor, Map<String, Verdict> verdicts) {
    /** Sentinels that fail over more often than this while nobody writes would go on for ever. */
    private static final int ATTEMPTS_MAX = 5;

    /** Waits for the shard to settle. */
    interface Settling {
        Survivor await() throws IOException, InterruptedException;
    }

    /** Reads what the survivor holds. */
    interface Reading {
        Map<String, Verdict> compareWith(Survivor survivor) throws IOException, InterruptedException;
    }

    Judgement {
        verdicts = Map.copyOf(verdicts);
    }

    /**
     * Judges when all writing has ended. A shard that has settled may still fail over, which nobody can forbid the sentinels:
     * then what was read was read from a server that a replica of its own had replaced, and is read again from that one.
     *
     * @throws IOException if that happens every time
     */
    static Judgement of(Settling shard, Reading writers) throws IOException, InterruptedException {
        Survivor survivor = shard.await();
        for (int attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
            Map<String, Verdict> verdicts = writers.compareWith(survivor);
            Survivor afterwards = shard.await();
            if (afterwards.equals(survivor)) {
                return new Judgement(survivor, verdicts);
            }
            survivor = afterwards;
        }
        throw new IOException("judged " + ATTEMPTS_MAX + " times, and each time the sentinels failed over meanwhile");
    }
}
