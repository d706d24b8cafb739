package io.tidegate.proxy.cli.drill;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What one connection was told about its writes, which are numbered 0, 1, 2, …, made one after the other and each but once,
 * and what it read in between. Written by the connection's thread, and judged when that has ended.
 */
public final class History {
    /** What reads show of a stream in which nothing is yet. */
    public static final long NOTHING = -1;

    /**
     * A write and what became of it.
     *
     * @param sentMicros an instant before it was sent, in microseconds of whichever clock
     * @param answeredMicros when the answer was read, by the same
     */
    public record Write(Answer answer, long sentMicros, long answeredMicros) {
        public boolean acknowledged() {
            return answer.outcome() == Outcome.ACKNOWLEDGED;
        }
    }

    /**
     * A read that did not show what it might have been expected to show.
     *
     * @param seen the last number that it showed
     * @param acknowledged the last write that had been acknowledged before it was sent
     * @param seenBefore the highest number that an earlier read had shown
     */
    private record Backward(long seen, long acknowledged, long seenBefore) {}

    private final List<Write> writes = new ArrayList<>();
    private final List<Backward> backward = new ArrayList<>();
    private long acknowledged = NOTHING;
    private long seenBefore = NOTHING;

    /** The number of the next write. */
    public long next() {
        return writes.size();
    }

    /** Adds what became of the next write. */
    public void add(Answer answer, long sentMicros, long answeredMicros) {
        Write write = new Write(answer, sentMicros, answeredMicros);
        if (write.acknowledged()) {
            acknowledged = next();
        }
        writes.add(write);
    }

    /**
     * Adds a read, sent when the latest write had been answered.
     *
     * @param number the last of the stream as it was shown, or {@link #NOTHING}
     */
    public void saw(long number) {
        if (number < acknowledged || number < seenBefore) {
            backward.add(new Backward(number, acknowledged, seenBefore));
        }
        seenBefore = Math.max(seenBefore, number);
    }

    /** In order. */
    public List<Write> writes() {
        return Collections.unmodifiableList(writes);
    }

    /**
     * Compares with what there is in the end.
     *
     * @param kept the stream of this connection on the surviving primary, in its order
     * @throws IllegalArgumentException if there is a number that was never written: then this is not its stream
     */
    public Findings judge(List<Kept> kept) {
        Set<Long> present = new HashSet<>();
        long duplicated = 0;
        long reordered = 0;
        long late = 0;
        long last = NOTHING;
        for (Kept entry : kept) {
            if (entry.number() < 0 || entry.number() >= writes.size()) {
                throw new IllegalArgumentException(
                        "number: " + entry.number() + " (expected: 0.." + (writes.size() - 1) + ")");
            }
            if (!present.add(entry.number())) {
                duplicated++;
            } else if (entry.number() < last) {
                reordered++;
                late += writes.get((int) entry.number()).answer().outcome() == Outcome.UNCERTAIN ? 1 : 0;
            }
            last = Math.max(last, entry.number());
        }
        Tally tally = new Tally(present);
        for (int number = 0; number < writes.size(); number++) {
            tally.add(number, writes.get(number));
        }
        backward.forEach(read -> tally.add(read, writes));
        return new Findings(
                tally.acknowledged,
                tally.lost,
                duplicated,
                reordered,
                late,
                tally.failed,
                tally.failedAndKept,
                tally.uncertain,
                tally.uncertainAndKept,
                present.size(),
                tally.stale,
                tally.backwards,
                longestPauseMicros(),
                tally.errors);
    }

    /** Counts, with each write in its turn, and then each read that is to be looked at. */
    private static final class Tally {
        private final Set<Long> present;
        private final Map<String, Long> errors = new TreeMap<>();
        private long acknowledged;
        private long lost;
        private long failed;
        private long failedAndKept;
        private long uncertain;
        private long uncertainAndKept;
        private long stale;
        private long backwards;

        Tally(Set<Long> present) {
            this.present = present;
        }

        void add(long number, Write write) {
            boolean kept = present.contains(number);
            switch (write.answer().outcome()) {
                case ACKNOWLEDGED -> {
                    acknowledged++;
                    lost += kept ? 0 : 1;
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

        /** What is missing in the end was lost: that no read shows it any more is then told as a loss, and not again. */
        void add(Backward read, List<Write> writes) {
            for (long number = read.acknowledged(); number > read.seen(); number--) {
                if (writes.get((int) number).acknowledged() && present.contains(number)) {
                    stale++;
                    break;
                }
            }
            if (read.seenBefore() > read.seen() && present.contains(read.seenBefore())) {
                backwards++;
            }
        }
    }

    /** The longest time between two acknowledgements that follow one another, or from the last to the end. */
    private long longestPauseMicros() {
        long longest = 0;
        long before = writes.isEmpty() ? 0 : writes.get(0).answeredMicros();
        for (Write write : writes) {
            longest = Math.max(longest, write.answeredMicros() - before);
            before = write.acknowledged() ? write.answeredMicros() : before;
        }
        return longest;
    }
}
