package io.tidegate.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidegate.proxy.config.TidegateConfig.Log;
import io.tidegate.proxy.config.TidegateConfig.LogFormat;
import io.tidegate.proxy.config.TidegateConfig.LogLevel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

final class LogSetUpTest {
    private static final LoggerContext CONTEXT = (LoggerContext) LoggerFactory.getILoggerFactory();

    private static final ObjectMapper STRICT = new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger("io.tidegate.control");

    @Test
    void jsonIsOneObjectALineWithTheFieldsAsMembers() throws IOException {
        String line = encoded(LOG.atWarn()
                .addKeyValue("event", "gate_changed")
                .addKeyValue("epoch", 4L)
                .addKeyValue("reason", "a \"vote\"\nof \u0001\u00e9"));
        assertThat(line).endsWith("\n").hasLineCount(1);
        JsonNode json = new ObjectMapper().readTree(line);
        assertThat(json.get("level").asText()).isEqualTo("WARN");
        assertThat(json.get("loggerName").asText()).isEqualTo("io.tidegate.control");
        assertThat(json.get("message").asText()).isEqualTo("writes: OPEN -> FENCED");
        assertThat(json.get("event").asText()).isEqualTo("gate_changed");
        assertThat(json.get("epoch").isIntegralNumber()).isTrue();
        assertThat(json.get("epoch").asLong()).isEqualTo(4);
        assertThat(json.get("reason").asText()).isEqualTo("a \"vote\"\nof \u0001\u00e9");
        assertThat(json.get("time").asText()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z");
        assertThat(json.has("kvpList")).isFalse();
    }

    /** Every character that there is, as text, as a field's name and value; and numbers that JSON does not know. */
    @Test
    void whateverIsLoggedTheLineIsJson() throws IOException {
        StringBuilder all = new StringBuilder("a\"}\n{\"level\":\"ERROR\"");
        for (char each = 0; each < Character.MAX_VALUE; each++) {
            all.append(Character.isSurrogate(each) ? ' ' : each);
        }
        String odd = all.append("\ud83d\ude00").toString();
        String half = "half of a pair: \ud83d, and the other: \ude00 ";
        String line = encoded(LOG.atWarn()
                .addKeyValue("odd \"name\"\n", odd)
                .addKeyValue("half", half)
                .addKeyValue("nothing", (Object) null)
                .addKeyValue("unknown", Double.NaN)
                .addKeyValue("endless", Float.NEGATIVE_INFINITY)
                .addKeyValue("half-a-millisecond", 0.5)
                .addKeyValue("yes", true)
                .setCause(new IllegalStateException(odd)));
        assertThat(line.chars().filter(each -> each == '\n').count())
                .as("lines")
                .isEqualTo(1);
        JsonNode json = STRICT.readTree(line);
        assertThat(json.get("odd \"name\"\n").asText()).isEqualTo(odd);
        assertThat(json.at("/throwable/message").asText()).isEqualTo(odd);
        assertThat(json.get("half").asText()).startsWith("half of a pair: ").endsWith(" ");
        assertThat(json.get("nothing").asText()).isEqualTo("null");
        assertThat(json.get("unknown").asText()).isEqualTo("NaN");
        assertThat(json.get("endless").asText()).isEqualTo("-Infinity");
        assertThat(json.get("half-a-millisecond").asDouble()).isEqualTo(0.5);
        assertThat(json.get("yes").isBoolean()).isTrue();
        assertThat(json.get("level").asText()).isEqualTo("WARN");
    }

    /** What a peer sent may be in it: it is shown on terminals, which do what such characters say. */
    @Test
    void asTextALineHasNoCharacterThatATerminalObeys() {
        String written =
                written(LogFormat.TEXT, () -> LOG.warn("node {} said {}", "a\r\nb", "\u001b[2J\u0007\u009b1m \u00e9"));
        assertThat(written.lines()).hasSize(1);
        assertThat(written.strip()).endsWith("node a | b said ?[2J??1m \u00e9").doesNotContainPattern("\\p{Cntrl}");
    }

    @Test
    void aFailureKeepsItsStackInItsLine() throws IOException {
        String line = encoded(LOG.atError().setCause(new IllegalStateException("a\nb")));
        assertThat(line).hasLineCount(1);
        JsonNode cause = new ObjectMapper().readTree(line).get("throwable");
        assertThat(cause.get("message").asText()).isEqualTo("a\nb");
        assertThat(cause.get("stepArray").size()).isPositive();
    }

    @Test
    void theConfigurationDecidesOnceItIsRead() {
        PrintStream before = System.err;
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        System.setErr(new PrintStream(written, true, UTF_8));
        try {
            LogSetUp.apply(new Log(LogFormat.JSON, LogLevel.WARN));
            LOG.info("not written");
            LOG.atWarn().addKeyValue("epoch", 1).log("as json");
            LogSetUp.apply(new Log(LogFormat.TEXT, LogLevel.INFO));
            LOG.atInfo().addKeyValue("epoch", 1).log("as text");
            LogSetUp.apply(new Log(LogFormat.TEXT, LogLevel.OFF));
            LOG.error("nor this");
        } finally {
            System.setErr(before);
            LogSetUp.apply(new Log(LogFormat.TEXT, LogLevel.INFO));
        }
        assertThat(written.toString(UTF_8).lines()).hasSize(2);
        assertThat(written.toString(UTF_8))
                .contains("\"message\":\"as json\",\"epoch\":1}")
                .containsPattern("(?m) INFO .* control - as text$");
    }

    private static String written(LogFormat format, Runnable logging) {
        PrintStream before = System.err;
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        System.setErr(new PrintStream(written, true, UTF_8));
        try {
            LogSetUp.apply(new Log(format, LogLevel.INFO));
            logging.run();
        } finally {
            System.setErr(before);
            LogSetUp.apply(new Log(LogFormat.TEXT, LogLevel.INFO));
        }
        return written.toString(UTF_8);
    }

    private static String encoded(LoggingEventBuilder event) {
        Logger logger = CONTEXT.getLogger(LOG.getName());
        ListAppender<ILoggingEvent> events = new ListAppender<>();
        events.setContext(CONTEXT);
        events.start();
        logger.addAppender(events);
        logger.setAdditive(false);
        try {
            event.log("writes: {} -> {}", "OPEN", "FENCED");
        } finally {
            logger.setAdditive(true);
            logger.detachAppender(events);
        }
        return new String(new JsonLines().encode(events.list.get(0)), UTF_8);
    }
}
