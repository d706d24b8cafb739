package io.tidegate.routing.engine;

import io.tidegate.routing.Instants;
import java.util.Comparator;
import java.util.List;

/**
 * What the sentinels prove about the claim in use, as instants. The package's description derives both rules.
 *
 * <ul>
 *   <li><em>Confirmation</em>: the k-th latest of the instants at which sentinels supported the claim, for k = {@link
 *       Electorate#toConfirm()}. Whoever was elected before it had the vote of one of those k, which would show.
 *   <li><em>Lease</em>: the k-th latest of the instants until which sentinels cannot hold the primary down, for k = {@link
 *       Electorate#toLease()}. Until then no quorum can.
 * </ul>
 */
final class Proof {
    private Proof() {}

    /** One identity's word that it did not hold the primary down, and until when it cannot. */
    private record Promise(long untilNanos, long chainNanos, long writtenNanos) {}

    static long confirmedNanos(Identities identities, Electorate electorate) {
        return identities.all().stream()
                .map(views -> views.stream()
                        .mapToLong(SentinelView::supportedNanos)
                        .min()
                        .orElse(Instants.UNKNOWN))
                .sorted(Comparator.reverseOrder())
                .skip(electorate.toConfirm() - 1L)
                .findFirst()
                .orElse(Instants.UNKNOWN);
    }

    /** @param tiltedNanos when a sentinel was last known to be in TILT: everybody's chain begins after it */
    static long leaseNanos(Identities identities, Electorate electorate, long marginNanos, long tiltedNanos) {
        List<Promise> latest = identities.all().stream()
                .filter(views -> views.stream().allMatch(view -> view.aliveNanos() != Instants.UNKNOWN))
                .map(views -> promise(views, electorate.downAfterNanos() - marginNanos, tiltedNanos))
                .filter(promise -> promise.writtenNanos() - promise.chainNanos() >= Limits.CHAIN_NANOS)
                .sorted(Comparator.comparingLong(Promise::untilNanos).reversed())
                .limit(electorate.toLease())
                .toList();
        if (latest.size() < electorate.toLease()) {
            return Instants.UNKNOWN;
        }
        long chained = latest.stream().mapToLong(Promise::chainNanos).max().orElseThrow();
        long asked = latest.stream().mapToLong(Promise::writtenNanos).min().orElseThrow();
        // An election that an older down-answer started is over, or its votes were cast, before any of them was asked.
        if (asked - chained < Limits.CHAIN_NANOS) {
            return Instants.UNKNOWN;
        }
        return latest.get(latest.size() - 1).untilNanos();
    }

    private static Promise promise(List<SentinelView> views, long validNanos, long tiltedNanos) {
        long alive = views.stream().mapToLong(SentinelView::aliveNanos).min().orElseThrow();
        long chain = views.stream().mapToLong(SentinelView::chainNanos).max().orElseThrow();
        long written =
                views.stream().mapToLong(SentinelView::writtenNanos).min().orElseThrow();
        return new Promise(alive + validNanos, Math.max(chain, tiltedNanos), written);
    }
}
