package io.tidegate.bench.drill;

import io.tidegate.bench.report.Spread;
import java.util.function.ToDoubleFunction;

/** A column of the table. */
enum Metric {
    ACKNOWLEDGED("acknowledged", Verdict::acknowledged),
    LOST("lost", Verdict::lost),
    LOST_AFTER_TAKEOVER("lost after takeover", Verdict::lostAfterTakeover),
    DUPLICATED("duplicated", Verdict::duplicated),
    REORDERED("reordered", Verdict::reordered),
    FAILED("failed", Verdict::failed),
    FAILED_AND_KEPT("failed, yet there", Verdict::failedAndKept),
    UNCERTAIN("uncertain", Verdict::uncertain),
    LONGEST_PAUSE("longest pause ms", verdict -> millis(verdict.longestPauseMicros())),
    FIRST_AFTER(
            "first ms after takeover",
            verdict -> verdict.resumed() ? millis(verdict.firstAfterMicros()) : Double.POSITIVE_INFINITY);

    private static final double MICROS_PER_MILLI = 1_000;

    private final String title;

    @SuppressWarnings("ImmutableEnumChecker") // functions without state
    private final ToDoubleFunction<Verdict> value;

    Metric(String title, ToDoubleFunction<Verdict> value) {
        this.title = title;
        this.value = value;
    }

    String title() {
        return title;
    }

    double of(Verdict verdict) {
        return value.applyAsDouble(verdict);
    }

    /** Writes of which each counts, or a time with as many digits as mean something. */
    String text(Spread spread) {
        return this == LONGEST_PAUSE || this == FIRST_AFTER ? spread.toString() : spread.whole();
    }

    private static double millis(long micros) {
        return micros / MICROS_PER_MILLI;
    }
}
