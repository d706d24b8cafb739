package io.tidegate.proxy.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.filter.ThresholdFilter;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import io.tidegate.proxy.config.TidegateConfig;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;

/**
 * What logging looks like: one line per event, on standard error, since standard output belongs to the results of
 * commands; as text or, with {@code log.format: json}, as an object. Until the configuration is read {@code
 * TIDEGATE_LOG_LEVEL} and {@code TIDEGATE_LOG_FORMAT} hold, variables of the environment or system properties, which are
 * those of the settings too. Logback finds this class by its service file, before anything logs; in Java and not in XML,
 * because reading XML took longer than reading everything else that a start reads.
 */
public final class LogSetUp extends ContextAwareBase implements Configurator {
    static final String LEVEL = "TIDEGATE_LOG_LEVEL";

    private static final String FORMAT = "TIDEGATE_LOG_FORMAT";

    /** Logback's own: whoever names a file wants that instead. */
    private static final String FILE = "logback.configurationFile";

    private static final String STANDARD_ERROR = "stderr";

    /** In one line, and without what a terminal would obey: what a peer sent may be in it. */
    private static final String LINE = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level [%thread] %logger{0} -"
            + " %replace(%replace(%msg){'[\\r\\n]+', ' | '}){'[\\x00-\\x1f\\x7f-\\x9f]', '?'}%n%ex{full}";

    /** For Logback. */
    public LogSetUp() {}

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty(FILE) != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        Level level = Level.toLevel(wanted(LEVEL), Level.INFO);
        // What the libraries have to say is of use to their authors; ours is said by io.tidegate.
        context.getLogger("io.netty").setLevel(Level.WARN);
        context.getLogger("io.lettuce").setLevel(Level.WARN);
        write(context, level, "json".equals(wanted(FORMAT)));
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Logs from now on as the configuration says, unless somebody named a file of Logback's. */
    static void apply(TidegateConfig.Log log) {
        ILoggerFactory factory = LoggerFactory.getILoggerFactory();
        if (System.getProperty(FILE) == null && factory instanceof LoggerContext context) {
            write(
                    context,
                    Level.toLevel(log.level().name().toLowerCase(Locale.ROOT)),
                    log.format() == TidegateConfig.LogFormat.JSON);
        }
    }

    private static void write(LoggerContext context, Level level, boolean json) {
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(level);
        // The new one first: what another thread logs meanwhile is written twice rather than not at all.
        Appender<ILoggingEvent> before = root.getAppender(STANDARD_ERROR);
        root.addAppender(standardError(context, level, json ? new JsonLines() : text(context)));
        if (before != null) {
            root.detachAppender(before);
        }
    }

    private static Encoder<ILoggingEvent> text(LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(LINE);
        encoder.start();
        return encoder;
    }

    private static ConsoleAppender<ILoggingEvent> standardError(
            LoggerContext context, Level level, Encoder<ILoggingEvent> encoder) {
        // Holds for the libraries, too, whose own levels above only ever make them quieter.
        ThresholdFilter filter = new ThresholdFilter();
        filter.setLevel(level.toString());
        filter.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setName(STANDARD_ERROR);
        appender.setTarget("System.err");
        appender.addFilter(filter);
        appender.setEncoder(encoder);
        appender.start();
        return appender;
    }

    private static @Nullable String wanted(String variable) {
        String property = System.getProperty(variable);
        return property == null ? System.getenv(variable) : property;
    }
}
