package io.tidegate.proxy.control;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RouteReason;
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

    /** @param kind what the limit of rate counts together */
    record Line(Level level, Object kind, String text) {}

    private record Kind(String of, Object node) {}

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
        write(line(notice), NOTICES_MAX, epoch, nowNanos);
    }

    /** Something that keeps happening until somebody mends it: a wrong password, an unknown name, no answer. */
    void complaint(String about, String text, long epoch, long nowNanos) {
        write(new Line(Level.WARN, new Kind(about, text), about + ": " + text), COMPLAINTS_MAX, epoch, nowNanos);
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
        if (notice instanceof Notice.ClaimAdopted it) {
            return once(
                    Level.INFO,
                    notice,
                    "writes go to " + it.primary() + ", primary of epoch " + it.epoch() + " (run id " + it.runId()
                            + ")");
        }
        if (notice instanceof Notice.GateChanged it) {
            return new Line(
                    it.to().open() ? Level.INFO : Level.WARN,
                    new Kind("gate", it.to()),
                    "writes: " + it.from() + " -> " + it.to() + " (" + Reasons.printable(it.evidence()) + ")");
        }
        if (notice instanceof Notice.SentinelSaid it) {
            return new Line(
                    Level.INFO,
                    new Kind(it.channel(), it.sentinel()),
                    "sentinel " + it.sentinel() + ": " + it.channel() + " " + Reasons.printable(it.payload()));
        }
        if (notice instanceof Notice.SentinelLinkChanged it) {
            return link("sentinel ", it.sentinel(), it.up(), it.reason());
        }
        if (notice instanceof Notice.NodeLinkChanged it) {
            return link("node ", it.node(), it.up(), it.reason());
        }
        if (notice instanceof Notice.ReplicaHealthChanged it) {
            boolean well = it.to() == RouteReason.ELIGIBLE;
            return new Line(
                    Level.INFO,
                    new Kind("health", it.node()),
                    "replica " + it.node()
                            + (well
                                    ? " serves reads (was "
                                    : " serves no reads: " + it.to().explanation() + " (was ")
                            + it.from().label() + ")");
        }
        if (notice instanceof Notice.SecondPrimary it) {
            return new Line(
                    Level.ERROR,
                    new Kind("second", it.node()),
                    "split brain: " + it.node() + " says that it is primary, but " + it.claimed() + " is, of epoch "
                            + it.epoch() + "; it is not used");
        }
        if (notice instanceof Notice.PrimaryRestarted it) {
            return once(
                    Level.WARN,
                    notice,
                    "primary " + it.primary() + " was restarted (run id " + it.oldRunId() + " -> " + it.newRunId()
                            + "): "
                            + (it.sameHistory()
                                    ? Math.max(0, it.lastSeenOffset() - it.newOffset()) + " bytes known lost"
                                    : "its history is another one, so what it lost is not known"));
        }
        if (notice instanceof Notice.StreamAtRisk it) {
            return once(
                    it.bytesKnownLost() > 0 ? Level.WARN : Level.INFO,
                    notice,
                    "acknowledged writes at risk: " + it.newPrimary() + " left the history of " + it.oldPrimary()
                            + " at offset " + it.branchOffset() + ", last seen at " + it.lastSeenOffset() + ": "
                            + it.bytesKnownLost() + " bytes known lost");
        }
        if (notice instanceof Notice.Warning it) {
            return new Line(Level.WARN, notice, Reasons.printable(it.text()));
        }
        throw new IllegalStateException("a notice without a line: " + notice);
    }

    private static Line once(Level level, Notice notice, String text) {
        return new Line(level, notice, text);
    }

    private static Line link(String what, NodeAddress node, boolean up, String reason) {
        return new Line(
                up ? Level.INFO : Level.WARN,
                new Kind(what, node),
                what + node + (up ? " answers" : " does not answer: " + Reasons.printable(reason)));
    }
}
