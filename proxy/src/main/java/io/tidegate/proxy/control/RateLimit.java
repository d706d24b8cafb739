package io.tidegate.proxy.control;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * How often lines of one kind may be written: so many within {@link #WINDOW_NANOS}; the first line of the next window
 * says how many were left out. Of all kinds the {@link #KINDS_MAX} most recent are remembered.
 */
final class RateLimit {
    static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(30);
    static final int KINDS_MAX = 1024;

    /** Not to be written. */
    static final long LEFT_OUT = -1;

    private static final class Window {
        long endNanos;
        long lines;
    }

    private final Map<Object, Window> windows = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Object, Window> eldest) {
            return size() > KINDS_MAX;
        }
    };

    /**
     * Whether a line may be written.
     *
     * @param burstMax so many of its kind within a window; the same for all of a kind
     * @return {@link #LEFT_OUT}, or how many of its kind were left out before it
     */
    long admit(Object kind, int burstMax, long nowNanos) {
        Window window = windows.computeIfAbsent(kind, any -> new Window());
        long before = 0;
        if (nowNanos >= window.endNanos) {
            before = Math.max(0, window.lines - burstMax);
            window.endNanos = nowNanos + WINDOW_NANOS;
            window.lines = 0;
        }
        if (++window.lines > burstMax) {
            return LEFT_OUT;
        }
        return before;
    }
}
