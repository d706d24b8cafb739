package io.tidegate.proxy.control;

import io.tidegate.proxy.control.Failover.AtRisk;
import io.tidegate.proxy.signals.Facts;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.Notice;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The control plane's log: one line per notice, with the epoch in use and the reason, and one for what a link complains
 * of. Lines of one kind about one node are limited in rate, as a flapping node would otherwise fill a disk.
 */
final class NoticeLog {
    private static final Logger LOG = LoggerFactory.getLogger("io.tidegate.control");

    private static final int NOTICES_MAX = 5;
    private static final int COMPLAINTS_MAX = 1;
    private static final NoticeLines LINES = new NoticeLines();

    /**
     * A line.
     *
     * @param kind what the limit of rate counts together
     * @param node whom it is about; null = no one node
     * @param reason why; empty = the event says it all
     */
    record Line(
            Level level, Object kind, String text, @Nullable NodeAddress node, String reason) {}

    record Kind(String of, Object node) {}

    /** Where lines go. */
    interface Output {
        /** Writes one; {@code fields} are what it says, for machines, by names. */
        void write(Level level, String line, Map<String, Object> fields, @Nullable Throwable cause);
    }

    private final Output output;
    private final RateLimit limit = new RateLimit();

    NoticeLog(Output output) {
        this.output = output;
    }

    /** Writes to the process's log. */
    static NoticeLog toLogger() {
        return new NoticeLog((level, line, fields, cause) -> {
            LoggingEventBuilder event = LOG.atLevel(level).setCause(cause);
            for (Map.Entry<String, Object> field : fields.entrySet()) {
                event = event.addKeyValue(field.getKey(), field.getValue());
            }
            event.log(line);
        });
    }

    void notice(Notice notice, long epoch, long nowNanos) {
        if (!saidOtherwise(notice)) {
            Line line = line(notice);
            write(line, NOTICES_MAX, fields(eventOf(notice), line), epoch, nowNanos);
        }
    }

    /** That a link is gone, and why, and that it is back, its own lines say. */
    private static boolean saidOtherwise(Notice notice) {
        return (notice instanceof Notice.Warning warning && warning.kind().ofLink())
                || (notice instanceof Notice.WarningEnded ended && ended.kind().ofLink());
    }

    /** Something that keeps happening until somebody mends it: a wrong password, an unknown name, no answer. */
    void complaint(String about, String text, long epoch, long nowNanos) {
        Line line = new Line(Level.WARN, new Kind(about, text), about + ": " + text, null, text);
        Map<String, Object> fields = fields("complaint", line);
        fields.put("about", about);
        write(line, COMPLAINTS_MAX, fields, epoch, nowNanos);
    }

    /** All that is known of a failover, once it has ended. */
    void failover(Failover failover, long nowNanos) {
        AtRisk atRisk = failover.atRisk();
        boolean harmless =
                failover.planned() && (atRisk == null || atRisk.stream().bytesKnownLost() == 0);
        Facts facts = FailoverFacts.of(failover, nowNanos);
        Line line = new Line(
                harmless ? Level.INFO : Level.WARN,
                new Kind("failover", failover.outcome()),
                "failover ended: " + facts,
                null,
                failover.evidence());
        Map<String, Object> fields = fields("failover_ended", line);
        flatten("", facts, fields);
        write(line, NOTICES_MAX, fields, failover.epoch(), nowNanos);
    }

    /** An error of ours. */
    void fatal(String text, Throwable cause) {
        output.write(Level.ERROR, text, Map.of("event", "failure"), cause);
    }

    private void write(Line line, int burstMax, Map<String, Object> fields, long epoch, long nowNanos) {
        long before = limit.admit(line.kind(), burstMax, nowNanos);
        if (before == RateLimit.LEFT_OUT) {
            return;
        }
        String suffix = before == 0 ? "" : " (" + before + " such lines left out before)";
        if (epoch >= 0) {
            fields.put("epoch", epoch);
        }
        if (before > 0) {
            fields.put("left_out_before", before);
        }
        String text = "epoch " + (epoch < 0 ? "none" : epoch) + ": " + line.text() + suffix;
        output.write(line.level(), text, fields, null);
    }

    private static Map<String, Object> fields(String event, Line line) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("event", event);
        if (line.node() != null) {
            fields.put("node", line.node());
        }
        if (!line.reason().isEmpty()) {
            fields.put("reason", line.reason());
        }
        return fields;
    }

    /** {@code ClaimAdopted} as {@code claim_adopted}: a notice is called in the log what it is called in the code. */
    private static String eventOf(Notice notice) {
        return notice.getClass()
                .getSimpleName()
                .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
                .toLowerCase(Locale.ROOT);
    }

    /** {@code at-risk={known-lost-bytes=0}} as {@code at_risk_known_lost_bytes}; what is not known is left out. */
    private static void flatten(String prefix, Facts facts, Map<String, Object> fields) {
        for (Facts.Fact fact : facts.all()) {
            String name = prefix + fact.name().replace('-', '_');
            if (fact.value() instanceof Facts nested) {
                flatten(name + "_", nested, fields);
            } else if (fact.value() != null) {
                fields.put(name, fact.value());
            }
        }
    }

    static Line line(Notice notice) {
        return notice.dispatch(LINES);
    }
}
