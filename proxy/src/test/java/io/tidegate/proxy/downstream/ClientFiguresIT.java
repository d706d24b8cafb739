package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many clients there are: what a server says of its connections, which it takes for clients, put right. */
@Timeout(60)
class ClientFiguresIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private LocalRedis redis;
    private RedisProcess primary;
    private HandFedProxy proxy;
    private InetSocketAddress address;
    private final List<RedisCommandClient> subscribers = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        redis = HandFedProxy.servers(0);
        primary = redis.primary();
        proxy = new HandFedProxy(HandFedProxy.Options.with(options -> options.loops = 3));
        proxy.primary(1, primary);
        address = proxy.listen(ReadLevel.SESSION);
    }

    @AfterEach
    void stop() throws IOException {
        for (RedisCommandClient subscriber : subscribers) {
            subscriber.close();
        }
        proxy.close();
        redis.close();
    }

    private RedisCommandClient connect() throws IOException {
        RedisCommandClient client = RedisCommandClient.connect(address, PATIENCE);
        // A connection of the kernel's is a client only when its event loop has it.
        client.command("PING");
        return client;
    }

    private void subscribe(int clients, String... command) throws IOException {
        for (int i = 0; i < clients; i++) {
            RedisCommandClient subscriber = connect();
            subscribers.add(subscriber);
            subscriber.write(command);
            for (int topic = 1; topic < command.length; topic++) {
                subscriber.read();
            }
        }
    }

    @Test
    void everySubscriberIsCountedOnce() throws Exception {
        try (RedisCommandClient client = connect();
                RedisCommandClient direct = primary.connect()) {
            assertThat(client.command("PUBLISH", "a", "x").integer()).isZero();
            subscribe(7, "SUBSCRIBE", "a", "b");
            subscribe(5, "PSUBSCRIBE", "a*", "[ab]");
            subscribe(4, "SSUBSCRIBE", "a");
            direct.command("SUBSCRIBE", "a");
            assertThat(client.command("PUBLISH", "a", "x").integer()).isEqualTo(7 + 5 + 5 + 1);
            assertThat(client.command("PUBLISH", "b", "x").integer()).isEqualTo(7 + 5);
            assertThat(client.command("PUBLISH", "none", "x").integer()).isZero();
            assertThat(client.command("SPUBLISH", "a", "x").integer()).isEqualTo(4);
            assertThat(counts(client.command("PUBSUB", "NUMSUB", "a", "none", "b", "a")))
                    .containsExactly("a", 8L, "none", 0L, "b", 7L, "a", 8L);
            assertThat(counts(client.command("PUBSUB", "SHARDNUMSUB", "a", "b")))
                    .containsExactly("a", 4L, "b", 0L);
            assertThat(client.command("PUBSUB", "NUMSUB").elements()).isEmpty();
            assertThat(client.command("PUBSUB", "NUMPAT").integer()).isEqualTo(2);
            assertThat(client.command("PUBSUB", "CHANNELS").elements()).hasSize(2);
            client.command("HELLO", "3");
            assertThat(counts(client.command("PUBSUB", "NUMSUB", "b"))).containsExactly("b", 7L);
            // To the server they are the connections of three loops.
            try (RedisCommandClient server = primary.connect()) {
                assertThat(server.command("PUBSUB", "NUMSUB", "a")
                                .elements()
                                .get(1)
                                .integer())
                        .isBetween(2L, 4L);
            }
        }
    }

    /** Names and numbers in turn. */
    private static List<Object> counts(RespValue reply) {
        return reply.elements().stream()
                .<Object>map(each -> each instanceof RespValue.Int number ? number.integer() : each.text())
                .toList();
    }

    @Test
    void whoGoesIsNotCountedAndNeitherIsWhoseConnectionIsLost() throws Exception {
        try (RedisCommandClient client = connect()) {
            subscribe(6, "SUBSCRIBE", "a");
            for (RedisCommandClient subscriber : subscribers.subList(0, 2)) {
                subscriber.close();
            }
            await().atMost(PATIENCE)
                    .until(() -> client.command("PUBLISH", "a", "x").integer() == 4);
            primary.command("CLIENT", "KILL", "TYPE", "pubsub");
            await().atMost(PATIENCE)
                    .until(() -> client.command("PUBLISH", "a", "x").integer() == 4);
            for (RedisCommandClient subscriber : subscribers) {
                subscriber.close();
            }
            await().atMost(PATIENCE)
                    .until(() -> client.command("PUBLISH", "a", "x").integer() == 0);
        }
    }

    @Test
    void theyKeepTheirPlaceInAPipelineAndTheirErrors() throws Exception {
        subscribe(3, "SUBSCRIBE", "a");
        try (RedisCommandClient client = connect()) {
            for (int i = 0; i < 50; i++) {
                client.write("INCR", "n");
                client.write("PUBLISH", "a", "x");
                client.write("PUBLISH", "a");
                client.write("PUBSUB", "NUMSUB", "a");
                client.write("INFO", "clients");
            }
            for (int i = 0; i < 50; i++) {
                assertThat(client.read().integer()).isEqualTo(i + 1);
                assertThat(client.read().integer()).isEqualTo(3);
                assertThat(org.assertj.core.api.Assertions.catchThrowable(client::read))
                        .hasMessage("ERR wrong number of arguments for 'publish' command");
                assertThat(client.read().elements().get(1).integer()).isEqualTo(3);
                assertThat(client.read().text()).contains("connected_clients:4\r\n");
            }
        }
    }

    @Test
    void theyAreRightWithinATransaction() throws Exception {
        subscribe(17, "SUBSCRIBE", "a");
        try (RedisCommandClient client = connect()) {
            client.command("MULTI");
            client.command("SET", "k", "v");
            client.command("PUBSUB", "NUMSUB", "a");
            client.command("INFO", "clients");
            client.command("GET", "k");
            List<RespValue> replies = client.command("EXEC").elements();
            assertThat(replies.get(1).elements().get(1).integer()).isEqualTo(17);
            assertThat(replies.get(2).text()).contains("connected_clients:18\r\n");
            assertThat(replies.get(3).text()).isEqualTo("v");
        }
    }

    @Test
    void infoTellsOfThisProxysClients() throws Exception {
        try (RedisCommandClient client = connect();
                RedisCommandClient blocked = connect()) {
            RedisCommandClient gone = connect();
            assertThat(clients(client)).containsEntry("connected_clients", "3").containsEntry("blocked_clients", "0");
            blocked.write("BLPOP", "l", "0");
            gone.write("BRPOP", "m", "0");
            await().atMost(PATIENCE).until(() -> "2".equals(clients(client).get("blocked_clients")));
            gone.close();
            client.command("RPUSH", "l", "x");
            assertThat(blocked.read().elements()).hasSize(2);
            await().atMost(PATIENCE).until(() -> "0".equals(clients(client).get("blocked_clients")));
            client.command("CLIENT", "PAUSE", "100000", "WRITE");
            blocked.write("SET", "k", "v");
            await().atMost(PATIENCE).until(() -> "1".equals(clients(client).get("blocked_clients")));
            client.command("CLIENT", "UNPAUSE");
            assertThat(blocked.read().text()).isEqualTo("OK");
            assertThat(client.command("INFO", "server").text()).doesNotContain("connected_clients");
            for (String section : List.of("all", "default", "everything", "Clients")) {
                assertThat(client.command("INFO", section).text()).contains("connected_clients:2\r\n");
            }
            client.command("HELLO", "3");
            assertThat(client.command("INFO").text()).contains("connected_clients:2\r\n");
        }
    }

    private static Map<String, String> clients(RedisCommandClient client) throws IOException {
        return client.info("clients");
    }

    /** Whether a message comes is the server's own judgement of a pattern; the count is this proxy's. */
    @Test
    void patternsMatchAsTheServersDo() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (RedisCommandClient client = connect()) {
            for (int round = 0; round < 40; round++) {
                List<String> patterns = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    patterns.add(text(random, "ab*?[]^-\\c*[", 1 + random.nextInt(7)));
                }
                List<String> command = new ArrayList<>(List.of("PSUBSCRIBE"));
                patterns.stream().distinct().forEach(command::add);
                subscribe(5, command.toArray(String[]::new));
                try (RedisCommandClient server = primary.connect()) {
                    for (int i = 0; i < 50; i++) {
                        String channel = text(random, "abc-]^\\[", 1 + random.nextInt(4));
                        long each = server.command("PUBLISH", channel, "x").integer();
                        long links = connections(server);
                        assertThat(client.command("PUBLISH", channel, "x").integer() * links)
                                .as("seed %s: %s matched by some of %s", seed, channel, command)
                                .isEqualTo(each * 5);
                    }
                }
                for (RedisCommandClient subscriber : subscribers) {
                    subscriber.close();
                }
                subscribers.clear();
                await().atMost(PATIENCE)
                        .until(() -> client.command("PUBSUB", "NUMPAT").integer() == 0);
            }
        }
    }

    private static long connections(RedisCommandClient server) throws IOException {
        return server.command("CLIENT", "LIST", "TYPE", "pubsub")
                .text()
                .lines()
                .filter(line -> !line.contains(" psub=0 "))
                .count();
    }

    private static String text(Random random, String of, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(of.charAt(random.nextInt(of.length())));
        }
        return text.toString();
    }
}
