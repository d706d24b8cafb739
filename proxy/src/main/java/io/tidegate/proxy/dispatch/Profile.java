package io.tidegate.proxy.dispatch;

import io.tidegate.routing.CausalScope;
import io.tidegate.routing.Durability;
import io.tidegate.routing.ReadLevel;
import java.util.function.Function;

/**
 * What a listener gives each of its clients.
 *
 * @param level read level to begin with
 * @param durability what must hold a write before it is acknowledged, at least
 * @param scopeOf the causal scope for a user's name; a new one at each call where every connection has its own
 * @param rights which commands it may give
 * @param entrance which listener it is
 */
public record Profile(
        ReadLevel level,
        Durability durability,
        Function<String, CausalScope> scopeOf,
        Rights rights,
        Entrance entrance) {
    /** Of a listener of its own, that allows and denies nothing. */
    public Profile(ReadLevel level, Durability durability, Function<String, CausalScope> scopeOf) {
        this(level, durability, scopeOf, Rights.USUAL, new Entrance());
    }
}
