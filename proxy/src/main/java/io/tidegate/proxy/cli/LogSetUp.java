package io.tidegate.proxy.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.filter.ThresholdFilter;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.jspecify.annotations.Nullable;

/**
 * What logging looks like: one line per event, on standard error, since standard output belongs to the results of
 * commands. The level is that of {@code TIDEGATE_LOG_LEVEL} (trace | debug | info | warn | error | off), a variable of the
 * environment or a system property. Logback finds this class by its service file, before anything logs; in Java and not in
 * XML, because reading XML took longer than reading everything else that a start reads.
 */
public final class LogSetUp extends ContextAwareBase implements Configurator {
    static final String LEVEL = "TIDEGATE_LOG_LEVEL";

    /** Logback's own: whoever names a file wants that instead. */
    private static final String FILE = "logback.configurationFile";

    private static final String LINE = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level [%thread] %logger{0} -"
            + " %replace(%msg){'[\\r\\n]+', ' | '}%n%ex{full}";

    /** For Logback. */
    public LogSetUp() {}

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty(FILE) != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        Level level = level();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(level);
        // What the libraries have to say is of use to their authors; ours is said by io.tidegate.
        context.getLogger("io.netty").setLevel(Level.WARN);
        context.getLogger("io.lettuce").setLevel(Level.WARN);
        root.addAppender(standardError(context, level));
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    private static ConsoleAppender<ILoggingEvent> standardError(LoggerContext context, Level level) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(LINE);
        encoder.start();
        // Holds for the libraries, too, whose own levels above only ever make them quieter.
        ThresholdFilter filter = new ThresholdFilter();
        filter.setLevel(level.toString());
        filter.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setName("stderr");
        appender.setTarget("System.err");
        appender.addFilter(filter);
        appender.setEncoder(encoder);
        appender.start();
        return appender;
    }

    private static Level level() {
        String property = System.getProperty(LEVEL);
        @Nullable String level = property == null ? System.getenv(LEVEL) : property;
        return Level.toLevel(level, Level.INFO);
    }
}
