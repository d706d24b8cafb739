package io.tidegate.proxy.upstream;

import io.tidegate.routing.Instants;

/**
 * What a server said of itself when a connection to it was opened, after the connection was established and before any
 * command of a client went over it.
 *
 * @param runId {@code run_id}: of which process the connection is
 * @param primary whether {@code ROLE} said {@code master}
 * @param product which software it is
 * @param clientId the number by which the server knows the connection; 0 if it did not say
 * @param askedNanos an instant before it was asked
 */
public record Greeting(String runId, boolean primary, Product product, long clientId, long askedNanos) {
    /** Nothing was said yet. */
    public static final Greeting NONE = new Greeting("", false, Product.UNKNOWN, 0, Instants.UNKNOWN);
}
