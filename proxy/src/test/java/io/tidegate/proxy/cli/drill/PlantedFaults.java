package io.tidegate.proxy.cli.drill;

import java.io.EOFException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A stream and its client, with faults at random places whose numbers are known. Every step takes a millisecond. */
final class PlantedFaults {
    private static final long STEP_MICROS = 1_000;

    private final History history;
    private final Random random;
    private final boolean sound;
    private final List<Kept> stream = new ArrayList<>();
    private final Map<String, Long> errors = new TreeMap<>();
    private long acknowledged;
    private long lost;
    private long duplicated;
    private long reordered;
    private long failed;
    private long failedAndKept;
    private long uncertain;
    private long uncertainAndKept;
    private long stale;
    private long backwards;
    private long pauseMicros;
    private long longestPauseMicros;

    /** {@code sound}: nothing is planted that a sound server would not do. */
    PlantedFaults(History history, Random random, boolean sound) {
        this.history = history;
        this.random = random;
        this.sound = sound;
    }

    void serve(int writes) {
        acknowledge(); // so that pauses have a beginning
        for (int i = 1; i < writes; i++) {
            switch (random.nextInt(sound ? 5 : 10)) {
                case 0 -> uncertain(true);
                case 1 -> uncertain(false);
                case 2 -> fail(false);
                case 3, 4 -> {
                    acknowledge();
                    read();
                }
                case 5 -> {
                    answer(Answer.ACKNOWLEDGED);
                    acknowledged++;
                    lost++;
                }
                case 6 -> {
                    acknowledge();
                    stream.add(stream.get(stream.size() - 1));
                    duplicated++;
                }
                case 7 -> fail(true);
                case 8 -> reorder();
                default -> readStale();
            }
        }
    }

    List<Kept> kept() {
        return stream;
    }

    Findings expected() {
        return new Findings(
                acknowledged,
                lost,
                duplicated,
                reordered,
                0,
                failed,
                failedAndKept,
                uncertain,
                uncertainAndKept,
                acknowledged - lost + failedAndKept + uncertainAndKept,
                stale,
                backwards,
                longestPauseMicros,
                errors);
    }

    private void acknowledge() {
        run();
        answer(Answer.ACKNOWLEDGED);
        acknowledged++;
    }

    private void uncertain(boolean ran) {
        if (ran) {
            run();
            uncertainAndKept++;
        }
        answer(Answer.unanswered(new EOFException()));
        uncertain++;
    }

    private void fail(boolean ran) {
        if (ran) {
            run();
            failedAndKept++;
        }
        answer(Answer.refused("READONLY no"));
        failed++;
    }

    /** The later of two comes first. */
    private void reorder() {
        acknowledge();
        acknowledge();
        int last = stream.size() - 1;
        stream.add(stream.remove(last - 1));
        reordered++;
    }

    private void read() {
        history.saw(stream.get(stream.size() - 1).number());
    }

    /** One that shows all, and one that does not. */
    private void readStale() {
        acknowledge();
        read();
        history.saw(0);
        stale++;
        backwards++;
    }

    private void run() {
        stream.add(new Kept(history.next(), history.next()));
    }

    private void answer(Answer answer) {
        long nowMicros = history.next() * STEP_MICROS;
        history.add(answer, nowMicros, nowMicros);
        pauseMicros += STEP_MICROS;
        if (history.next() > 1) {
            longestPauseMicros = Math.max(longestPauseMicros, pauseMicros);
        }
        if (answer.outcome() == Outcome.ACKNOWLEDGED) {
            pauseMicros = 0;
        } else {
            errors.merge(answer.error(), 1L, Long::sum);
        }
    }
}
