package io.tidegate.proxy.loop;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class FewLinesTest {
    private static final Logger LOG = (Logger) LoggerFactory.getLogger(FewLinesTest.class);
    private static final int FLOOD = 10_000;

    private final ListAppender<ILoggingEvent> written = new ListAppender<>();
    private long nowNanos = 1;
    private final FewLines lines = new FewLines(LOG, "strangers", () -> nowNanos);

    @BeforeEach
    void listen() {
        written.start();
        LOG.addAppender(written);
        LOG.setAdditive(false);
    }

    @AfterEach
    void stop() {
        LOG.setAdditive(true);
        LOG.detachAppender(written);
    }

    private List<String> take() {
        List<String> taken =
                written.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
        written.list.clear();
        return taken;
    }

    @Test
    void ofAFloodThereAreTenAndHowManyThereWere() {
        IntStream.range(0, FLOOD).forEach(i -> lines.warn("{} knocks", i));
        assertThat(take())
                .isEqualTo(IntStream.range(0, 10).mapToObj(i -> i + " knocks").toList());
        nowNanos += TimeUnit.SECONDS.toNanos(31);
        lines.warn("another knocks");
        assertThat(take())
                .containsExactly(FLOOD - 10 + " more such lines about strangers were left out", "another knocks");
        nowNanos += TimeUnit.SECONDS.toNanos(31);
        lines.warn("one more knocks");
        assertThat(take()).as("nothing was left out").containsExactly("one more knocks");
    }
}
