package io.tidegate.proxy.dispatch;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The last commands whose replies took long, of all event loops: a ring in which a newer one takes the place of the
 * oldest. Without a lock, as a command that was slow should not make its loop wait for whoever reads: a reader may miss the
 * newest, which is then there the next time.
 */
final class SlowLog {
    /**
     * One of them; durations add up to the time since its bytes had come.
     *
     * @param endNanos when its reply went out
     * @param queueNanos until it was sent: held, or behind others
     * @param upstreamNanos until its reply was read
     * @param parkedNanos until that went out: until it was proven, or behind others
     * @param commands that came and were answered with it, itself included
     * @param command its name, as the table has it
     * @param arguments how many, its name included; 0 if they are gone
     * @param key its first; null if it has none
     */
    record Entry(
            long id,
            long endNanos,
            long queueNanos,
            long upstreamNanos,
            long parkedNanos,
            NodeAddress node,
            ReadLevel level,
            int commands,
            String command,
            int arguments,
            @Nullable String key,
            String client,
            String name) {

        Facts facts(long nowNanos, boolean keys) {
            return new Facts()
                    .add("id", id)
                    .add("ended-ago-millis", millis(nowNanos - endNanos))
                    .add("total-millis", millis(queueNanos + upstreamNanos + parkedNanos))
                    .add("queue-millis", millis(queueNanos))
                    .add("upstream-millis", millis(upstreamNanos))
                    .add("parked-millis", millis(parkedNanos))
                    .add("node", node.toString())
                    .add("level", level.toString())
                    .add("command", command)
                    .add("key", keys || key == null ? key : KeyText.HIDDEN)
                    .add("arguments", arguments)
                    .add("commands", commands)
                    .add("client", client)
                    .add("name", name);
        }

        private static double millis(long nanos) {
            return nanos / 1e6;
        }
    }

    private final int size;
    private final AtomicReferenceArray<Entry> ring;
    private final AtomicLong next = new AtomicLong();

    /** What was there before it was emptied last has lower ids than this. */
    private volatile long first;

    /** @param entriesMax 0 = it stays empty */
    SlowLog(int entriesMax) {
        size = entriesMax;
        ring = new AtomicReferenceArray<>(Math.max(1, entriesMax));
    }

    /** The id of an entry to come. */
    long nextId() {
        return next.getAndIncrement();
    }

    void add(Entry entry) {
        ring.set((int) (entry.id % size), entry);
    }

    /** The latest, the newest first. */
    List<Entry> latest(int count) {
        List<Entry> latest = new ArrayList<>();
        long end = next.get();
        for (long id = end - 1; id >= Math.max(first, end - size) && latest.size() < count; id--) {
            Entry entry = ring.get((int) (id % size));
            if (entry != null && entry.id == id) {
                latest.add(entry);
            }
        }
        return latest;
    }

    int length() {
        return latest(size).size();
    }

    /** Forgets what is there; ids go on. */
    void reset() {
        first = next.get();
        for (int i = 0; i < ring.length(); i++) {
            ring.set(i, null);
        }
    }
}
