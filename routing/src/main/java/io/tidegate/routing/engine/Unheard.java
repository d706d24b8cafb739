package io.tidegate.routing.engine;

import io.tidegate.routing.engine.Ballots.Ballot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Failovers that a sentinel began, or may have been elected to begin, and of which nobody can ask it any more: it may have
 * died with them, or be cut off and go on. Writes wait until it is heard again, a later failover settles the matter, the
 * limit {@code abandoned-vote} passes, or an operator, who can look, says that there is nothing to wait for.
 */
final class Unheard {
    private final Shard shard;
    private final Elections elections;

    Unheard(Shard shard, Elections elections) {
        this.shard = shard;
        this.elections = elections;
    }

    /** Gives up what was waited for long enough. Votes are given up by {@link Elections}. */
    void giveUp(Collection<SentinelView> views, Electorate electorate, long nowNanos) {
        for (SentinelView view : views) {
            if (view.abandonedOpposition(electorate.abandonedNanos(), nowNanos)) {
                view.dropOpposition();
                shard.warnings()
                        .happened(
                                WarningKind.ABANDONED,
                                "abandoned: what sentinel " + view.address()
                                        + " began before it was lost is no longer waited for");
            }
        }
    }

    /** Whom writes wait for. */
    List<Finding> findings(Collection<SentinelView> views, Electorate electorate) {
        if (!waits()) {
            return List.of();
        }
        Identities identities = Identities.of(views);
        List<Finding> found = new ArrayList<>();
        for (SentinelView view : views) {
            if (view.opposes() && !view.up()) {
                found.add(
                        finding("sentinel " + view.address(), view.opposition().words(), electorate));
            }
            for (Ballot ballot : view.ballots().above(shard.claims().epoch())) {
                if (unheard(ballot, identities, electorate)) {
                    found.add(finding(leader(ballot, views), "was voted for", electorate));
                }
            }
        }
        return found;
    }

    private Finding finding(String leader, String what, Electorate electorate) {
        return new Finding(
                WarningKind.LEADER_UNHEARD,
                leader,
                "writes wait: " + leader + " " + what + " and cannot be asked; PROXY FENCE RELEASE "
                        + shard.claims().primary() + " ends that, or the limit abandoned-vote after "
                        + electorate.abandonedNanos() / 1_000_000_000 + " s");
    }

    private static String leader(Ballot ballot, Collection<SentinelView> views) {
        for (SentinelView view : views) {
            SentinelState last = view.lastState();
            if (last != null && last.sentinelRunId().equals(ballot.leader())) {
                return "sentinel " + view.address();
            }
        }
        return ballot.leader() == null ? "nobody knows which sentinel, which" : "sentinel " + ballot.leader();
    }

    /** Nobody denies such a vote: its leader is not heard; where the leader is not known, not every sentinel is. */
    private static boolean unheard(Ballot ballot, Identities identities, Electorate electorate) {
        String leader = ballot.leader();
        return leader == null
                ? identities.count() < electorate.size()
                : identities.named(leader).isEmpty();
    }

    private boolean waits() {
        return shard.claims().used() != null
                && (shard.state() == ShardState.FENCED || shard.state() == ShardState.CUTTING_OVER);
    }

    /** Why an operator cannot end the wait in favour of {@code node}; null if that is possible. */
    @Nullable String whyNotReleased(NodeView node, Collection<SentinelView> views, Electorate electorate) {
        if (!waits() || !node.address().equals(shard.claims().primary())) {
            return "the sentinels decide who is primary, and they are not split";
        }
        for (SentinelView view : views) {
            if (view.up() && view.opposes()) {
                return "sentinel " + view.address() + ", which can be asked, "
                        + view.opposition().words();
            }
        }
        if (elections.otherPrimarySpeaks(node.address())) {
            return "another node says primary, too";
        }
        return findings(views, electorate).isEmpty()
                ? "nobody is waited for who cannot be asked: " + shard.gateEvidence()
                : null;
    }

    /**
     * An operator said at {@code askedNanos} that nobody goes on with what cannot be asked for. What was heard later he cannot
     * have meant. The others still have to confirm the claim.
     */
    void release(Collection<SentinelView> views, Electorate electorate, long askedNanos) {
        Identities identities = Identities.of(views);
        for (SentinelView view : views) {
            if (!view.up() && view.opposedNanos() <= askedNanos) {
                view.dropOpposition();
            }
            view.ballots()
                    .settle(ballot -> ballot.seenNanos() <= askedNanos && unheard(ballot, identities, electorate));
        }
    }
}
