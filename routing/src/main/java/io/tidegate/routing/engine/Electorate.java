package io.tidegate.routing.engine;

import java.util.Collection;

/**
 * How many sentinels there are and how many of them it takes, each number rounded against ourselves: what one sentinel
 * reported is believed where it makes proofs harder, whatever the others say.
 *
 * @param size N: the largest number of sentinels that anyone counts or needs for a quorum, or that is configured
 * @param votesToElect the fewest votes that elect a leader anywhere: the majority of N, or fewer if some sentinel counts
 *     fewer sentinels, but never fewer than that sentinel's quorum
 * @param quorum the smallest reported
 * @param downAfterNanos the smallest reported
 * @param failoverTimeoutNanos the largest reported
 */
record Electorate(int size, int votesToElect, int quorum, long downAfterNanos, long failoverTimeoutNanos) {

    static Electorate of(Collection<SentinelView> views, int configured) {
        return of(views, Identities.of(views).count(), configured);
    }

    /** @param distinct how many sentinels there are behind the views */
    static Electorate of(Collection<SentinelView> views, int distinct, int configured) {
        int size = configured;
        int quorum = Integer.MAX_VALUE;
        int fewest = Integer.MAX_VALUE;
        long downAfterNanos = Long.MAX_VALUE;
        long failoverTimeoutNanos = 0;
        for (SentinelView view : views) {
            SentinelState said = view.lastState();
            if (said != null && said.knowsShard()) { // of another only that it exists is known, and that may change
                int counted = said.otherSentinels() + 1;
                size = Math.max(size, Math.max(counted, said.quorum())); // one just reset counts itself alone
                quorum = Math.min(quorum, said.quorum());
                fewest = Math.min(fewest, Math.max(majority(counted), said.quorum()));
                downAfterNanos = Math.min(downAfterNanos, said.downAfterNanos());
                failoverTimeoutNanos = Math.max(failoverTimeoutNanos, said.failoverTimeoutNanos());
            }
        }
        size = Math.max(size, distinct);
        if (quorum == Integer.MAX_VALUE) {
            return new Electorate(
                    size, majority(size), 1, 0, 0); // nobody has reported, so nothing can be proven anyway
        }
        return new Electorate(
                size,
                Math.max(1, Math.min(fewest, majority(size))),
                Math.max(1, quorum),
                downAfterNanos,
                failoverTimeoutNanos);
    }

    int majority() {
        return majority(size);
    }

    /** So many supporters share a member with every set of sentinels that could have elected a leader. */
    int toConfirm() {
        return size - votesToElect + 1;
    }

    /** So many sentinels that do not hold the primary down leave fewer than a quorum that could. */
    int toLease() {
        return Math.max(1, size - quorum + 1);
    }

    /** The limit {@code abandoned-vote}: after that long nobody who was voted for still begins a promotion. */
    long abandonedNanos() {
        return Math.max(Limits.ABANDONED_NANOS, failoverTimeoutNanos + Limits.ELECTION_NANOS);
    }

    private static int majority(int sentinels) {
        return sentinels / 2 + 1;
    }
}
