package io.tidegate.bench.drill;

/**
 * What became of a write.
 *
 * @param error the first word of the error, or what else was in the way; empty if it was acknowledged
 */
record Answer(Outcome outcome, String error) {
    static final Answer ACKNOWLEDGED = new Answer(Outcome.ACKNOWLEDGED, "");

    /** The code with which Tidegate says that it does not know. No other server has it. */
    private static final String UNCERTAIN = "UNCERTAIN";

    /** @param line an error of the server, whole */
    static Answer refused(String line) {
        String code = line.split(" ", 2)[0];
        return new Answer(code.equals(UNCERTAIN) ? Outcome.UNCERTAIN : Outcome.FAILED, code);
    }

    /** There was no connection to send it on. */
    static Answer unsent(Exception reason) {
        return new Answer(Outcome.FAILED, "unsent: " + reason.getClass().getSimpleName());
    }

    /** It was sent, and then there was no connection any more, or no answer in time. */
    static Answer unanswered(Exception reason) {
        return new Answer(Outcome.UNCERTAIN, "unanswered: " + reason.getClass().getSimpleName());
    }
}
