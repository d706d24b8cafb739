package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.request.KeyText;
import io.tidegate.proxy.signals.Facts;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The last commands whose replies took long, of all event loops: a ring in which a newer one takes the place of the
 * oldest. Without a lock, as a command that was slow should not make its loop wait for whoever reads: a reader may miss the
 * newest, which is then there the next time.
 */
public final class SlowLog {
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

    /** Of the entries with the highest ids, so many; one place at least, so that who comes late has where to put it. */
    private static final class Ring {
        final int size;
        final AtomicReferenceArray<Entry> places;

        Ring(int size) {
            this.size = size;
            this.places = new AtomicReferenceArray<>(Math.max(1, size));
        }

        void put(Entry entry) {
            places.set((int) (entry.id % places.length()), entry);
        }

        @Nullable Entry get(long id) {
            Entry entry = places.get((int) (id % places.length()));
            return entry != null && entry.id == id ? entry : null;
        }
    }

    /** Replaced by one of another size; what comes in just then may be lost with the old one. */
    private volatile Ring ring;

    private final AtomicLong next = new AtomicLong();

    /** What was there before it was emptied last has lower ids than this. */
    private volatile long first;

    /** @param entriesMax 0 = it stays empty */
    SlowLog(int entriesMax) {
        ring = new Ring(entriesMax);
    }

    /** So many are kept from now on, and of those that are there the latest. By one thread at a time. */
    void resize(int entriesMax) {
        Ring before = ring;
        if (before.size != entriesMax) {
            Ring fresh = new Ring(entriesMax);
            List<Entry> kept = latest(entriesMax);
            Collections.reverse(kept);
            kept.forEach(fresh::put);
            ring = fresh;
        }
    }

    /** The id of an entry to come. */
    long nextId() {
        return next.getAndIncrement();
    }

    void add(Entry entry) {
        ring.put(entry);
    }

    /** The latest, the newest first. */
    List<Entry> latest(int count) {
        List<Entry> latest = new ArrayList<>();
        Ring now = ring;
        long end = next.get();
        for (long id = end - 1; id >= Math.max(first, end - now.size) && latest.size() < count; id--) {
            Entry entry = now.get(id);
            if (entry != null) {
                latest.add(entry);
            }
        }
        return latest;
    }

    public int length() {
        return latest(Integer.MAX_VALUE).size();
    }

    /** Forgets what is there; ids go on. */
    public void reset() {
        first = next.get();
        Ring now = ring;
        for (int i = 0; i < now.places.length(); i++) {
            now.places.set(i, null);
        }
    }
}
