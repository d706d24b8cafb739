package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What an operator should mend in how the sentinels are set up; each is told once. */
final class SetUpWarnings {
    /** Sentinels ping each second, or each {@code down-after} if that is less, and their timer adds up to 100 ms. */
    private static final long PING_NANOS = 1_100_000_000L;

    private final Outbox outbox;
    private final Set<String> told = new HashSet<>();

    SetUpWarnings(Outbox outbox) {
        this.outbox = outbox;
    }

    void once(String text) {
        if (told.size() < Limits.REMEMBERED_MAX && told.add(text)) {
            outbox.tell(new Notice.Warning(text));
        }
    }

    void look(Collection<SentinelView> views, Identities identities, Electorate electorate, long marginNanos) {
        if (identities.count() == 0) {
            return;
        }
        List<NodeAddress> shared = identities.shared();
        if (!shared.isEmpty()) {
            once("sentinels " + shared + " have one identity and count as one");
        }
        if (electorate.quorum() == 1 && electorate.size() > 1) {
            once("quorum: 1: any sentinel may begin a failover alone, so a lease needs all " + electorate.size()
                    + " sentinels");
        }
        if (electorate.downAfterNanos() - marginNanos <= PING_NANOS) {
            once("down-after: " + electorate.downAfterNanos() / 1_000_000
                    + " ms is hardly longer than the sentinels' ping period: the lease has gaps in which writes wait for"
                    + " the sentinels");
        }
        if (identities.count() < electorate.toConfirm() && views.stream().allMatch(SentinelView::tried)) {
            once("sentinels: " + identities.count() + " of " + electorate.size() + " answer (expected: >= "
                    + electorate.toConfirm() + " to confirm a claim)");
        }
    }
}
