package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.loop.Patience;
import io.tidegate.proxy.upstream.Identity;
import io.tidegate.routing.ReadLevel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who lets the proxy wait for too long is closed, and nobody else; who waits himself is not late. */
@Timeout(60)
class LateClientsIT {
    private static final String TIMED_OUT = "tidegate_client_connections_timed_out_total{reason=\"%s\"}";
    private static final long SECOND = 1_000_000_000L;
    private static final int BIG = 24 << 20;

    private static LocalRedis redis;

    @BeforeAll
    static void start() {
        redis = HandFedProxy.servers(0);
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    private static HandFedProxy proxy(Patience patience, boolean passthrough) throws IOException {
        HandFedProxy proxy = new HandFedProxy(HandFedProxy.Options.with(options -> {
            options.patience = patience;
            options.passthrough = passthrough;
        }));
        proxy.primary(1, redis.primary());
        return proxy;
    }

    private static long timedOut(HandFedProxy proxy, String reason) {
        return proxy.counted(TIMED_OUT.formatted(reason));
    }

    private static RawClient asking(InetSocketAddress address, String command, String reply) throws IOException {
        RawClient client = new RawClient(address);
        client.send(command + "\r\n");
        if (!reply.isEmpty()) {
            assertThat(client.line()).isEqualTo(reply);
        }
        return client;
    }

    private static void ping(RawClient client) throws IOException {
        client.send("PING\r\n");
        assertThat(client.line()).isEqualTo("+PONG");
    }

    @Test
    void anIdleClientIsClosedAndNoneToWhichSomethingIsOwed() throws Exception {
        try (HandFedProxy proxy = proxy(new Patience(Long.MAX_VALUE, SECOND, 0, 0), false)) {
            InetSocketAddress address = proxy.listen(ReadLevel.SESSION);
            try (RawClient blocked = asking(address, "BLPOP late 0", "");
                    RawClient monitor = asking(address, "MONITOR", "+OK");
                    RawClient subscriber = asking(address, "SUBSCRIBE late", "*3");
                    RawClient transaction = asking(address, "MULTI", "+OK");
                    RawClient idle = asking(address, "PING", "+PONG");
                    RawClient silent = new RawClient(address)) {
                assertThat(transaction.ended()).as("as Redis does").isTrue();
                assertThat(idle.ended()).isTrue();
                assertThat(silent.ended()).isTrue();
                assertThat(timedOut(proxy, "idle")).isEqualTo(3);

                try (RawClient other = asking(address, "RPUSH late 1", ":1")) {
                    assertThat(blocked.line()).isEqualTo("*2");
                    other.send("PUBLISH late m\r\n");
                    assertThat(other.line()).isEqualTo(":1");
                }
                for (String line : new String[] {"$9", "subscribe", "$4", "late", ":1", "*3", "$7", "message"}) {
                    assertThat(subscriber.line()).isEqualTo(line);
                }
                String seen = monitor.line();
                while (!seen.contains("PUBLISH")) {
                    assertThat(seen).startsWith("+");
                    seen = monitor.line();
                }
                // Its reply has come, and from then on it is as idle as any other.
                blocked.socket.getInputStream().readAllBytes();
                assertThat(timedOut(proxy, "idle")).isEqualTo(4);
            }
        }
    }

    @Test
    void aRequestThatDripsIsClosedAndOneThatComesSlowlyIsNot() throws Exception {
        try (HandFedProxy proxy = proxy(new Patience(Long.MAX_VALUE, 0, 2 * SECOND, 0), false)) {
            InetSocketAddress address = proxy.listen(ReadLevel.SESSION);
            try (RawClient nothing = asking(address, "PING", "+PONG");
                    RawClient slow = new RawClient(address);
                    RawClient upload = new RawClient(address);
                    RawClient drip = new RawClient(address);
                    RawClient dripUpload = new RawClient(address);
                    RawClient dripInline = new RawClient(address)) {
                int length = 512 << 10; // kept
                String part = "x".repeat(8 << 10);
                slow.send("*3\r\n$3\r\nSET\r\n$4\r\nslow\r\n$" + length + "\r\n");
                upload.send("*3\r\n$3\r\nSET\r\n$6\r\nupload\r\n$" + BIG + "\r\n");
                drip.send("*3\r\n$3\r\nSET\r\n$4\r\ndrip\r\n$" + length + "\r\n");
                dripUpload.send("*3\r\n$3\r\nSET\r\n$4\r\ndrip\r\n$" + BIG + "\r\n" + "x".repeat(2 << 20));
                int sent = 0;
                while (timedOut(proxy, "request") < 3) {
                    assertThat(sent).as("sent before the others were closed").isLessThan(length - part.length());
                    slow.send(part);
                    upload.send(part);
                    sent += part.length();
                    trickle(drip);
                    trickle(dripUpload);
                    trickle(dripInline);
                    await().pollDelay(Duration.ofMillis(100)).until(() -> true);
                }
                slow.send("x".repeat(length - sent) + "\r\n");
                assertThat(slow.line()).isEqualTo("+OK");
                upload.send("x".repeat(BIG - sent) + "\r\n");
                assertThat(upload.line()).isEqualTo("+OK");
                ping(nothing);
                assertThat(proxy.counted("tidegate_client_connections")).isEqualTo(3);
            }
            await().until(() -> proxy.counted("tidegate_upstream_connections_lent") == 0);
        }
    }

    private static void trickle(RawClient client) throws IOException {
        try {
            client.send("x");
        } catch (SocketException gone) {
            assertThat(gone).hasMessageMatching("(?i).*(reset|broken pipe|closed).*");
        }
    }

    @Test
    void whoDoesNotAuthenticateInTimeIsClosed() throws Exception {
        try (LocalRedis guarded = LocalRedis.builder()
                        .replicas(0)
                        .sentinels(0)
                        .password("any")
                        .start();
                HandFedProxy proxy = new HandFedProxy(HandFedProxy.Options.with(options -> {
                    options.patience = new Patience(3 * SECOND, 0, 0, 0);
                    options.passthrough = true;
                    options.service = Identity.of("default", "any");
                }))) {
            proxy.primary(1, guarded.primary());
            InetSocketAddress address = proxy.listen(ReadLevel.SESSION);
            try (RawClient known = asking(address, "AUTH default any", "+OK");
                    RawClient stranger = asking(address, "PING", "-NOAUTH Authentication required.");
                    RawClient silent = new RawClient(address)) {
                assertThat(stranger.ended()).isTrue();
                assertThat(silent.ended()).isTrue();
                ping(known);
                // From here on it has the same time as somebody who connects.
                known.send("RESET\r\n");
                assertThat(known.line()).isEqualTo("+RESET");
                assertThat(known.ended()).isTrue();
                assertThat(timedOut(proxy, "handshake")).isEqualTo(3);
            }
        }
    }

    /** To a server that serves whoever connects, a client of a pool that has had nothing to say so far is nobody to wait for. */
    @Test
    void whoNeedsNotAuthenticateMaySayNothing() throws Exception {
        try (HandFedProxy proxy = proxy(new Patience(SECOND, 0, 0, 0), true);
                RawClient silent = new RawClient(proxy.listen(ReadLevel.SESSION));
                RawClient begun = new RawClient(proxy.listen(ReadLevel.SESSION))) {
            begun.send("*1\r\n$4\r\nPI");
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> proxy.counted("tidegate_upstream_connections_opened_total") >= 2);
            // Each is asked about when it would have been too late.
            begun.send("NG\r\n");
            assertThat(begun.line()).isEqualTo("+PONG");
            ping(silent);
            assertThat(timedOut(proxy, "handshake")).isZero();
        }
    }

