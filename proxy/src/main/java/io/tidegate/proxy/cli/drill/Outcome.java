package io.tidegate.proxy.cli.drill;

/** What an application knows of a write that it has made. */
public enum Outcome {
    ACKNOWLEDGED,
    /** It has not run: an error of the server, or there was no connection to send it on. */
    FAILED,
    /**
     * It may have run, or may not last: the connection was lost, the time was up, or {@code UNCERTAIN} or {@code
     * UNDERREPLICATED} was the answer.
     */
    UNCERTAIN
}
