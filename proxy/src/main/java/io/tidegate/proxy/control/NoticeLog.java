package io.tidegate.proxy.control;

import io.tidegate.proxy.control.Failover.AtRisk;
import io.tidegate.routing.engine.Notice;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The control plane's log: one line per notice, with the epoch in use and the reason, and one for what a link complains
 * of. Lines of one kind about one node are limited in rate, as a flapping node would otherwise fill a disk.
 */
final class NoticeLog {
    private static final Logger LOG = LoggerFactory.getLogger("io.tidegate.control");

    private static final int NOTICES_MAX = 5;
    private static final int COMPLAINTS_MAX = 1;
    private static final NoticeLines LINES = new NoticeLines();

    /** @param kind what the limit of rate counts together */
    record Line(Level level, Object kind, String text) {}

    record Kind(String of, Object node) {}

    /** Where lines go. */
    interface Output {
        void write(Level level, String line, @Nullable Throwable cause);
    }

    private final Output output;
    private final RateLimit limit = new RateLimit();

    NoticeLog(Output output) {
        this.output = output;
    }

    /** Writes to the process's log. */
    static NoticeLog toLogger() {
        return new NoticeLog(
                (level, line, cause) -> LOG.atLevel(level).setCause(cause).log(line));
    }

    void notice(Notice notice, long epoch, long nowNanos) {
        if (!saidOtherwise(notice)) {
            write(line(notice), NOTICES_MAX, epoch, nowNanos);
        }
    }

    /** That a link is gone, and why, and that it is back, its own lines say. */
    private static boolean saidOtherwise(Notice notice) {
        return (notice instanceof Notice.Warning warning && warning.kind().ofLink())
                || (notice instanceof Notice.WarningEnded ended && ended.kind().ofLink());
    }

    /** Something that keeps happening until somebody mends it: a wrong password, an unknown name, no answer. */
    void complaint(String about, String text, long epoch, long nowNanos) {
        write(new Line(Level.WARN, new Kind(about, text), about + ": " + text), COMPLAINTS_MAX, epoch, nowNanos);
    }

    /** All that is known of a failover, once it has ended. */
    void failover(Failover failover, long nowNanos) {
        AtRisk atRisk = failover.atRisk();
        boolean harmless =
                failover.planned() && (atRisk == null || atRisk.stream().bytesKnownLost() == 0);
        String text = "failover ended: " + FailoverFacts.of(failover, nowNanos);
        Line line = new Line(harmless ? Level.INFO : Level.WARN, new Kind("failover", failover.outcome()), text);
        write(line, NOTICES_MAX, failover.epoch(), nowNanos);
    }

    /** An error of ours. */
    void fatal(String text, Throwable cause) {
        output.write(Level.ERROR, text, cause);
    }

    private void write(Line line, int burstMax, long epoch, long nowNanos) {
        long before = limit.admit(line.kind(), burstMax, nowNanos);
        if (before == RateLimit.LEFT_OUT) {
            return;
        }
        String suffix = before == 0 ? "" : " (" + before + " such lines left out before)";
        output.write(line.level(), "epoch " + (epoch < 0 ? "none" : epoch) + ": " + line.text() + suffix, null);
    }

    static Line line(Notice notice) {
        return notice.dispatch(LINES);
    }
}
