package io.tidegate.proxy.metrics;

/** What requests are told apart by where their durations are shown; a pipeline's are all of one. */
public enum RequestGroup {
    /** All of them only read. */
    READ,
    /** At least one may change data. */
    WRITE,
    /** At least one runs a script or a function, which takes as long as it takes. */
    SCRIPT,
    /** It waits for data, for as long as it asks to. */
    BLOCKING,
    /** Over a connection of the client's own: within a transaction, while keys are watched, too large to be kept. */
    OTHER
}
