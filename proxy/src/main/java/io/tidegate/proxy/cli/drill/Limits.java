package io.tidegate.proxy.cli.drill;

import org.jspecify.annotations.Nullable;

/**
 * What a drill may find and still be passed. Writes done twice, overtaken, or there although they were refused, may never be.
 *
 * @param lost acknowledged writes that are gone
 * @param stale reads that did not show what they should have
 * @param errors commands answered with an error, or not sent for want of a connection
 * @param uncertain writes of which nothing is known; null for any number
 * @param rtoMillis the longest time without an acknowledgement to anybody; null for any
 */
public record Limits(
        long lost,
        long stale,
        long errors,
        @Nullable Long uncertain,
        @Nullable Long rtoMillis) {
    public static final Limits STRICT = new Limits(0, 0, 0, null, null);
}
