package io.tidegate.routing.engine;

import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An operator's word for a claim on which the sentinels do not agree. It stands against what they named then, and against
 * nothing else: a claim that is named later is news, and whoever decided did not know it.
 */
final class OperatorsWord {
    private @Nullable Claim claim;
    private Set<Claim> overruled = Set.of();

    void given(Claim chosen, Collection<Claim> named) {
        claim = chosen;
        overruled = Set.copyOf(named);
    }

    void withdraw() {
        claim = null;
    }

    boolean standsFor(@Nullable Claim used) {
        return claim != null && claim.equals(used);
    }

    boolean knew(Claim named) {
        return named.equals(claim) || overruled.contains(named);
    }
}
