package io.tidegate.routing.engine;

import io.tidegate.routing.Instants;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The votes of one sentinel that may still elect somebody. A sentinel reports only its last vote, and one vote hides
 * those before it; so a vote that was not heard as it was cast leaves open whom the sentinel chose in the epochs since
 * it was last asked, and stands for a second ballot whose leader nobody knows.
 */
final class Ballots {
    /**
     * One vote.
     *
     * @param leader run id of the sentinel voted for; null if not known
     * @param epoch the epoch voted in; with an unknown leader, the highest it may be
     * @param seenNanos the instant at which it was seen: it was cast no later
     */
    record Ballot(@Nullable String leader, long epoch, long seenNanos) {}

    private static final long NO_EPOCH = -1;

    private final List<Ballot> unsettled = new ArrayList<>();
    private long askedEpoch = NO_EPOCH;
    private boolean unheard = true;

    /** The sentinel announced a vote; for which of its shards, it does not say. */
    void announced(@Nullable String leader, long epoch, long readNanos) {
        add(new Ballot(leader, epoch, readNanos));
    }

    /** The sentinel reported its last vote for this shard to a query written at {@code writtenNanos}. */
    void reported(SentinelState.@Nullable Vote vote, long configEpoch, long writtenNanos, long readNanos) {
        long epoch = vote == null ? NO_EPOCH : vote.epoch();
        // What was announced before the question and is later than the answer was another shard's.
        unsettled.removeIf(ballot -> ballot.seenNanos() <= writtenNanos && ballot.epoch() > epoch);
        if (vote != null && epoch > askedEpoch) {
            boolean announced = unsettled.stream().anyMatch(ballot -> ballot.epoch() == epoch);
            if (!announced) {
                add(new Ballot(known(vote.leader()), epoch, readNanos));
            }
            boolean mayHide = unheard || !announced;
            if (mayHide && epoch - 1 > Math.max(askedEpoch, configEpoch)) {
                add(new Ballot(null, epoch - 1, readNanos));
            }
        }
        askedEpoch = Math.max(askedEpoch, epoch);
        unheard = false;
    }

    /** The subscription broke: votes may be cast unheard until the sentinel is asked again. */
    void interrupted() {
        unheard = true;
    }

    /** Another sentinel votes under this name now. */
    void forget() {
        unsettled.clear();
        askedEpoch = NO_EPOCH;
        unheard = true;
    }

    /** Drops the ballots that can no longer elect anybody. */
    void settle(Predicate<Ballot> settled) {
        unsettled.removeIf(settled);
    }

    boolean allSettled() {
        return unsettled.isEmpty();
    }

    /** True if no ballot of an epoch above {@code epoch} is unsettled. */
    boolean noneAbove(long epoch) {
        for (Ballot ballot : unsettled) {
            if (ballot.epoch() > epoch) {
                return false;
            }
        }
        return true;
    }

    /** True if this sentinel is known to have voted in this epoch for another than {@code leader}. */
    boolean votedAgainst(String leader, long epoch) {
        for (Ballot ballot : unsettled) {
            if (ballot.epoch() == epoch && ballot.leader() != null && !leader.equals(ballot.leader())) {
                return true;
            }
        }
        return false;
    }

    /** When the latest unsettled ballot of an epoch above {@code epoch} was seen. */
    long latestSeenNanos(long epoch) {
        long latest = Instants.UNKNOWN;
        for (Ballot ballot : unsettled) {
            if (ballot.epoch() > epoch) {
                latest = Math.max(latest, ballot.seenNanos());
            }
        }
        return latest;
    }

    private void add(Ballot ballot) {
        unsettled.add(ballot);
        if (unsettled.size() > Limits.BALLOTS_MAX) {
            long highest = unsettled.stream().mapToLong(Ballot::epoch).max().orElse(ballot.epoch());
            unsettled.clear();
            unsettled.add(new Ballot(null, highest, ballot.seenNanos()));
        }
    }

    /** A sentinel that was restarted or reset remembers the epoch of its vote, and answers a star for whom. */
    private static @Nullable String known(String leader) {
        return leader.equals("*") ? null : leader;
    }
}
