package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A proxy whose servers are not there when it starts, or do not let it in: it listens, says once what is wrong, answers
 * what cannot be done, and goes on by itself when the servers come.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class UnreachableIT {
    /** Long enough for no failover to be begun while a primary is away. */
    private static final long DOWN_AFTER_MILLIS = 60_000;

    private static final int ATTEMPTS = 5;

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @Test
    void theSentinelsComeLater() throws Exception {
        try (LocalRedis redis = LocalRedis.builder()
                .replicas(1)
                .downAfterMillis(DOWN_AFTER_MILLIS)
                .start()) {
            redis.sentinels().forEach(RedisProcess::kill);
            comeLater(
                    redis.sentinels(),
                    sentinel(redis, ""),
                    "503 not ready: no primary found yet (no sentinel answers)\n");
        }
    }

    @Test
    void thePrimaryComesLater() throws Exception {
        try (LocalRedis redis = LocalRedis.builder()
                .replicas(0)
                .downAfterMillis(DOWN_AFTER_MILLIS)
                .start()) {
            redis.primary().kill();
            comeLater(
                    redis.servers(), sentinel(redis, ""), "503 not ready: no primary found yet (3 sentinels answer)\n");
        }
    }

    @Test
    void listedNodesComeLater() throws Exception {
        try (LocalRedis redis = LocalRedis.builder().replicas(1).sentinels(0).start()) {
            redis.servers().forEach(RedisProcess::kill);
            comeLater(
                    redis.servers(),
                    "upstream: {static: {nodes: [" + list(redis.servers()) + "]}}\n",
                    "503 not ready: no primary found yet\n");
        }
    }

    @Test
    void aWrongPasswordOfTheServers() throws Exception {
        try (LocalRedis redis = LocalRedis.builder()
                        .replicas(1)
                        .password("right-one")
                        .downAfterMillis(DOWN_AFTER_MILLIS)
                        .start();
                Serving serving = Serving.start(directory, sentinel(redis, "password: wrong-one") + hold("200ms"))) {
            answersNoPrimary(serving);
            for (RedisProcess server : redis.servers()) {
                awaitTold(serving, server, "cannot be used: WRONGPASS invalid username-password pair");
            }
            assertThat(serving.log()).noneMatch(line -> line.contains("wrong-one"));
        }
    }

    @Test
    void aWrongPasswordOfTheSentinels() throws Exception {
        try (LocalRedis redis = LocalRedis.builder()
                        .replicas(0)
                        .sentinelPassword("right-one")
                        .downAfterMillis(DOWN_AFTER_MILLIS)
                        .start();
                Serving serving = Serving.start(
                        directory,
                        sentinel(redis, "").replace("nodes:", "password: wrong-one, nodes:") + hold("200ms"))) {
            answersNoPrimary(serving);
            for (RedisProcess sentinel : redis.sentinels()) {
                awaitTold(serving, sentinel, "cannot be used: WRONGPASS invalid username-password pair");
            }
            assertThat(serving.log()).noneMatch(line -> line.contains("wrong-one"));
        }
    }

    /** Two proxies that find nobody: one whose clients wait hardly at all, one whose client waits until all is there. */
    private void comeLater(List<RedisProcess> absent, String upstream, String readiness) throws Exception {
        try (Serving hasty = Serving.start(directory, upstream + hold("200ms"));
                Tidegate patient =
                        Tidegate.start(Stack.parse("listeners: [{address: '127.0.0.1:0'}]\n" + upstream + hold("1m")));
                RedisCommandClient held = RedisCommandClient.connect(
                        patient.listeners().get(0).address().socketAddress(), Stack.PATIENCE)) {
            held.write("SET", "held", "and served");
            held.write("GET", "held");
            answersNoPrimary(hasty);
            await().atMost(Stack.PATIENCE)
                    .untilAsserted(() -> assertThat(hasty.get("/readyz")).isEqualTo(readiness));
            assertThat(hasty.get("/livez")).startsWith("200 ");
            for (RedisProcess process : absent) {
                awaitTold(hasty, process, "cannot be used: Connection refused");
            }
            assertThat(hasty.log()).as("no flood").hasSizeLessThan(20);

            absent.forEach(RedisProcess::restart);
            assertThat(held.read().text()).isEqualTo("OK");
            assertThat(held.read().text()).isEqualTo("and served");
            await().atMost(Stack.PATIENCE)
                    .untilAsserted(() -> assertThat(hasty.get("/readyz")).isEqualTo("200 ready\n"));
            try (RedisCommandClient client = hasty.connect()) {
                // Written through another proxy: only this level promises a session that has seen nothing yet to see
                // it.
                client.command("PROXY", "CONSISTENCY", "strong");
                await().atMost(Stack.PATIENCE)
                        .ignoreExceptionsInstanceOf(RedisErrorException.class) // its clients wait hardly at all
                        .until(() -> client.command("GET", "held").text().equals("and served"));
            }
        }
    }

    private static void awaitTold(Serving serving, RedisProcess process, String what) {
        await().atMost(Stack.PATIENCE)
                .untilAsserted(() -> assertThat(about(serving, process))
                        .singleElement()
                        .asString()
                        .contains(what));
    }

    /** Some seconds of attempts, each of them answered. */
    private static void answersNoPrimary(Serving serving) throws IOException {
        try (RedisCommandClient client = serving.connect()) {
            for (int i = 0; i < ATTEMPTS; i++) {
                assertThatThrownBy(() -> client.command("SET", "k", "v"))
                        .isInstanceOf(RedisErrorException.class)
                        .hasMessageStartingWith("NOPRIMARY not executed: no node is proven to be primary (");
            }
        }
    }

    private static List<String> about(Serving serving, RedisProcess process) throws IOException {
        return serving.log().stream()
                .filter(line -> line.contains(process.endpoint() + " "))
                .toList();
    }

    private static String sentinel(LocalRedis redis, String more) {
        return "upstream: {sentinel: {master: " + LocalRedis.MASTER_NAME + ", nodes: [" + list(redis.sentinels()) + "]}"
                + (more.isEmpty() ? "" : ", " + more) + "}\n";
    }

    private static String hold(String timeMax) {
        return "hold: {time-max: " + timeMax + "}\n";
    }

    private static String list(List<RedisProcess> processes) {
        return processes.stream().map(process -> "'" + process.endpoint() + "'").collect(Collectors.joining(", "));
    }
}
