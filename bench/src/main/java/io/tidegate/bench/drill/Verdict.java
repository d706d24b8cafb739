package io.tidegate.bench.drill;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.tidegate.proxy.cli.drill.Findings;
import io.tidegate.proxy.cli.drill.History;
import io.tidegate.proxy.cli.drill.History.Write;
import io.tidegate.proxy.cli.drill.Kept;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a history shows beside what the surviving primary holds, of one connection or of several.
 *
 * @param acknowledged writes that the application takes for done
 * @param lost of these, those that are not there
 * @param lostAfterTakeover of these, those acknowledged after the survivor had become primary
 * @param duplicated entries beyond the first of a write that was made once
 * @param reordered entries behind one of a later write
 * @param failed writes that the application takes for not done
 * @param failedAndKept of these, those that are there all the same
 * @param uncertain writes that the application knows nothing of
 * @param uncertainAndKept of these, those that are there
 * @param kept writes that are there
 * @param longestPauseMicros the longest time that one connection had no acknowledgement
 * @param firstAfterMicros from the takeover, cut to a millisecond, to the first acknowledgement of a write that the new
 *     primary ran; {@link #NEVER} if there is none
 * @param errors by their first word
 */
record Verdict(
        long acknowledged,
        long lost,
        long lostAfterTakeover,
        long duplicated,
        long reordered,
        long failed,
        long failedAndKept,
        long uncertain,
        long uncertainAndKept,
        long kept,
        long longestPauseMicros,
        long firstAfterMicros,
        Map<String, Long> errors) {
    static final long NEVER = Long.MAX_VALUE;

    /** Of no connection. */
    static final Verdict NONE = new Verdict(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NEVER, Map.of());

    Verdict {
        errors = Map.copyOf(errors);
    }

    /**
     * Compares with what there is in the end.
     *
     * @param kept the stream of this history's connection on the surviving primary, in its order
     * @param takeoverMillis when that one was told to be primary, by the wall clock, cut to a millisecond as its log has it
     * @throws IllegalArgumentException if there is a number that was never written: then this is not its stream
     */
    static Verdict of(History history, List<Kept> kept, long takeoverMillis) {
        Findings found = history.judge(kept);
        return new Verdict(
                found.acknowledged(),
                found.lost(),
                lostAfter(history, kept, takeoverMillis),
                found.duplicated(),
                found.reordered(),
                found.failed(),
                found.failedAndKept(),
                found.uncertain(),
                found.uncertainAndKept(),
                found.kept(),
                found.longestPauseMicros(),
                firstAfterMicros(history, kept, takeoverMillis),
                found.errors());
    }

    private static long lostAfter(History history, List<Kept> kept, long takeoverMillis) {
        Set<Long> present = new HashSet<>();
        kept.forEach(entry -> present.add(entry.number()));
        long count = 0;
        for (int number = 0; number < history.next(); number++) {
            Write write = history.writes().get(number);
            boolean after = write.acknowledged() && write.answeredMicros() >= endOf(takeoverMillis);
            count += after && !present.contains((long) number) ? 1 : 0;
        }
        return count;
    }

    /**
     * When the first acknowledgement came of a write that the new primary ran itself: what is in its stream with a later
     * time than the takeover's, since nothing came to it from the old one any more.
     */
    private static long firstAfterMicros(History history, List<Kept> kept, long takeoverMillis) {
        return kept.stream()
                .filter(entry -> entry.ranAtMillis() > takeoverMillis)
                .map(entry -> history.writes().get(Math.toIntExact(entry.number())))
                .filter(Write::acknowledged)
                .mapToLong(write -> write.answeredMicros() - takeoverMillis * 1_000)
                .min()
                .orElse(NEVER);
    }

    /** The first instant that is certainly later. */
    private static long endOf(long millis) {
        return (millis + 1) * 1_000;
    }

    /** Of both together. */
    Verdict plus(Verdict other) {
        Map<String, Long> both = new TreeMap<>(errors);
        other.errors.forEach((error, count) -> both.merge(error, count, Long::sum));
        return new Verdict(
                acknowledged + other.acknowledged,
                lost + other.lost,
                lostAfterTakeover + other.lostAfterTakeover,
                duplicated + other.duplicated,
                reordered + other.reordered,
                failed + other.failed,
                failedAndKept + other.failedAndKept,
                uncertain + other.uncertain,
                uncertainAndKept + other.uncertainAndKept,
                kept + other.kept,
                Math.max(longestPauseMicros, other.longestPauseMicros),
                Math.min(firstAfterMicros, other.firstAfterMicros),
                both);
    }

    /** Whether any write was acknowledged by the new primary. */
    @JsonIgnore
    boolean resumed() {
        return firstAfterMicros != NEVER;
    }
}
