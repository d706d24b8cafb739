package io.tidegate.routing.engine;

import io.tidegate.routing.Instants;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
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

    /** Votes that were cast and that the sentinel knows of no more: what it answers now says nothing of them. */
    private final List<Ballot> forgotten = new ArrayList<>();

    private long askedEpoch = NO_EPOCH;
    private boolean unheard = true;

    /** The sentinel announced a vote; for which of its shards, it does not say. */
    void announced(@Nullable String leader, long epoch, long readNanos) {
        add(unsettled, new Ballot(leader, epoch, readNanos));
    }

    /** The sentinel reported its last vote for this shard to a query written at {@code writtenNanos}. */
    void reported(SentinelState.@Nullable Vote vote, long configEpoch, long writtenNanos, long readNanos) {
        long epoch = vote == null ? NO_EPOCH : vote.epoch();
        if (epoch < askedEpoch) {
            memoryLost();
        }
        // What was announced before the question and is later than the answer was another shard's.
        unsettled.removeIf(ballot -> ballot.seenNanos() <= writtenNanos && ballot.epoch() > epoch);
        if (vote != null && epoch > askedEpoch) {
            boolean announced = unsettled.stream().anyMatch(ballot -> ballot.epoch() == epoch);
            if (!announced) {
                add(unsettled, new Ballot(known(vote.leader()), epoch, readNanos));
            }
            boolean mayHide = unheard || !announced;
            if (mayHide && epoch - 1 > Math.max(askedEpoch, configEpoch)) {
                add(unsettled, new Ballot(null, epoch - 1, readNanos));
            }
        }
        askedEpoch = Math.max(askedEpoch, epoch);
        unheard = false;
    }

    /** The subscription broke: votes may be cast unheard until the sentinel is asked again. */
    void interrupted() {
        unheard = true;
    }

    /**
     * The sentinel lost its memory: it was told to watch the shard anew, or another one answers under its name. The votes
     * that it cast stand.
     */
    void memoryLost() {
        unsettled.forEach(ballot -> add(forgotten, ballot));
        unsettled.clear();
        askedEpoch = NO_EPOCH;
        unheard = true;
    }

    /** Drops the ballots that can no longer elect anybody. */
    void settle(Predicate<Ballot> settled) {
        unsettled.removeIf(settled);
        forgotten.removeIf(settled);
    }

    boolean allSettled() {
        return unsettled.isEmpty() && forgotten.isEmpty();
    }

    /** True if no ballot of an epoch above {@code epoch} is unsettled. */
    boolean noneAbove(long epoch) {
        return noneAbove(unsettled, epoch) && noneAbove(forgotten, epoch);
    }

    private static boolean noneAbove(List<Ballot> ballots, long epoch) {
        for (Ballot ballot : ballots) {
            if (ballot.epoch() > epoch) {
                return false;
            }
        }
        return true;
    }

    /** The unsettled ballots of epochs above {@code epoch}. */
    List<Ballot> above(long epoch) {
        return Stream.concat(unsettled.stream(), forgotten.stream())
                .filter(ballot -> ballot.epoch() > epoch)
                .toList();
    }

    /** True if this sentinel is known to have voted in this epoch for another than {@code leader}, and knows it itself. */
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
        return Math.max(latestSeenNanos(unsettled, epoch), latestSeenNanos(forgotten, epoch));
    }

    private static long latestSeenNanos(List<Ballot> ballots, long epoch) {
        long latest = Instants.UNKNOWN;
        for (Ballot ballot : ballots) {
            if (ballot.epoch() > epoch) {
                latest = Math.max(latest, ballot.seenNanos());
            }
        }
        return latest;
    }

    private static void add(List<Ballot> ballots, Ballot ballot) {
        ballots.add(ballot);
        if (ballots.size() > Limits.BALLOTS_MAX) {
            long highest = ballots.stream().mapToLong(Ballot::epoch).max().orElse(ballot.epoch());
            long latest = ballots.stream().mapToLong(Ballot::seenNanos).max().orElse(ballot.seenNanos());
            ballots.clear();
            ballots.add(new Ballot(null, highest, latest));
        }
    }

    /** A sentinel that was restarted or reset remembers the epoch of its vote, and answers a star for whom. */
    private static @Nullable String known(String leader) {
        return leader.equals("*") ? null : leader;
    }
}
