package io.tidegate.proxy.pubsub;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A command that was sent and is not answered. */
final class Change {
    /** For whom; null if for nobody, or for somebody who is gone. */
    @Nullable Subscriber owner;

    final Kind kind;
    final boolean begins;
    /** What the client named, in its order. */
    final List<Topic> topics;
    /** Those of them for which the owner is counted from now on, or not any more. */
    final Set<Topic> counted;
    /** Frames still to come. */
    int owed;

    Change(@Nullable Subscriber owner, Kind kind, boolean begins, List<Topic> topics, Set<Topic> counted, int owed) {
        this.owner = owner;
        this.kind = kind;
        this.begins = begins;
        this.topics = topics;
        this.counted = counted;
        this.owed = owed;
    }
}
