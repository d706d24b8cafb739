package io.tidegate.proxy.cli.drill;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that a drill has seen.
 *
 * @param writing what clients were told, and what is true of it; null if it did not come to that
 * @param stopped whether somebody ended it
 */
public record Report(
        Plan plan,
        Instant begun,
        List<Step> steps,
        @Nullable Writing writing,
        boolean stopped) {
    /** What came of it as a whole. */
    public enum Verdict {
        /** Everything was done, and found to be within the limits. */
        PASSED,
        FAILED,
        /** What was done went well, but nothing was broken, since nobody had allowed it. */
        NOT_DRILLED,
        INTERRUPTED;

        /** As reports write it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /**
     * The clients' side.
     *
     * @param findings null if what is there in the end could not be read
     * @param latencies of {@code writes} and {@code reads}, {@code before} and {@code after} the fault
     * @param readErrors by their first word
     */
    public record Writing(
            Timeline timeline,
            @Nullable Findings findings,
            Map<String, Latency> latencies,
            long reads,
            Map<String, Long> readErrors) {
        public Writing {
            latencies = Map.copyOf(latencies);
            readErrors = Map.copyOf(readErrors);
        }
    }

    public Report {
        steps = List.copyOf(steps);
    }

    /** The verdict: a failure is one, even of a drill that somebody then ended. */
    public Verdict verdict() {
        if (steps.stream().anyMatch(Step::failed)) {
            return Verdict.FAILED;
        }
        if (stopped) {
            return Verdict.INTERRUPTED;
        }
        return plan.allowed() ? Verdict.PASSED : Verdict.NOT_DRILLED;
    }
}
