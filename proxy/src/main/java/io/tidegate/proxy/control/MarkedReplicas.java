package io.tidegate.proxy.control;

import io.lettuce.core.protocol.CommandType;
import io.tidegate.proxy.control.Errands.Told;
import io.tidegate.routing.NodeAddress;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The replicas as a switchover without sentinels has them: marked like the primary ({@link MarkedPrimary}), and told whom to
 * follow by these connections alone. Another switchover may make one of them primary; it does not begin while this one's
 * marks are there, also while this process is stopped, and when they are gone nothing that it sends is executed.
 */
final class MarkedReplicas {
    private static final long ANSWER_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(1_500);

    private static final List<Query> MARK = List.of(
            Query.of(CommandType.CLIENT, "ID"),
            Query.of(CommandType.CLIENT, "SETNAME", MarkedPrimary.NAME),
            Query.of(CommandType.CLIENT, "LIST"));

    private final Errands errands;
    private int unanswered;
    private @Nullable String against;

    /** @param errands for these nodes only; closed by who made them */
    MarkedReplicas(Errands errands) {
        this.errands = errands;
    }

    /** Marks them all; told what speaks against going on, or null if every mark is ours. */
    void mark(Collection<NodeAddress> replicas, Consumer<@Nullable String> then) {
        unanswered = replicas.size();
        for (NodeAddress replica : replicas) {
            errands.askNode(replica, MARK, ANSWER_NANOS_MAX, told -> {
                String trouble = trouble(replica, told);
                against = against == null ? trouble : against;
                if (--unanswered == 0) {
                    errands.seal();
                    then.accept(against);
                }
            });
        }
    }

    private static @Nullable String trouble(NodeAddress replica, Told told) {
        if (told.trouble() != null) {
            return "whether another switchover is under way cannot be seen at " + replica + ": " + told.trouble();
        }
        List<Reply> replies = told.replies();
        String other = MarkedPrimary.other(
                replies.get(2).text(), String.valueOf(replies.get(0).value()));
        return other == null ? null : "another switchover is under way at " + replica + ": " + other;
    }

    /** Makes it a replica of that one. */
    void follow(NodeAddress replica, NodeAddress primary, Consumer<Told> then) {
        errands.askNode(replica, List.of(MarkedPrimary.replicaOf(primary)), ANSWER_NANOS_MAX, then);
    }
}
