package io.tidegate.bench.compare;

import io.tidegate.bench.load.Traffic;
import java.util.List;

/**
 * What a comparison gave, raw, with all that tables and plots say of it: they can be made again from this.
 *
 * @param machine it was measured on
 * @param cpus who ran where
 * @param versions of the subjects, in their order
 * @param rates at which latencies were measured
 */
record Results(
        String machine,
        String cpus,
        Setup setup,
        List<Version> versions,
        List<Rate> rates,
        List<Figures.Line> figures) {
    /** What a subject says of itself. */
    record Version(String subject, String version) {}

    /** Requests per second. */
    record Rate(Traffic traffic, long rate) {}

    /** Names, in order. */
    List<String> subjects() {
        return versions.stream().map(Version::subject).toList();
    }
}
