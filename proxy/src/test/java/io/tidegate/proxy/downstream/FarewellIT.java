package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.ReadLevel;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever is told nothing more gets what it was told, and an end; and is gone for all others. */
@Timeout(60)
class FarewellIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static LocalRedis redis;
    private static HandFedProxy proxy;
    private static InetSocketAddress address;

    @BeforeAll
    static void start() throws Exception {
        redis = HandFedProxy.servers(0);
        proxy = new HandFedProxy();
        proxy.primary(1, redis.primary());
        address = proxy.listen(ReadLevel.SESSION);
    }

    @AfterAll
    static void stop() {
        proxy.close();
        redis.close();
    }

    /** A reset would fail the second write at the latest, and may take with it what was not read before. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "QUIT\r\n",
                "*x\r\n",
                "CLIENT KILL ID %d SKIPME no\r\n",
                "MONITOR\r\nQUIT\r\n",
                "POST / HTTP/1.1\r\n"
            })
    void whatComesTooLateIsDroppedAndNotAnsweredWithAReset(String last) throws Exception {
        try (RawClient client = new RawClient(address)) {
            client.send("CLIENT ID\r\n");
            int id = Integer.parseInt(client.line().substring(1));
            client.send(last.formatted(id));
            for (int lines = last.startsWith("POST") ? 0 : last.startsWith("MONITOR") ? 2 : 1; lines > 0; lines--) {
                assertThat(client.line()).isNotEmpty();
            }
            assertThat(client.ended()).isTrue();
            for (int i = 0; i < 100; i++) {
                client.send("SET late " + i + "\r\n");
            }
            assertThat(client.ended()).isTrue();
            assertThat(redis.primary().command("EXISTS", "late").integer()).isZero();
        }
    }

    @Test
    void aReplyIsNeverLostToWhatIsSentBehindIt() throws Exception {
        for (int i = 0; i < 100; i++) {
            try (RawClient client = new RawClient(address)) {
                client.send("QUIT\r\n");
                client.send("PING\r\n");
                client.send("PING\r\n".repeat(1_000));
                assertThat(client.line()).isEqualTo("+OK");
                assertThat(client.ended()).isTrue();
            }
        }
    }

    /** Although it does not end its half of the connection. */
    @Test
    void whoHasReadItsEndIsGoneForAllOthers() throws Exception {
        try (RedisCommandClient other = proxy.connect(ReadLevel.SESSION);
                RawClient client = new RawClient(address)) {
            client.send("CLIENT SETNAME leaver\r\nSUBSCRIBE news\r\n");
            assertThat(client.line()).isEqualTo("+OK");
            client.bytes("*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n".length());
            assertThat(other.command("CLIENT", "LIST").text()).contains("name=leaver");
            client.send("QUIT\r\n");
            assertThat(client.line()).isEqualTo("+OK");
            assertThat(client.ended()).isTrue();
            assertThat(other.command("CLIENT", "LIST").text()).doesNotContain("name=leaver");
            assertThat(other.command("PUBLISH", "news", "x").integer()).isZero();
        }
    }

    @Test
    void whoDoesNotEndItsHalfIsNotWaitedForLong() throws Exception {
        try (RawClient client = new RawClient(address)) {
            client.send("QUIT\r\n");
            assertThat(client.line()).isEqualTo("+OK");
            assertThat(client.ended()).isTrue();
            await().atMost(PATIENCE).until(() -> proxy.counted("tidegate_client_connections") == 0);
        }
    }
}
