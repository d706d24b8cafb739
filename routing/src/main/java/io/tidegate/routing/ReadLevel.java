package io.tidegate.routing;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How fresh a read must be. The levels and their guarantees are the "Reads" section of README.
 *
 * @param kind which rule applies
 * @param boundNanos the d of {@code bounded(d)}, else 0
 */
public record ReadLevel(Kind kind, long boundNanos) {
    public static final ReadLevel EVENTUAL = new ReadLevel(Kind.EVENTUAL, 0);
    public static final ReadLevel SESSION = new ReadLevel(Kind.SESSION, 0);
    public static final ReadLevel STRONG = new ReadLevel(Kind.STRONG, 0);

    /** What {@link #parse} accepts, for error texts. */
    public static final String EXPECTED = "eventual | bounded(<duration>, e.g. 200ms) | session | strong";

    private static final Pattern BOUNDED = Pattern.compile("bounded\\(\\s*(\\d{1,9})\\s*(us|ms|s)\\s*\\)");

    public enum Kind {
        /** Any healthy replica within {@code max-lag}. */
        EVENTUAL,
        /** Misses nothing that was executed earlier than d before the request arrived. */
        BOUNDED,
        /** Reads its own acknowledged writes, and never goes back in time. */
        SESSION,
        /** The primary, under its lease. */
        STRONG
    }

    public ReadLevel {
        if (kind == Kind.BOUNDED ? boundNanos <= 0 : boundNanos != 0) {
            throw new IllegalArgumentException(
                    "bound: " + boundNanos + " ns for " + kind + " (expected: > 0 for bounded only)");
        }
    }

    public static ReadLevel bounded(long boundNanos) {
        return new ReadLevel(Kind.BOUNDED, boundNanos);
    }

    /**
     * Reads a level as configuration and {@code PROXY CONSISTENCY} write it.
     *
     * @throws IllegalArgumentException with what was expected
     */
    public static ReadLevel parse(String text) {
        return switch (text.trim()) {
            case "eventual" -> EVENTUAL;
            case "session" -> SESSION;
            case "strong" -> STRONG;
            default -> parseBounded(text.trim());
        };
    }

    private static ReadLevel parseBounded(String text) {
        Matcher bounded = BOUNDED.matcher(text);
        if (!bounded.matches() || Long.parseLong(bounded.group(1)) == 0) {
            throw new IllegalArgumentException("level: '" + text + "' (expected: " + EXPECTED + ")");
        }
        return bounded(Long.parseLong(bounded.group(1)) * unitNanos(bounded.group(2)));
    }

    private static long unitNanos(String unit) {
        return switch (unit) {
            case "us" -> 1_000L;
            case "ms" -> 1_000_000L;
            default -> 1_000_000_000L;
        };
    }

    @Override
    public String toString() {
        return switch (kind) {
            case EVENTUAL -> "eventual";
            case SESSION -> "session";
            case STRONG -> "strong";
            case BOUNDED ->
                boundNanos % 1_000_000 == 0
                        ? "bounded(" + boundNanos / 1_000_000 + "ms)"
                        : "bounded(" + boundNanos / 1_000 + "us)";
        };
    }
}
