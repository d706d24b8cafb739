package io.tidegate.proxy.cli.drill;

import java.util.Map;
import java.util.TreeMap;

/**
 * What a history shows beside what the surviving primary holds, of one connection or of several.
 *
 * @param acknowledged writes that the application takes for done
 * @param lost of these, those that are not there
 * @param duplicated entries beyond the first of a write that was made once
 * @param reordered entries behind one of a later write
 * @param late of these, those of which the application knew nothing, and which may have run when it had long gone on
 * @param failed writes that the application takes for not done
 * @param failedAndKept of these, those that are there all the same
 * @param uncertain writes that the application knows nothing of
 * @param uncertainAndKept of these, those that are there
 * @param kept writes that are there
 * @param stale reads that did not show a write of their own connection, acknowledged before and not lost
 * @param backwards reads that did not show what an earlier one of the same connection had shown, and is not lost
 * @param longestPauseMicros the longest time that one connection had no acknowledgement
 * @param errors by their first word
 */
public record Findings(
        long acknowledged,
        long lost,
        long duplicated,
        long reordered,
        long late,
        long failed,
        long failedAndKept,
        long uncertain,
        long uncertainAndKept,
        long kept,
        long stale,
        long backwards,
        long longestPauseMicros,
        Map<String, Long> errors) {
    /** Of no connection. */
    public static final Findings NONE = new Findings(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Map.of());

    public Findings {
        errors = Map.copyOf(errors);
    }

    /** Of both together. */
    public Findings plus(Findings other) {
        Map<String, Long> both = new TreeMap<>(errors);
        other.errors.forEach((error, count) -> both.merge(error, count, Long::sum));
        return new Findings(
                acknowledged + other.acknowledged,
                lost + other.lost,
                duplicated + other.duplicated,
                reordered + other.reordered,
                late + other.late,
                failed + other.failed,
                failedAndKept + other.failedAndKept,
                uncertain + other.uncertain,
                uncertainAndKept + other.uncertainAndKept,
                kept + other.kept,
                stale + other.stale,
                backwards + other.backwards,
                Math.max(longestPauseMicros, other.longestPauseMicros),
                both);
    }
}
