package io.tidegate.proxy.metrics;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ObjLongConsumer;

/** Counters of what is rare, by a label that the counter's user makes up: of a bounded number, those beyond it as one. */
final class LabelCounters {
    /** What is counted of everything beyond the limit. */
    static final String OTHER = "other";

    private static final int LABELS_MAX = 64;

    private final Map<String, AtomicLong> byLabel = new ConcurrentHashMap<>();

    /** Shown from the start: what appears with its first event has not grown by it. */
    void show(String label) {
        byLabel.putIfAbsent(label, new AtomicLong());
    }

    void one(String label) {
        String bounded = byLabel.size() < LABELS_MAX || byLabel.containsKey(label) ? label : OTHER;
        byLabel.computeIfAbsent(bounded, fresh -> new AtomicLong()).getAndIncrement();
    }

    void each(ObjLongConsumer<String> visitor) {
        byLabel.forEach((label, count) -> visitor.accept(label, count.get()));
    }

    /** Of all whose label begins with one of these. */
    long sumOf(String... prefixes) {
        long sum = 0;
        for (Map.Entry<String, AtomicLong> entry : byLabel.entrySet()) {
            if (beginsWithAny(entry.getKey(), prefixes)) {
                sum += entry.getValue().get();
            }
        }
        return sum;
    }

    private static boolean beginsWithAny(String label, String... prefixes) {
        for (String prefix : prefixes) {
            if (label.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }
}
