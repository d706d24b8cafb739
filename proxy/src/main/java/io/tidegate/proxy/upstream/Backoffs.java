package io.tidegate.proxy.upstream;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which connections could not be opened a moment ago, and are not tried again at once. Confined to its event loop. */
final class Backoffs {
    private static final long NANOS_MIN = 10_000_000;
    static final long NANOS_MAX = 1_000_000_000;

    /** Failures in a row and when to try again. */
    private record Backoff(
            int failures, long againNanos, @Nullable String refusal) {}

    private final Map<Slot, Backoff> bySlot = new HashMap<>();
    /** How many of them are refusals. */
    private int refused;

    /** It failed, {@code refusal} being the server's own words, if it gave any: each time in a row it waits twice as long. */
    void failed(Slot slot, @Nullable String refusal, long nowNanos) {
        Backoff before = bySlot.get(slot);
        int failures = before == null ? 1 : before.failures() + 1;
        long wait = Math.min(NANOS_MAX, NANOS_MIN << Math.min(failures - 1, 10));
        Backoff after = new Backoff(failures, nowNanos + wait, refusal);
        bySlot.put(slot, after);
        changed(before, after);
    }

    /** The number of failures is forgotten later: it may be open and still not be what the table says. */
    void opened(Slot slot) {
        Backoff before = bySlot.get(slot);
        if (before != null) {
            Backoff after = new Backoff(before.failures(), before.againNanos(), null);
            bySlot.put(slot, after);
            changed(before, after);
        }
    }

    /** Whether it is too early for another try. */
    boolean waits(Slot slot, long nowNanos) {
        Backoff backoff = bySlot.get(slot);
        return backoff != null && nowNanos < backoff.againNanos();
    }

    /** Whether {@link #refusal} has anything to tell of any: requests that wait ask with every table. */
    boolean anyRefused() {
        return refused > 0;
    }

    /** The server's own words with which the last try was refused; null if it was not. */
    @Nullable String refusal(Slot slot) {
        Backoff backoff = bySlot.get(slot);
        return backoff == null ? null : backoff.refusal();
    }

    void forget(Slot slot) {
        changed(bySlot.remove(slot), null);
    }

    /** Now and then: forgets what has not failed for long. */
    void forgetOld(long nowNanos) {
        bySlot.values().removeIf(backoff -> {
            boolean old = nowNanos - backoff.againNanos() > NANOS_MAX;
            if (old) {
                changed(backoff, null);
            }
            return old;
        });
    }

    private void changed(@Nullable Backoff before, @Nullable Backoff after) {
        refused += isRefusal(after) - isRefusal(before);
    }

    private static int isRefusal(@Nullable Backoff backoff) {
        return backoff != null && backoff.refusal() != null ? 1 : 0;
    }
}