    @Test
    void whoTakesNothingOfItsRepliesIsClosedAndWhoTakesThemSlowlyIsNot() throws Exception {
        BigValue.set(redis.primary(), "big", BIG);
        try (HandFedProxy proxy = proxy(new Patience(Long.MAX_VALUE, 0, 0, 2 * SECOND), false)) {
            InetSocketAddress address = proxy.listen(ReadLevel.SESSION);
            try (SlowClient slow = new SlowClient(address);
                    SlowClient never = new SlowClient(address);
                    RedisCommandClient other = RedisCommandClient.connect(address, Duration.ofSeconds(20))) {
                never.write("GET", "big");
                slow.write("GET", "big");
                slow.expect(BigValue.header(BIG));
                int at = 0;
                while (timedOut(proxy, "write") < 1) {
                    int to = at + (128 << 10);
                    assertThat(to).as("read before the other was closed").isLessThan(BIG);
                    slow.expectValue(at, to);
                    at = to;
                    assertThat(other.command("GET", "none").isNull()).isTrue();
                    await().pollDelay(Duration.ofMillis(100)).until(() -> true);
                }
                slow.expectValue(at, BIG);
                slow.expect("\r\n");
                never.expectEnd();
                assertThat(timedOut(proxy, "write")).isEqualTo(1);
                assertThat(proxy.counted("tidegate_client_connections")).isEqualTo(2);
            }
        }
    }
}
