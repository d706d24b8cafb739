package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.upstream.Identity;
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
 * @param rights who it may be, and which commands it may give
 * @param entrance which listener it is
 * @param open whether who has not said who he is may be what the servers make of that; else he has to say it, whatever they
 *     would do: others than this machine's may be there, and nothing has let them in
 */
public record Profile(
        ReadLevel level,
        Durability durability,
        Function<String, CausalScope> scopeOf,
        Rights rights,
        Entrance entrance,
        boolean open) {
    /** Of a listener of its own, that only this machine reaches, and that allows and denies nothing. */
    public Profile(ReadLevel level, Durability durability, Function<String, CausalScope> scopeOf) {
        this(level, durability, scopeOf, Rights.USUAL, new Entrance(), true);
    }

    /** Whether who has not said who he is may be asked for at the servers: for them he is their default user, if anybody. */
    boolean takesStrangers() {
        return open && rights.admit(Identity.ANONYMOUS.user());
    }
}
