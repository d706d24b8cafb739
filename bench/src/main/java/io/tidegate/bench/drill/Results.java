package io.tidegate.bench.drill;

import java.util.List;

/**
 * What drills gave, raw, with all that the table says of it: it can be made again from this.
 *
 * @param machine they were made on
 * @param versions of the subjects, in their order
 * @param lines one for each fault, round and subject
 */
record Results(String machine, Setup setup, List<Version> versions, List<Line> lines) {
    /** What a subject says of itself. */
    record Version(String subject, String version) {}

    /**
     * What came of one fault for one subject.
     *
     * @param takeovers in this round, of all servers together
     */
    record Line(Fault fault, int round, String subject, int takeovers, Verdict verdict) {}
}
