package io.tidegate.proxy.upstream;

/**
 * What a server said of itself when a connection to it was opened, after the connection was established and before any
 * command of a client went over it.
 *
 * @param runId {@code run_id}: of which process the connection is
 * @param primary whether {@code ROLE} said {@code master}
 * @param version {@code redis_version}
 */
public record Greeting(String runId, boolean primary, String version) {
    /** Nothing was said yet. */
    public static final Greeting NONE = new Greeting("", false, "");
}
