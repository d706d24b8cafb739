package io.tidegate.proxy.control;

/**
 * Something about a shard that an operator should look at.
 *
 * @param kind one word; that of {@link io.tidegate.routing.engine.WarningKind} where it is one
 * @param text what is so
 * @param remedy what to do about it
 */
public record Oddity(String kind, String text, String remedy) {}
