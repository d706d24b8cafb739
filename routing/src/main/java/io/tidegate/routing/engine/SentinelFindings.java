package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is odd about the sentinels of a shard now, from what they said and from how they are set up. */
final class SentinelFindings {
    /** Sentinels ping each second, or each {@code down-after} if that is less, and their timer adds up to 100 ms. */
    private static final long PING_NANOS = 1_100_000_000L;

    private final Collection<SentinelView> views;
    private final Identities identities;
    private final Electorate electorate;
    private final List<Finding> found = new ArrayList<>();

    private SentinelFindings(Collection<SentinelView> views, Identities identities, Electorate electorate) {
        this.views = views;
        this.identities = identities;
        this.electorate = electorate;
    }

    static List<Finding> of(
            Collection<SentinelView> views,
            Identities identities,
            Electorate electorate,
            String shardName,
            long marginNanos,
            @Nullable Claim used) {
        SentinelFindings findings = new SentinelFindings(views, identities, electorate);
        findings.lookAtEach(shardName, used);
        if (identities.count() > 0) {
            int answering = findings.answering();
            findings.lookAtIdentities();
            if (answering > 0) {
                findings.lookAtSetUp(marginNanos);
            }
            findings.lookAtNumbers(answering);
            findings.lookAtAgreement(used);
        }
        return findings.found;
    }

    private void lookAtEach(String shardName, @Nullable Claim used) {
        for (SentinelView view : views) {
            Fault fault = view.fault();
            if (fault != null) {
                add(kind(view, fault), view, words(view, fault));
            } else if (view.reportsNoShard()) {
                add(WarningKind.UNKNOWN_NAME, view, "watches no primary under the name '" + shardName + "'");
            } else if (used != null && view.isBehind(used)) {
                add(
                        WarningKind.EPOCH_BEHIND,
                        view,
                        "names " + view.namedClaim() + ", and the epoch in use is " + used.epoch());
            }
        }
    }

    private static WarningKind kind(SentinelView view, Fault fault) {
        return switch (fault) {
            case UNREACHABLE -> view.ghost() ? WarningKind.GHOST_SENTINEL : WarningKind.SENTINEL_UNREACHABLE;
            case CREDENTIALS -> WarningKind.SENTINEL_CREDENTIALS;
            case NO_RESP3 -> WarningKind.SENTINEL_WITHOUT_RESP3;
            case WRONG_KIND -> WarningKind.NOT_A_SENTINEL;
        };
    }

    private static String words(SentinelView view, Fault fault) {
        return fault == Fault.UNREACHABLE && view.ghost()
                ? "is listed by other sentinels, so it counts, and has never answered: " + view.lostReason()
                : "cannot be used: " + view.lostReason();
    }

    private void lookAtIdentities() {
        List<NodeAddress> shared = identities.shared();
        if (!shared.isEmpty()) {
            add(WarningKind.SHARED_IDENTITY, "sentinels " + shared + " have one identity and count as one");
        }
    }

    /** How many sentinels watch this shard, for all that is known. */
    private int answering() {
        return identities.count(view -> !view.reportsNoShard());
    }

    private void lookAtSetUp(long marginNanos) {
        if (electorate.quorum() == 1 && electorate.size() > 1) {
            add(
                    WarningKind.QUORUM_ONE,
                    "quorum: 1: any sentinel may begin a failover alone, so a lease needs all " + electorate.size()
                            + " sentinels");
        }
        if (electorate.downAfterNanos() - marginNanos <= PING_NANOS) {
            add(
                    WarningKind.SHORT_DOWN_AFTER,
                    "down-after: " + electorate.downAfterNanos() / 1_000_000
                            + " ms is hardly longer than the sentinels' ping period: the lease has gaps in which writes"
                            + " wait for the sentinels");
        }
    }

    private void lookAtNumbers(int answering) {
        // A lease needs no fewer than a confirmation.
        if (answering >= electorate.toLease() || !views.stream().allMatch(SentinelView::tried)) {
            return;
        }
        String answer =
                "sentinels: " + answering + " of " + electorate.size() + " answer for this shard (expected: >= ";
        if (answering < electorate.toConfirm()) {
            add(WarningKind.TOO_FEW_SENTINELS, answer + electorate.toConfirm() + " to confirm a claim)");
        } else {
            add(WarningKind.NO_LEASE, answer + electorate.toLease() + " for a lease)");
        }
    }

    private void lookAtAgreement(@Nullable Claim used) {
        SentinelView one = null;
        for (SentinelView view : views) {
            Claim named = view.namedClaim();
            Claim first = one == null ? null : one.namedClaim();
            if (one == null || first == null) {
                one = view;
            } else if (named != null && !first.primary().equals(named.primary())) {
                add(
                        WarningKind.PRIMARIES_DISAGREE,
                        "sentinel " + one.address() + " names " + first + ", and sentinel " + view.address() + " names "
                                + named);
                break;
            }
        }
        if (used != null && identities.count(view -> view.isBehind(used)) >= electorate.majority()) {
            add(
                    WarningKind.EPOCHS_LOST,
                    "most sentinels are at an epoch below " + used.epoch()
                            + ", the one in use, as if they had lost their state: no writes until they reach it again");
        }
    }

    private void add(WarningKind kind, SentinelView view, String text) {
        String about = "sentinel " + view.address();
        found.add(new Finding(kind, about, about + " " + text));
    }

    private void add(WarningKind kind, String text) {
        found.add(new Finding(kind, "", text));
    }
}
