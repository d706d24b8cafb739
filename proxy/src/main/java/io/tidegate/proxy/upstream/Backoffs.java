package io.tidegate.proxy.upstream;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which connections could not be opened a moment ago, and are not tried again at once. Confined to its event loop. */
final class Backoffs {
    private static final long NANOS_MIN = 10_000_000;
    private static final long NANOS_MAX = 1_000_000_000;

    /** Failures in a row and when to try again. */
    private record Backoff(
            int failures, long againNanos, @Nullable String refusal) {}

    private final Map<Slot, Backoff> bySlot = new HashMap<>();

    /** It failed, {@code refusal} being the server's own words, if it gave any: each time in a row it waits twice as long. */
    void failed(Slot slot, @Nullable String refusal, long nowNanos) {
        Backoff before = bySlot.get(slot);
        int failures = before == null ? 1 : before.failures() + 1;
        long wait = Math.min(NANOS_MAX, NANOS_MIN << Math.min(failures - 1, 10));
        bySlot.put(slot, new Backoff(failures, nowNanos + wait, refusal));
    }

    /** The number of failures is forgotten later: it may be open and still not be what the table says. */
    void opened(Slot slot) {
        bySlot.computeIfPresent(slot, (same, backoff) -> new Backoff(backoff.failures(), backoff.againNanos(), null));
    }

    /** Whether it is too early for another try. */
    boolean waits(Slot slot, long nowNanos) {
        Backoff backoff = bySlot.get(slot);
        return backoff != null && nowNanos < backoff.againNanos();
    }

    /** The server's own words with which the last try was refused; null if it was not. */
    @Nullable String refusal(Slot slot) {
        Backoff backoff = bySlot.get(slot);
        return backoff == null ? null : backoff.refusal();
    }

    void forget(Slot slot) {
        bySlot.remove(slot);
    }

    /** Now and then: forgets what has not failed for long. */
    void forgetOld(long nowNanos) {
        bySlot.values().removeIf(backoff -> nowNanos - backoff.againNanos() > NANOS_MAX);
    }
}
