package io.tidegate.proxy;

import io.tidegate.proxy.config.TidegateConfig;
import io.tidegate.routing.CausalScope;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Which sessions must see one another's acknowledged writes. */
final class CausalScopes {
    private static final int USERS_MAX = 10_000;

    private CausalScopes() {}

    /**
     * Whose acknowledged writes a session of this listener must see.
     *
     * @param lastNanos what scopes that are shared begin with: all that was acknowledged up to then
     */
    static Function<String, CausalScope> of(TidegateConfig.Causal causal, long lastNanos) {
        return switch (causal) {
            case CONNECTION -> user -> new CausalScope();
            case LISTENER -> {
                CausalScope shared = new CausalScope(lastNanos);
                yield user -> shared;
            }
            case USER -> byUser(lastNanos);
        };
    }

    /** Beyond the limit users share a scope: they may wait for one another's writes, and miss none. */
    private static Function<String, CausalScope> byUser(long lastNanos) {
        Map<String, CausalScope> byUser = new ConcurrentHashMap<>();
        CausalScope others = new CausalScope(lastNanos);
        return user -> {
            boolean own = byUser.size() < USERS_MAX || byUser.containsKey(user);
            return own ? byUser.computeIfAbsent(user, fresh -> new CausalScope(lastNanos)) : others;
        };
    }
}
