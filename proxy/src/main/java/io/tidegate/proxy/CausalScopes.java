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

    /** Whose acknowledged writes a session of this listener must see. */
    static Function<String, CausalScope> of(TidegateConfig.Causal causal) {
        return switch (causal) {
            case CONNECTION -> user -> new CausalScope();
            case LISTENER -> {
                CausalScope shared = new CausalScope();
                yield user -> shared;
            }
            case USER -> byUser();
        };
    }

    /** Beyond the limit users share a scope: they may wait for one another's writes, and miss none. */
    private static Function<String, CausalScope> byUser() {
        Map<String, CausalScope> byUser = new ConcurrentHashMap<>();
        CausalScope others = new CausalScope();
        return user -> {
            boolean own = byUser.size() < USERS_MAX || byUser.containsKey(user);
            return own ? byUser.computeIfAbsent(user, fresh -> new CausalScope()) : others;
        };
    }
}
