package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many connections to the servers may be open, and who gives way. */
@Timeout(60)
class UpstreamLimitsIT {
    /** After eight in a row it would be a second. */
    private static final Duration LESS_THAN_IT_IS_WAITED_FOR_AFTER_FAILURES = Duration.ofMillis(800);

    private LocalRedis redis;
    private RedisProcess primary;

    @BeforeEach
    void start() {
        redis = HandFedProxy.servers(0);
        primary = redis.primary();
    }

    @AfterEach
    void stop() {
        redis.close();
    }

    private static HandFedProxy proxy(Consumer<HandFedProxy.Options> change) {
        return new HandFedProxy(HandFedProxy.Options.with(change));
    }

    private static void publish(HandFedProxy proxy, FakeRedis fake) {
        proxy.plane.publish(new RoutingTable(1, 1, fake.node(), WriteGate.OPEN, Instants.FOREVER, List.of(), false));
    }

    @Test
    void connectionsThatNobodyUsesGiveWay() throws Exception {
        try (HandFedProxy proxy = proxy(options -> options.connectionsMax = 2);
                RedisCommandClient client = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient other = proxy.connect(ReadLevel.SESSION)) {
            proxy.primary(1, primary);
            for (int database = 0; database < 10; database++) {
                client.command("SELECT", Integer.toString(database));
                client.command("SET", "k", Integer.toString(database));
                assertThat(other.command("SET", "other", "v").text()).isEqualTo("OK");
            }
            client.command("MULTI");
            client.command("GET", "k");
            assertThat(client.command("EXEC").elements()).hasSize(1);
        }
    }

    @Test
    void whenAllAreInUseTheLimitIsNamed() throws Exception {
        try (HandFedProxy proxy = proxy(options -> {
                    options.connectionsMax = 1;
                    options.holdMax = Duration.ofSeconds(3);
                });
                RedisCommandClient waiting = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient other = proxy.connect(ReadLevel.SESSION)) {
            proxy.primary(1, primary);
            waiting.write("BLPOP", "list", "0");
            await().until(() -> primary.command("INFO", "clients").text().contains("blocked_clients:1"));
            for (String[] command : List.of(new String[] {"SET", "k", "v"}, new String[] {"BLPOP", "k", "0"})) {
                assertThatThrownBy(() -> other.command(command))
                        .hasMessageStartingWith("OVERLOADED not executed: no further connection");
            }
            primary.command("RPUSH", "list", "x");
            assertThat(waiting.read().elements()).hasSize(2);
            assertThat(other.command("SET", "k", "v").text()).isEqualTo("OK");
        }
    }

    @Test
    void whoeverIsNotAuthenticatedCannotOpenConnectionsWithoutLimit() throws Exception {
        ExecutorService clients = Executors.newCachedThreadPool();
        try (FakeRedis fake = new FakeRedis();
                HandFedProxy proxy = proxy(options -> {
                    options.passthrough = true;
                    options.attemptsMax = 2;
                    options.holdMax = Duration.ofSeconds(2);
                })) {
            publish(proxy, fake);
            RedisCommandClient known = proxy.connect(ReadLevel.SESSION);
            known.write("AUTH", "default", "right");
            FakeRedis.Peer peer = fake.peer();
            peer.expect("AUTH");
            peer.send("+OK\r\n");
            assertThat(known.read().text()).isEqualTo("OK");
            fake.silent = true;
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String password = "guess" + i;
                RedisCommandClient client = proxy.connect(ReadLevel.SESSION);
                answers.add(clients.submit(() -> errorOf(client, "AUTH", "default", password)));
            }
            Set<String> sizes = new TreeSet<>();
            while (!answers.stream().allMatch(Future::isDone)) {
                sizes.add(upstreamConnections(known));
            }
            assertThat(sizes).contains("3").isSubsetOf("1", "2", "3");
            for (Future<String> answer : answers) {
                assertThat(answer.get()).containsAnyOf("OVERLOADED not executed", "NOPRIMARY not executed");
            }
            // An attempt ends with the command that made it.
            await().until(() -> fake.unanswered.get() == 0);
        } finally {
            clients.shutdownNow();
        }
    }

    @Test
    void aConnectionThatNobodyWantsAnyMoreHasNotFailed() throws Exception {
        try (FakeRedis fake = new FakeRedis();
                HandFedProxy proxy = proxy(options -> options.holdMax = LESS_THAN_IT_IS_WAITED_FOR_AFTER_FAILURES)) {
            publish(proxy, fake);
            fake.silent = true;
            for (int i = 0; i < 8; i++) {
                int attempts = fake.accepted.size();
                try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
                    client.write("BLPOP", "list", "0");
                    await().until(() -> fake.accepted.size() > attempts);
                }
                await().until(() -> fake.unanswered.get() == 0);
            }
            fake.silent = false;
            try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
                client.write("MULTI");
                FakeRedis.Peer peer = fake.peer();
                peer.expect("MULTI");
                peer.send("+OK\r\n");
                assertThat(client.read().text()).isEqualTo("OK");
            }
        }
    }

    private static String upstreamConnections(RedisCommandClient client) throws Exception {
        String prefix = "upstream_connections_of_this_loop:";
        return client.command("PROXY", "INFO").elements().stream()
                .map(RespValue::text)
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length()))
                .findAny()
                .orElseThrow();
    }

    private static String errorOf(RedisCommandClient client, String... command) throws Exception {
        try (client) {
            return client.command(command).text();
        } catch (RedisErrorException error) {
            return String.valueOf(error.getMessage());
        }
    }
}
