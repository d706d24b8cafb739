package io.tidegate.proxy.control;

import io.lettuce.core.api.StatefulRedisConnection;
import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.proxy.loop.Reasons;
import io.tidegate.routing.NodeAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Connections for what is asked of nodes and sentinels but once, beside the links that watch them: whatever waits here
 * keeps no watch waiting. One for each address, opened when it is first needed and anew when it was lost. On the control
 * loop, all of it.
 */
final class Errands {
    /**
     * What came of it.
     *
     * @param replies empty if there is a failure
     * @param failure why there is no answer; a server's error is an answer
     */
    record Told(List<Reply> replies, @Nullable String failure) {
        /** The failure, or the first error among the replies; null if all went well. */
        @Nullable String trouble() {
            return failure != null
                    ? failure
                    : replies.stream()
                            .map(Reply::error)
                            .filter(Objects::nonNull)
                            .map(Reasons::printable)
                            .findFirst()
                            .orElse(null);
        }
    }

    private final Connector connector;
    private final Consumer<Runnable> guard;
    private final Map<NodeAddress, StatefulRedisConnection<String, String>> connections = new HashMap<>();
    private boolean sealed;
    private boolean closed;

    /** @param guard runs what is to be done with an answer */
    Errands(Connector connector, Consumer<Runnable> guard) {
        this.connector = connector;
        this.guard = guard;
    }

    void askNode(NodeAddress node, List<Query> queries, long nanosMax, Consumer<Told> then) {
        ask(node, queries, nanosMax, then, connector::node);
    }

    void askSentinel(NodeAddress sentinel, List<Query> queries, long nanosMax, Consumer<Told> then) {
        ask(sentinel, queries, nanosMax, then, connector::sentinel);
    }

    /** From now on no connection is opened: whoever is asked over a lost one has not answered. */
    void seal() {
        sealed = true;
    }

    /** Nobody is told any more. */
    void close() {
        closed = true;
        connections.values().forEach(StatefulRedisConnection::closeAsync);
        connections.clear();
    }

    private interface Dial {
        CompletionStage<? extends StatefulRedisConnection<String, String>> to(NodeAddress address);
    }

    private void ask(NodeAddress address, List<Query> queries, long nanosMax, Consumer<Told> then, Dial dial) {
        Errand errand = new Errand(address, queries, then);
        errand.limit = connector.loop().schedule(errand::late, nanosMax, TimeUnit.NANOSECONDS);
        StatefulRedisConnection<String, String> open = connections.get(address);
        if (open != null && open.isOpen()) {
            errand.ask(open);
            return;
        }
        if (sealed) {
            errand.over(new Told(List.of(), "the connection to " + address + " was lost"));
            return;
        }
        try {
            dial.to(address)
                    .whenComplete((fresh, failure) -> connector.loop().execute(() -> errand.dialled(fresh, failure)));
        } catch (RuntimeException e) { // not even begun
            errand.over(new Told(List.of(), Reasons.of(e)));
        }
    }

    private final class Errand implements Exchange.Handler {
        private final NodeAddress address;
        private final List<Query> queries;
        private final Consumer<Told> then;
        private @Nullable ScheduledFuture<?> limit;
        private boolean over;

        Errand(NodeAddress address, List<Query> queries, Consumer<Told> then) {
            this.address = address;
            this.queries = queries;
            this.then = then;
        }

        void dialled(@Nullable StatefulRedisConnection<String, String> fresh, @Nullable Throwable failure) {
            if (fresh == null) {
                over(new Told(List.of(), failure == null ? "no connection" : Reasons.of(failure)));
            } else if (closed || over) {
                fresh.closeAsync();
            } else {
                StatefulRedisConnection<String, String> old = connections.put(address, fresh);
                if (old != null) {
                    old.closeAsync();
                }
                ask(fresh);
            }
        }

        void ask(StatefulRedisConnection<String, String> connection) {
            Exchange.ask(connection, queries, this);
        }

        void late() {
            StatefulRedisConnection<String, String> mute = connections.remove(address);
            if (mute != null) {
                mute.closeAsync(); // or what comes late would be taken for the answer to something else
            }
            over(new Told(List.of(), "no answer to " + queries.get(0)));
        }

        @Override
        public void answered(List<Reply> replies) {
            over(new Told(replies, null));
        }

        @Override
        public void failed(Throwable cause) {
            over(new Told(List.of(), Reasons.of(cause)));
        }

        private void over(Told told) {
            if (limit != null) {
                limit.cancel(false);
            }
            if (!over && !closed) {
                over = true;
                guard.accept(() -> then.accept(told));
            }
        }
    }
}
