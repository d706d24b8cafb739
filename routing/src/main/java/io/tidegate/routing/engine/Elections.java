package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which votes can still elect somebody. A vote above the epoch in use withdraws its sentinel's support until
 *
 * <ul>
 *   <li>a claim of its epoch or a higher one is in use, or
 *   <li>its leader, asked after the vote was seen, answers that it leads no failover and knows no claim of that epoch
 *       (where the leader is not known: every sentinel there is), or
 *   <li>too many are known to have voted for somebody else in that epoch, or
 *   <li>the limit {@code abandoned-vote} has passed;
 * </ul>
 *
 * <p>and, but for the first, only while no node that the sentinel does not name says primary (other than the one in use, as
 * it was when its claim was adopted): a leader may have promoted it and lost its memory.
 */
final class Elections {
    private final Shard shard;

    Elections(Shard shard) {
        this.shard = shard;
    }

    void settle(Collection<SentinelView> views, Identities identities, Electorate electorate, long nowNanos) {
        for (SentinelView view : views) {
            if (view.ballots().allSettled()) {
                continue;
            }
            SentinelState last = view.lastState();
            NodeAddress named = last == null ? null : last.primary();
            boolean quiet = !otherPrimarySpeaks(named);
            view.ballots()
                    .settle(ballot -> ballot.epoch() <= shard.claims().epoch()
                            || (quiet
                                    && (denied(ballot, named, identities, electorate)
                                            || cannotWin(ballot, identities, electorate)
                                            || abandoned(ballot, view, electorate, nowNanos))));
        }
    }

    private static boolean denied(
            Ballots.Ballot ballot, @Nullable NodeAddress named, Identities identities, Electorate electorate) {
        String leader = ballot.leader();
        if (leader != null) {
            List<SentinelView> heard = identities.named(leader);
            return !heard.isEmpty() && heard.stream().allMatch(view -> denies(view, ballot, named));
        }
        return identities.count(view -> denies(view, ballot, named)) >= electorate.size();
    }

    private static boolean denies(SentinelView leader, Ballots.Ballot ballot, @Nullable NodeAddress named) {
        return leader.deniesLeading(ballot.epoch(), named, ballot.seenNanos());
    }

    private static boolean cannotWin(Ballots.Ballot ballot, Identities identities, Electorate electorate) {
        String leader = ballot.leader();
        if (leader == null) {
            return false;
        }
        int against = identities.count(view -> view.ballots().votedAgainst(leader, ballot.epoch()));
        return electorate.size() - against < electorate.votesToElect();
    }

    private boolean abandoned(Ballots.Ballot ballot, SentinelView view, Electorate electorate, long nowNanos) {
        boolean abandoned = nowNanos - ballot.seenNanos() >= electorate.abandonedNanos();
        if (abandoned) {
            shard.warnings()
                    .happened(
                            WarningKind.ABANDONED,
                            "abandoned-vote: the vote of sentinel " + view.address() + " in epoch " + ballot.epoch()
                                    + " is no longer waited for");
        }
        return abandoned;
    }

    /** True if a node other than {@code named} says primary that somebody may have promoted. */
    boolean otherPrimarySpeaks(@Nullable NodeAddress named) {
        return shard.nodes().all().stream()
                .anyMatch(node ->
                        node.saysPrimary() && !node.address().equals(named) && !isPrimaryInUseAsItEverWas(node));
    }

    /**
     * Whom nobody has promoted since: it never was a replica, or its history would be another. A primary that was replaced
     * and of which no sentinel knows any more (after {@code SENTINEL RESET}) says primary for good.
     */
    private boolean isPrimaryInUseAsItEverWas(NodeView node) {
        ReplicationInfo info = node.infoAsPrimary();
        return info != null
                && node.address().equals(shard.claims().primary())
                && info.runId().equals(shard.claims().runId())
                && shard.claims().isOnlyHistory(info);
    }
}
