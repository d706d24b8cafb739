package io.tidegate.routing.engine;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the sentinels name now, each by its last report, be it void or not. */
final class NamedClaims {
    private final Collection<SentinelView> views;

    /** @param views the arbiter's own, read at each question */
    NamedClaims(Collection<SentinelView> views) {
        this.views = views;
    }

    /** One for each sentinel that names any. */
    List<Claim> all() {
        return views.stream()
                .map(SentinelView::namedClaim)
                .filter(Objects::nonNull)
                .toList();
    }

    /** The claim of the highest epoch; of two with one epoch, the one more sentinels name. */
    @Nullable Claim highest() {
        Claim highest = null;
        for (SentinelView view : views) {
            Claim named = view.namedClaim();
            if (named != null && !named.equals(highest) && (highest == null || isBefore(highest, named))) {
                highest = named;
            }
        }
        return highest;
    }

    private boolean isBefore(Claim one, Claim other) {
        return one.epoch() < other.epoch() || (one.epoch() == other.epoch() && namers(one) < namers(other));
    }

    private long namers(Claim claim) {
        return views.stream().filter(view -> claim.equals(view.namedClaim())).count();
    }

    /** Another node that is named for the same epoch. */
    @Nullable Claim rivalOf(Claim claim) {
        for (SentinelView view : views) {
            Claim named = view.namedClaim();
            if (named != null && named.epoch() == claim.epoch() && !named.equals(claim)) {
                return named;
            }
        }
        return null;
    }
}
