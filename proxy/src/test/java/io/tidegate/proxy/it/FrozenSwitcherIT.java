package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.local.DelayingRelay;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The proxy that does a planned switchover is stopped (SIGSTOP) in the middle of it. What clients of another proxy had sent
 * is kept back by the paused primary, and that proxy changes to the new one meanwhile: still nobody is told an error.
 */
@Tag("alone")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class FrozenSwitcherIT {
    private static final int CLIENTS = 6;

    /** By network, each way; the primary and the one that it hands over to exchange several messages. */
    private static final Duration SLOW = Duration.ofMillis(100);

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @Test
    void oneThatHadThePrimaryHandOver() throws Exception {
        try (Plain plain = new Plain();
                Increments load = Increments.begin(CLIENTS, address(plain.second))) {
            load.awaitEach(100);
            plain.begin();
            Operator.awaitHandingOver(plain.old);
            plain.switcher.freeze();
            plain.relay.delay(Duration.ZERO);
            load.awaitEach(load.least() + 100);
            assertThat(isPrimary(plain.wanted)).isTrue();
            plain.switcher.thaw();
            assertThat(plain.operator.told()).contains("switched to " + plain.there);
            load.goesOn(plain.wanted);
            assertThat(isPrimary(plain.old)).isFalse();
        }
    }

    /** Its marks are ended, as an operator does with those of a dead proxy, and another proxy changes the primary meanwhile. */
    @Test
    void oneThatHadToldNobodyYetGivesNoOrderWhenItGoesOn() throws Exception {
        try (Plain plain = new Plain();
                Increments load = Increments.begin(CLIENTS, address(plain.second));
                Operator rival = Operator.at(address(plain.second))) {
            RedisProcess other = plain.redis.replicas().get(0);
            load.awaitEach(100);
            plain.begin();
            await().atMost(Stack.PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> Stack.calls(plain.old, "client|pause") > 0);
            plain.relay.freeze(); // so that it is not told that the replica holds all
            plain.switcher.freeze();
            plain.relay.delay(Duration.ZERO);
            plain.relay.thaw();
            for (RedisProcess server : plain.redis.servers()) {
                endMarks(server);
            }
            rival.awaitReady("TO", other.endpoint());
            rival.switchOver("TO", other.endpoint());
            List<Long> orders = plain.orders();
            plain.switcher.thaw();
            assertThat(plain.operator.told()).contains("not switched: ");
            assertThat(plain.orders()).isEqualTo(orders);
            load.goesOn(other);
        }
    }

    @Test
    void oneThatHadTheSentinelsFailOver() throws Exception {
        try (LocalRedis redis = LocalRedis.builder()
                .downAfterMillis(2_000)
                .failoverTimeoutMillis(60_000)
                .start()) {
            RedisProcess old = redis.primary();
            String upstream = "upstream: {sentinel: {master: " + LocalRedis.MASTER_NAME + ", nodes: ["
                    + redis.sentinels().stream()
                            .map(sentinel -> "'" + sentinel.endpoint() + "'")
                            .collect(Collectors.joining(", "))
                    + "]}}\n";
            try (Serving switcher = Serving.start(directory, Operator.ALLOWED + upstream);
                    Operator operator = Operator.at(switcher.address());
                    Tidegate second = second(upstream);
                    Increments load = Increments.begin(CLIENTS, address(second))) {
                load.awaitEach(100);
                operator.awaitReady();
                operator.begin();
                await().atMost(Stack.PATIENCE)
                        .pollInterval(Duration.ofMillis(2))
                        .until(() -> logged(redis.sentinels(), "+try-failover"));
                switcher.freeze();
                load.awaitEach(load.least() + 100);
                RedisProcess primary = redis.awaitFailoverFrom(old);
                switcher.thaw();
                operator.told(); // whatever it finds: its time is up, and its connections are closed
                load.goesOn(primary);
            }
        }
    }

    private static boolean logged(List<RedisProcess> processes, String text) throws IOException {
        for (RedisProcess process : processes) {
            if (Files.readString(process.logFile()).contains(text)) {
                return true;
            }
        }
        return false;
    }

    private static void endMarks(RedisProcess server) throws IOException {
        for (String line : server.command("CLIENT", "LIST").text().lines().toList()) {
            if (line.contains(" name=tidegate-switchover ")) {
                String id = line.substring("id=".length(), line.indexOf(' '));
                server.command("CLIENT", "KILL", "ID", id);
            }
        }
    }

    /** Without sentinels; one replica, which is to be promoted, is reached by a relay. */
    private final class Plain implements AutoCloseable {
        final LocalRedis redis = LocalRedis.builder().sentinels(0).start();
        final RedisProcess old = redis.primary();
        final RedisProcess wanted = redis.replicas().get(1);
        final DelayingRelay relay = DelayingRelay.to(wanted.address());
        final String there = "127.0.0.1:" + relay.address().getPort();
        final Serving switcher;
        final Operator operator;
        final Tidegate second;

        Plain() throws IOException {
            wanted.command(
                    "CONFIG",
                    "SET",
                    "replica-announce-port",
                    Integer.toString(relay.address().getPort()));
            wanted.command("CLIENT", "KILL", "TYPE", "master");
            Stack.awaitReplica(wanted);
            String upstream = "upstream: {connect-timeout: 5s, static: {nodes: ['" + old.endpoint() + "', '"
                    + redis.replicas().get(0).endpoint() + "', '" + there + "']}}\n";
            switcher = Serving.start(directory, Operator.ALLOWED + upstream);
            operator = Operator.at(switcher.address());
            second = second(upstream);
        }

        void begin() throws IOException {
            operator.awaitReady("TO", there);
            relay.delay(SLOW);
            operator.begin("TO", there);
        }

        /** How many orders each server has executed. */
        List<Long> orders() throws IOException {
            List<Long> calls = new ArrayList<>();
            for (RedisProcess server : redis.servers()) {
                for (String order : List.of("failover", "replicaof", "client|pause", "client|unpause")) {
                    calls.add(Stack.calls(server, order));
                }
            }
            return calls;
        }

        @Override
        public void close() throws IOException {
            second.close();
            operator.close();
            switcher.close();
            relay.close();
            redis.close();
        }
    }

    private static Tidegate second(String upstream) throws IOException {
        return Tidegate.start(Stack.parse("listeners: [{address: '127.0.0.1:0'}]\n" + Operator.ALLOWED + upstream));
    }

    private static InetSocketAddress address(Tidegate tidegate) {
        return tidegate.listeners().get(0).address().socketAddress();
    }

    private static boolean isPrimary(RedisProcess server) throws IOException {
        return server.command("ROLE").elements().get(0).text().equals("master");
    }
}
