package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.UnifiedJedis;

/** Scans of many keys while servers die, and through several proxies: whatever is there all the time is seen. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ScanFailoverIT {
    private static final int KEYS = 50_000;
    private static final int BATCH = 500;

    private Stack stack;

    @BeforeEach
    void start() throws IOException {
        // Replicas serve as long as they are there, also if the machine stands still for a while.
        stack = Stack.start("reads: {silence-max: 1m, max-lag: 1m}");
        try (RedisCommandClient client = stack.connect(Kind.SESSION)) {
            for (int i = 0; i < KEYS; i += BATCH) {
                List<String> command = new ArrayList<>(List.of("MSET"));
                for (int key = i; key < i + BATCH; key++) {
                    command.add("k:" + key);
                    command.add("v");
                }
                client.command(command.toArray(String[]::new));
            }
        }
        for (RedisProcess replica : stack.redis.replicas()) {
            await().atMost(Stack.PATIENCE).until(() -> replica.command("DBSIZE").integer() == KEYS);
        }
    }

    @AfterEach
    void stop() {
        stack.close();
    }

    @Test
    void replicasServeThemWithoutMissingOrRepeatingAnything() throws Exception {
        Scan eventual = new Scan();
        try (RedisCommandClient client = stack.connect(Kind.EVENTUAL)) {
            eventual.toTheEnd(client);
        }
        eventual.hasSeenAllOnce();
        Scan session = new Scan();
        try (RedisCommandClient client = stack.connect(Kind.SESSION)) {
            session.toTheEnd(client);
        }
        session.hasSeenAllOnce();
        assertThat(Stack.calls(stack.redis.primary(), "scan")).isZero();

        Scan alternating = new Scan();
        try (Tidegate second = Tidegate.start(Stack.config(stack.redis, ""));
                RedisCommandClient one = stack.connect(Kind.EVENTUAL);
                RedisCommandClient other = RedisCommandClient.connect(
                        second.listeners().get(0).address().socketAddress(), Stack.PATIENCE)) {
            await().atMost(Stack.PATIENCE)
                    .until(() -> second.table().replicas().size() == 2
                            && second.table().replicas().stream().allMatch(replica -> replica.asOfNanos() > 0));
            while (!alternating.ended()) {
                alternating.next(one);
                if (!alternating.ended()) {
                    alternating.next(other);
                }
            }
        }
        alternating.hasSeenAllOnce();
        assertThat(Stack.calls(stack.redis.primary(), "scan")).isZero();
    }

    /** Each write sends the session away from a replica that lags, and the scan anew to the primary, but not for ever. */
    @Test
    void aSessionThatWritesBetweenTheCallsComesToAnEnd() throws Exception {
        Scan scan = new Scan();
        try (RedisCommandClient client = stack.connect(Kind.SESSION)) {
            for (int page = 0; !scan.ended(); page++) {
                scan.next(client);
                client.command("SET", "k:" + page, "w");
                assertThat(page).isLessThan(3 * KEYS / BATCH);
            }
        }
        scan.hasSeenAll();
    }

    @Test
    void clientsOwnIteratorsComeToTheEnd() throws Exception {
        String host = stack.address(Kind.SESSION).getHostString();
        int port = stack.address(Kind.SESSION).getPort();
        RedisClient lettuce = RedisClient.create(RedisURI.create(host, port));
        try (UnifiedJedis jedis = redis.clients.jedis.RedisClient.builder()
                .hostAndPort(host, port)
                .build()) {
            Set<String> seen = new HashSet<>();
            ScanIterator.scan(lettuce.connect().sync(), ScanArgs.Builder.limit(BATCH))
                    .forEachRemaining(seen::add);
            assertThat(seen).hasSize(KEYS);
            var iteration = jedis.scanIteration(BATCH, "*");
            assertThat(new HashSet<>(iteration.collect(new ArrayList<>()))).hasSize(KEYS);
        } finally {
            lettuce.shutdown();
        }
    }

    @Test
    void theReplicaDiesHalfWay() throws Exception {
        Scan scan = new Scan();
        try (RedisCommandClient client = stack.connect(Kind.EVENTUAL)) {
            scan.half(client);
            RedisProcess serving = null;
            for (RedisProcess replica : stack.redis.replicas()) {
                serving = Stack.calls(replica, "scan") > 0 ? replica : serving;
            }
            assertThat(serving).isNotNull();
            serving.kill();
            scan.toTheEnd(client);
        }
        scan.hasSeenAll();
    }

    @Test
    void thePrimaryDiesHalfWay() throws Exception {
        RedisProcess old = stack.redis.primary();
        Scan strong = new Scan();
        Scan session = new Scan();
        Scan eventual = new Scan();
        try (RedisCommandClient byStrong = stack.connect(Kind.STRONG);
                RedisCommandClient bySession = stack.connect(Kind.SESSION);
                RedisCommandClient byEventual = stack.connect(Kind.EVENTUAL)) {
            strong.half(byStrong);
            eventual.half(byEventual);
            bySession.command("SET", "k:0", "w");
            session.half(bySession);
            old.kill();
            strong.next(byStrong);
            strong.toTheEnd(byStrong);
            session.toTheEnd(bySession);
            eventual.toTheEnd(byEventual);
        }
        stack.awaitOtherPrimary(old);
        strong.hasSeenAll();
        session.hasSeenAll();
        eventual.hasSeenAll();
    }

    /** One scan and what it has seen. */
    private static final class Scan {
        private String cursor = "0";
        private boolean begun;
        private int elements;
        private final Set<String> seen = new HashSet<>();

        boolean ended() {
            return begun && cursor.equals("0");
        }

        void next(RedisCommandClient client) throws IOException {
            RespValue page = client.command("SCAN", cursor, "COUNT", "" + BATCH);
            begun = true;
            cursor = page.elements().get(0).text();
            elements += page.elements().get(1).elements().size();
            page.elements().get(1).elements().forEach(key -> seen.add(key.text()));
        }

        void half(RedisCommandClient client) throws IOException {
            while (elements < KEYS / 2) {
                next(client);
            }
        }

        void toTheEnd(RedisCommandClient client) throws IOException {
            while (!ended()) {
                next(client);
            }
        }

        void hasSeenAll() {
            assertThat(seen).hasSize(KEYS);
        }

        void hasSeenAllOnce() {
            hasSeenAll();
            assertThat(elements).isEqualTo(KEYS);
        }
    }
}
