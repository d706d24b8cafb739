package io.tidegate.bench.drill;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Map;
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
