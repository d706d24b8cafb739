package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.tidegate.proxy.dispatch.SubscriberLimits;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.ReadLevel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Subscribers that do not read what they are subscribed to: it ends them, at the limits that Redis has, and nobody else. */
@Timeout(120)
class SlowSubscribersIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static LocalRedis servers;

    @BeforeAll
    static void startServers() {
        servers = HandFedProxy.servers(0);
    }

    @AfterAll
    static void stopServers() {
        servers.close();
    }

    @Test
    void aSlowSubscriberIsDisconnectedAndNobodyElseNotices() throws Exception {
        SubscriberLimits limits = new SubscriberLimits(1 << 20, 256 << 10, TimeUnit.SECONDS.toNanos(1), 64 << 20);
        try (HandFedProxy bounded =
                new HandFedProxy(HandFedProxy.Options.with(options -> options.subscriberLimits = limits))) {
            bounded.primary(1, servers.primary());
            InetSocketAddress address = bounded.listen(ReadLevel.SESSION);
            int messages = 400;
            String message = "x".repeat(16 * 1024);
            try (SlowClient slow = new SlowClient(address).write("SUBSCRIBE", "news");
                    RedisCommandClient reader = RedisCommandClient.connect(address, PATIENCE);
                    RedisCommandClient direct = servers.primary().connect()) {
                reader.write("SUBSCRIBE", "news");
                reader.read();
                slow.expect("*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n");
                for (int i = 0; i < messages; i++) {
                    direct.command("PUBLISH", "news", message);
                    assertThat(reader.read().elements().get(2).text()).isEqualTo(message);
                }
                await().atMost(PATIENCE).until(() -> bounded.counted("tidegate_subscribers_too_slow_total") == 1);
                slow.expectEnd();
                direct.command("PUBLISH", "news", "last");
                assertThat(reader.read().elements().get(2).text()).isEqualTo("last");
            }
        }
    }

    @Test
    void aCrowdOfSlowSubscribersIsAFewLines() throws Exception {
        SubscriberLimits limits = new SubscriberLimits(256 << 10, 256 << 10, TimeUnit.SECONDS.toNanos(60), 64 << 20);
        Logger log = (Logger) LoggerFactory.getLogger(SubscriberLimits.class.getPackageName());
        ListAppender<ILoggingEvent> written = new ListAppender<>();
        int crowd = 25;
        List<SlowClient> slow = new ArrayList<>();
        try (HandFedProxy bounded =
                        new HandFedProxy(HandFedProxy.Options.with(options -> options.subscriberLimits = limits));
                RedisCommandClient direct = servers.primary().connect()) {
            written.start();
            log.addAppender(written);
            bounded.primary(1, servers.primary());
            for (int i = 0; i < crowd; i++) {
                slow.add(new SlowClient(bounded.listen(ReadLevel.SESSION)).write("SUBSCRIBE", "news"));
                slow.get(i).expect("*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n");
            }
            String message = "x".repeat(64 * 1024);
            await().atMost(PATIENCE).until(() -> {
                for (int i = 0; i < 16; i++) {
                    direct.command("PUBLISH", "news", message);
                }
                return bounded.counted("tidegate_subscribers_too_slow_total") == crowd;
            });
        } finally {
            log.detachAppender(written);
            for (SlowClient client : slow) {
                client.close();
            }
        }
        assertThat(written.list.stream().map(ILoggingEvent::getFormattedMessage))
                .filteredOn(line -> line.contains(" is disconnected: "))
                .hasSizeBetween(1, 10);
    }

    /** Below the hard limit, but for too long: also when no further message comes. */
    @Test
    void whoLeavesMuchUnreadForLongIsDisconnected() throws Exception {
        SubscriberLimits limits = new SubscriberLimits(64 << 20, 64 << 10, TimeUnit.SECONDS.toNanos(1), 64 << 20);
        try (HandFedProxy bounded =
                new HandFedProxy(HandFedProxy.Options.with(options -> options.subscriberLimits = limits))) {
            bounded.primary(1, servers.primary());
            try (SlowClient slow = new SlowClient(bounded.listen(ReadLevel.SESSION)).write("SUBSCRIBE", "news")) {
                slow.expect("*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n");
                servers.primary().command("PUBLISH", "news", "x".repeat(16 << 20));
                await().atMost(PATIENCE).until(() -> bounded.counted("tidegate_subscribers_too_slow_total") == 1);
                slow.expectEnd();
            }
        }
    }
}
