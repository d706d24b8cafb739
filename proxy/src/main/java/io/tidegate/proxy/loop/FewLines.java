package io.tidegate.proxy.loop;

import io.tidegate.proxy.Clock;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/**
 * Warnings that strangers can cause as often as they like: {@link #LINES_MAX} in half a minute at most, and how many were
 * left out. Used by all event loops.
 */
public final class FewLines {
    private static final int LINES_MAX = 10;
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Logger log;
    private final String topic;
    private final Clock clock;
    // Guarded by this.
    private boolean begun;
    private long windowBeganNanos;
    private int lines;
    private long leftOut;

    /** {@code topic} is what all of them are about. */
    public FewLines(Logger log, String topic, Clock clock) {
        this.log = log;
        this.topic = topic;
        this.clock = clock;
    }

    /** Writes it, unless there were enough. */
    public synchronized void warn(String format, Object... arguments) {
        long nowNanos = clock.nowNanos();
        if (!begun || nowNanos - windowBeganNanos > WINDOW_NANOS) {
            if (leftOut > 0) {
                log.warn("{} more such lines about {} were left out", leftOut, topic);
            }
            begun = true;
            windowBeganNanos = nowNanos;
            lines = 0;
            leftOut = 0;
        }
        if (++lines > LINES_MAX) {
            leftOut++;
        } else {
            log.warn(format, arguments);
        }
    }
}
