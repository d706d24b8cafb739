package io.tidegate.bench.drill;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What one connection was told about its writes, which are numbered 0, 1, 2, …, made one after the other and each but once.
 * Written by the connection's thread, and judged when that has ended.
 */
final class History {
    /** @param answeredMicros when the answer was read, by the wall clock, in microseconds of the epoch */
    private record Write(Answer answer, long answeredMicros) {}

    private final List<Write> writes = new ArrayList<>();

    /** The number of the next write. */
    long next() {
        return writes.size();
    }

    /** Adds what became of the next write. */
    void add(Answer answer, long answeredMicros) {
        writes.add(new Write(answer, answeredMicros));
    }

    /**
     * Compares with what there is in the end.
     *
     * @param kept the stream of this connection on the surviving primary, in its order
     * @param takeoverMillis when that one was told to be primary, by the wall clock, cut to a millisecond as its log has it
     * @throws IllegalArgumentException if there is a number that was never written: then this is not its stream
     */
    Verdict judge(List<Kept> kept, long takeoverMillis) {
        Set<Long> present = new HashSet<>();
        long duplicated = 0;
        long reordered = 0;
        long last = -1;
        for (Kept entry : kept) {
            if (entry.number() < 0 || entry.number() >= writes.size()) {
                throw new IllegalArgumentException(
                        "number: " + entry.number() + " (expected: 0.." + (writes.size() - 1) + ")");
            }
            if (!present.add(entry.number())) {
                duplicated++;
            } else if (entry.number() < last) {
                reordered++;
            }
            last = Math.max(last, entry.number());
        }
        Tally tally = new Tally(present, endOf(takeoverMillis));
        for (int number = 0; number < writes.size(); number++) {
            tally.add(number, writes.get(number));
        }
        return new Verdict(
                tally.acknowledged,
                tally.lost,
                tally.lostAfterTakeover,
                duplicated,
                reordered,
                tally.failed,
                tally.failedAndKept,
                tally.uncertain,
                tally.uncertainAndKept,
                present.size(),
                longestPauseMicros(),
                firstAfterMicros(kept, takeoverMillis),
                tally.errors);
    }

    /** Counts, with each write in its turn. */
    private static final class Tally {
        private final Set<Long> present;
        private final long takenOverMicros;
        private final Map<String, Long> errors = new TreeMap<>();
        private long acknowledged;
        private long lost;
        private long lostAfterTakeover;
        private long failed;
        private long failedAndKept;
        private long uncertain;
        private long uncertainAndKept;

        Tally(Set<Long> present, long takenOverMicros) {
            this.present = present;
            this.takenOverMicros = takenOverMicros;
        }

        void add(long number, Write write) {
            boolean kept = present.contains(number);
            switch (write.answer().outcome()) {
                case ACKNOWLEDGED -> {
                    acknowledged++;
                    lost += kept ? 0 : 1;
                    lostAfterTakeover += !kept && write.answeredMicros() >= takenOverMicros ? 1 : 0;
                }
                case FAILED -> {
                    failed++;
                    failedAndKept += kept ? 1 : 0;
                    errors.merge(write.answer().error(), 1L, Long::sum);
                }
                case UNCERTAIN -> {
                    uncertain++;
                    uncertainAndKept += kept ? 1 : 0;
                    errors.merge(write.answer().error(), 1L, Long::sum);
                }
            }
        }
    }

    /** The longest time between two acknowledgements that follow one another, or from the last to the end. */
    private long longestPauseMicros() {
        long longest = 0;
        long before = writes.isEmpty() ? 0 : writes.get(0).answeredMicros();
        for (Write write : writes) {
            longest = Math.max(longest, write.answeredMicros() - before);
            before = write.answer().outcome() == Outcome.ACKNOWLEDGED ? write.answeredMicros() : before;
        }
        return longest;
    }

    /**
     * When the first acknowledgement came of a write that the new primary ran itself: what is in its stream with a later
     * time than the takeover's, since nothing came to it from the old one any more.
     */
    private long firstAfterMicros(List<Kept> kept, long takeoverMillis) {
        return kept.stream()
                .filter(entry -> entry.ranAtMillis() > takeoverMillis)
                .map(entry -> writes.get(Math.toIntExact(entry.number())))
                .filter(write -> write.answer().outcome() == Outcome.ACKNOWLEDGED)
                .mapToLong(write -> write.answeredMicros() - takeoverMillis * 1_000)
                .min()
                .orElse(Verdict.NEVER);
    }

    /** The first instant that is certainly later. */
    private static long endOf(long millis) {
        return (millis + 1) * 1_000;
    }
}
