package io.tidegate.proxy.dispatch;

import io.tidegate.routing.Instants;
import java.util.Locale;

/** Instants as clients are shown them: from now, in milliseconds. */
public final class ShownInstants {
    private ShownInstants() {}

    /** Of an instant that has passed, or is not known. */
    public static String asOf(long instantNanos, long nowNanos) {
        return instantNanos <= 0 ? "unknown" : millis(nowNanos - instantNanos) + " ms ago";
    }

    /** Of one that may be to come. */
    public static String fromNow(long instantNanos, long nowNanos) {
        if (instantNanos == Instants.FOREVER) {
            return "forever";
        }
        return instantNanos == Instants.UNKNOWN ? "unknown" : millis(instantNanos - nowNanos);
    }

    public static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.1f", nanos / 1e6);
    }
}
