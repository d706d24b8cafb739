package io.tidegate.routing.engine;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What is told of all that is odd: what stands once when it begins and once when it ends, what happens once. Bounded by
 * what is watched: no finding outlives the look at which it was no longer found.
 */
final class Warnings {
    private static final class Standing {
        final String text;
        final long sinceNanos;
        boolean told;

        Standing(String text, long sinceNanos) {
            this.text = text;
            this.sinceNanos = sinceNanos;
        }
    }

    private record Key(WarningKind kind, String about) {}

    private final Outbox outbox;
    private final Map<Key, Standing> standing = new LinkedHashMap<>();
    private final Set<String> happened = new HashSet<>();

    Warnings(Outbox outbox) {
        this.outbox = outbox;
    }

    /** Something happened. */
    void happened(WarningKind kind, String text) {
        outbox.tell(new Notice.Warning(kind, text));
    }

    /** Something happened that is worth saying once only. */
    void once(WarningKind kind, String text) {
        if (happened.size() < Limits.REMEMBERED_MAX && happened.add(text)) {
            happened(kind, text);
        }
    }

    /** Takes all that stands now: tells what is new, and what is no longer found. */
    void look(Collection<Finding> found, long nowNanos) {
        if (found.isEmpty() && standing.isEmpty()) {
            return;
        }
        Set<Key> seen = new HashSet<>();
        for (Finding finding : found) {
            Key key = new Key(finding.kind(), finding.about());
            seen.add(key);
            Standing known = standing.computeIfAbsent(key, unused -> new Standing(finding.text(), nowNanos));
            boolean lasts = !finding.kind().passing() || nowNanos - known.sinceNanos >= Limits.PASSING_NANOS;
            if (lasts && !known.told) {
                known.told = true;
                outbox.tell(new Notice.Warning(finding.kind(), known.text));
            }
        }
        standing.entrySet().removeIf(entry -> {
            boolean over = !seen.contains(entry.getKey());
            if (over && entry.getValue().told) {
                outbox.tell(new Notice.WarningEnded(entry.getKey().kind(), entry.getValue().text));
            }
            return over;
        });
    }
}
