package io.tidegate.routing.engine;

import io.tidegate.routing.Instants;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
    private static final Comparator<Promise> LATEST_FIRST =
            Comparator.comparingLong(Promise::untilNanos).reversed();

    private Proof() {}

    /** One identity's word that it did not hold the primary down, and until when it cannot. */
    private record Promise(long untilNanos, long chainNanos, long writtenNanos) {}

    static long confirmedNanos(Identities identities, Electorate electorate) {
        if (identities.count() < electorate.toConfirm()) {
            return Instants.UNKNOWN;
        }
        long[] supported = new long[identities.count()];
        int count = 0;
        for (List<SentinelView> views : identities.all()) {
            long earliest = Instants.FOREVER;
            for (SentinelView view : views) {
                earliest = Math.min(earliest, view.supportedNanos());
            }
            supported[count++] = earliest;
        }
        Arrays.sort(supported);
        return supported[count - electorate.toConfirm()];
    }

    /** @param tiltedNanos when a sentinel was last known to be in TILT: everybody's chain begins after it */
    static long leaseNanos(Identities identities, Electorate electorate, long marginNanos, long tiltedNanos) {
        List<Promise> promises = new ArrayList<>();
        for (List<SentinelView> views : identities.all()) {
            Promise promise = promise(views, electorate.downAfterNanos() - marginNanos, tiltedNanos);
            if (promise != null && promise.writtenNanos() - promise.chainNanos() >= Limits.CHAIN_NANOS) {
                promises.add(promise);
            }
        }
        if (promises.size() < electorate.toLease()) {
            return Instants.UNKNOWN;
        }
        promises.sort(LATEST_FIRST);
        long until = Instants.FOREVER;
        long chained = Instants.UNKNOWN;
        long asked = Instants.FOREVER;
        for (Promise promise : promises.subList(0, electorate.toLease())) {
            until = promise.untilNanos();
            chained = Math.max(chained, promise.chainNanos());
            asked = Math.min(asked, promise.writtenNanos());
        }
        // An election that an older down-answer started is over, or its votes were cast, before any of them was asked.
        return asked - chained < Limits.CHAIN_NANOS ? Instants.UNKNOWN : until;
    }

    /** The weakest of what one identity says under all its names; null if it promises nothing. */
    private static @Nullable Promise promise(List<SentinelView> views, long validNanos, long tiltedNanos) {
        long alive = Instants.FOREVER;
        long chain = tiltedNanos;
        long written = Instants.FOREVER;
        for (SentinelView view : views) {
            if (view.aliveNanos() == Instants.UNKNOWN) {
                return null;
            }
            alive = Math.min(alive, view.aliveNanos());
            chain = Math.max(chain, view.chainNanos());
            written = Math.min(written, view.writtenNanos());
        }
        return new Promise(alive + validNanos, chain, written);
    }
}
