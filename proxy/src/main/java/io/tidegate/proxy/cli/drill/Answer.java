package io.tidegate.proxy.cli.drill;

import java.util.Set;

/**
 * What became of a write.
 *
 * @param error the first word of the error, or what else was in the way; empty if it was acknowledged
 */
public record Answer(Outcome outcome, String error) {
    public static final Answer ACKNOWLEDGED = new Answer(Outcome.ACKNOWLEDGED, "");

    /**
     * The codes with which Tidegate says that it does not know whether a write ran, or that it ran and may not last. No
     * other server has them.
     */
    private static final Set<String> UNCERTAIN = Set.of("UNCERTAIN", "UNDERREPLICATED");

    /**
     * The server said no.
     *
     * @param line its error, whole
     */
    public static Answer refused(String line) {
        String code = line.split(" ", 2)[0];
        return new Answer(UNCERTAIN.contains(code) ? Outcome.UNCERTAIN : Outcome.FAILED, code);
    }

    /** There was no connection to send it on. */
    public static Answer unsent(Exception reason) {
        return new Answer(Outcome.FAILED, "unsent: " + reason.getClass().getSimpleName());
    }

    /** It was sent, and then there was no connection any more, or no answer in time. */
    public static Answer unanswered(Exception reason) {
        return new Answer(Outcome.UNCERTAIN, "unanswered: " + reason.getClass().getSimpleName());
    }
}
