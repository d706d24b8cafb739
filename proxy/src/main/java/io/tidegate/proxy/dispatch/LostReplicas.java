package io.tidegate.proxy.dispatch;

import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import org.jspecify.annotations.Nullable;

/**
 * The replicas that were lost in a row while the same read was on its way to them. A read that stops its server, or keeps it
 * busy for long, must not be taken round all of them and then to the primary, so after the second it is suspected.
 *
 * <p>Mostly it is innocent: a failover makes servers close their connections, and a partition silences several at once. What
 * acquits it of one is that this very process greets once more, asked after the loss: it has not been stopped. Not if the
 * process had the read for about as long as makes one silent; it may greet because it is done with it, and would be as busy
 * the next time.
 *
 * <p>A replica that fell silent together with the one before has the read for a moment only: each was last heard less than
 * one probe's period, {@code silence-max} / 2 at most, apart.
 */
final class LostReplicas {
    private static final int MAX = 2;

    private final @Nullable Node[] nodes = new @Nullable Node[MAX];
    private final long[] lostNanos = new long[MAX];
    private final long[] keptNanos = new long[MAX];
    private int size;

    void clear() {
        size = 0;
    }

    /**
     * One more was lost. Of more than so many, which only a command that is no mere read comes to, the latest count.
     *
     * @param sentNanos when it was sent the read
     */
    void add(Node node, long sentNanos, long nowNanos) {
        if (tooMany()) {
            remove(0);
        }
        nodes[size] = node;
        lostNanos[size] = nowNanos;
        keptNanos[size] = nowNanos - sentNanos;
        size++;
    }

    boolean tooMany() {
        return size >= MAX;
    }

    /** Forgets those that the read has not stopped, as far as is known now, and opens connections to learn it of others. */
    void acquit(DataLoop loop, Session session) {
        RoutingTable table = loop.table();
        for (int i = size - 1; i >= 0; i--) {
            Node known = open(i, loop);
            if (known != null && loop.upstreams().livesSince(table, known, session.key, lostNanos[i])) {
                remove(i);
            }
        }
    }

    /** Whether it may still turn out that the read did not stop one of them. */
    boolean undecided(DataLoop loop) {
        for (int i = 0; i < size; i++) {
            if (open(i, loop) != null) {
                return true;
            }
        }
        return false;
    }

    /** The process, if it may be heard once more and that would acquit. */
    private @Nullable Node open(int i, DataLoop loop) {
        Node lost = nodes[i];
        boolean brief = keptNanos[i] < loop.settings().silenceNanosMax() / 4 * 3;
        Node known = lost == null || !brief ? null : loop.table().node(lost.id());
        return known != null && lost != null && known.runId().equals(lost.runId()) ? known : null;
    }

    private void remove(int i) {
        size--;
        for (int j = i; j < size; j++) {
            nodes[j] = nodes[j + 1];
            lostNanos[j] = lostNanos[j + 1];
            keptNanos[j] = keptNanos[j + 1];
        }
    }
}
