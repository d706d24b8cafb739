package io.tidegate.routing.sim;

import static io.tidegate.routing.sim.EventQueue.MILLIS;

import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A proxy's connection to a node or sentinel that is kept, asked, and given up if it does not answer in time. */
abstract class Watch {
    private static final long RETRY_NANOS = 100 * MILLIS;
    private static final long TIMEOUT_NANOS = 700 * MILLIS;

    final SimProxy proxy;
    final NodeAddress to;

    private final Deque<Long> unanswered = new ArrayDeque<>();
    private @Nullable SimConnection connection;
    private long link;
    private long askedNanos = Instants.UNKNOWN;
    private boolean opening;
    private boolean forgotten;

    Watch(SimProxy proxy, NodeAddress to) {
        this.proxy = proxy;
        this.to = to;
    }

    abstract void opened();

    abstract void tellLost(String reason);

    final @Nullable SimConnection connection() {
        return connection;
    }

    final boolean isOver(SimConnection other) {
        return connection == other;
    }

    final long link() {
        return link;
    }

    final void openIfClosed() {
        if (connection != null || opening || forgotten) {
            return;
        }
        opening = true;
        link = proxy.newLink();
        proxy.network.connect(proxy, to, established -> {
            opening = false;
            if (established == null) {
                lost("refused");
            } else if (forgotten) {
                established.close(proxy);
            } else {
                connection = established;
                established.onClosedAtClient(() -> {
                    if (connection == established) {
                        lost("closed");
                    }
                });
                opened();
            }
        });
    }

    final void forget() {
        forgotten = true;
        close();
    }

    private void close() {
        if (connection != null) {
            connection.close(proxy);
            connection = null;
        }
        unanswered.clear();
        askedNanos = Instants.UNKNOWN;
    }

    private void lost(String reason) {
        close();
        tellLost(reason);
        proxy.later(RETRY_NANOS, this::openIfClosed);
    }

    /** To be called right before a query is written; the instant that it counts from. */
    final long writing() {
        long nowNanos = proxy.queue.nowNanos();
        unanswered.add(nowNanos);
        askedNanos = nowNanos;
        return nowNanos;
    }

    /** To be called right after a reply was read; the instant that it counts from. */
    final long read() {
        unanswered.poll();
        return proxy.queue.nowNanos();
    }

    /** When it was asked last over this connection. */
    final long askedNanos() {
        return askedNanos;
    }

    final boolean waiting() {
        return !unanswered.isEmpty();
    }

    final void giveUpIfSilent() {
        Long oldest = unanswered.peek();
        if (oldest != null && proxy.queue.nowNanos() - oldest > TIMEOUT_NANOS) {
            lost("no answer in time");
        }
    }
}
