package io.tidegate.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Drills of real servers. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class DrillIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Terminal terminal = new Terminal();

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @Test
    void nothingIsLostBehindTidegate() throws IOException {
        Path json = directory.resolve("drill.json");
        Path html = directory.resolve("drill.html");

        int code = terminal.run("drill", "--demo", "--seconds=8", "--report=" + json + "," + html);

        assertThat(code).as(terminal.out()).isEqualTo(Main.OK);
        assertThat(terminal.out()).endsWith("passed: all was within the limits" + System.lineSeparator());
        assertThat(terminal.err()).contains("failover: before the fault: ", " writes acknowledged, the last ");
        JsonNode report = read(json);
        assertThat(report.at("/verdict").asText()).isEqualTo("passed");
        assertThat(report.at("/steps").findValuesAsText("name"))
                .containsExactly(
                        "connectivity",
                        "topology",
                        "monitoring",
                        "replication",
                        "performance",
                        "failover",
                        "recovery",
                        "consistency",
                        "alerting",
                        "cleanup");
        JsonNode writes = report.at("/writing/writes");
        assertThat(writes.at("/acknowledged").asLong()).isPositive();
        assertThat(writes.at("/lost").isIntegralNumber()).isTrue();
        assertThat(writes.at("/lost").asLong()).isZero();
        assertThat(writes.at("/staleReads").asLong()).isZero();
        assertThat(writes.at("/failed").asLong()).isZero();
        assertThat(sum(report.at("/writing/timeline/acknowledged")))
                .isEqualTo(writes.at("/acknowledged").asLong());
        assertThat(report.at("/steps/6/facts/primaryChanged").asBoolean()).isTrue();
        assertThat(report.at("/steps/8/facts/failoversCounted").asDouble()).isEqualTo(1);
        assertThat(Files.readString(html))
                .startsWith("<!doctype html>")
                .contains("<svg ", "acknowledged writes lost")
                .doesNotContain("<script", "<link", "src=", "url(");
    }

    @Test
    void nothingIsTouchedUnlessItIsAllowed() throws IOException {
        try (LocalRedis redis = LocalRedis.builder().replicas(1).sentinels(1).start()) {
            redis.primary().command("CONFIG", "RESETSTAT");
            String untouched = "touch " + directory.resolve("broken");

            int code = terminal.run(
                    "drill",
                    "--target=" + redis.primary().endpoint(),
                    "--sentinel=" + redis.sentinels().get(0).endpoint(),
                    "--fault=" + untouched);

            assertThat(code).as(terminal.out()).isEqualTo(Main.OK);
            assertThat(terminal.out())
                    .contains("REFUSED  failover", untouched, "to allow it: --yes-inject-faults")
                    .contains("1 replica attached (" + redis.replicas().get(0).endpoint() + ")")
                    .contains("not drilled: nothing was written and nothing broken");
            assertThat(redis.primary()
                            .command("INFO", "commandstats")
                            .text()
                            .lines()
                            .filter(line -> line.startsWith("cmdstat_"))
                            .map(line -> line.substring("cmdstat_".length(), line.indexOf(':')))
                            .collect(Collectors.toSet()))
                    .as("sentinels and replicas send theirs")
                    .contains("ping", "info")
                    .isSubsetOf(
                            "ping", "info", "publish", "replconf", "config|resetstat", "client|setname", "subscribe");
            assertThat(redis.primary().command("DBSIZE").integer()).isZero();
            assertThat(directory.resolve("broken")).doesNotExist();
        }
    }

    @Test
    void acknowledgedWritesThatAReplicaNeverGotAreFoundToBeLost() throws IOException {
        try (LocalRedis redis = LocalRedis.builder().replicas(1).sentinels(0).start()) {
            RedisProcess primary = redis.primary();
            RedisProcess replica = redis.replicas().get(0);
            Path json = directory.resolve("drill.json");
            // The replica stops following for a second, and then its data take the primary's place: as if it were
            // promoted
            // by somebody who does not know how far behind it is.
            String promote = """
                    set -e
                    redis-cli -p %2$d REPLICAOF NO ONE
                    sleep 1
                    redis-cli -p %1$d REPLICAOF 127.0.0.1 %2$d
                    until redis-cli -p %1$d ROLE | grep -q connected; do sleep 0.05; done
                    redis-cli -p %1$d REPLICAOF NO ONE
                    redis-cli -p %2$d REPLICAOF 127.0.0.1 $DRILL_PRIMARY_PORT
                    """.formatted(primary.port(), replica.port());

            int code = terminal.run(
                    "drill",
                    "--yes-inject-faults",
                    "--target=" + primary.endpoint(),
                    "--fault=" + promote,
                    "--seconds=8",
                    "--fault-seconds=20",
                    "--allow-errors=100000",
                    "--report=" + json);

            assertThat(code).as(terminal.out()).isEqualTo(Main.FAILED);
            assertThat(json).as(terminal.out()).exists();
            JsonNode report = read(json);
            assertThat(report.at("/writing/writes/lost").asLong())
                    .as(terminal.out())
                    .isPositive();
            assertThat(terminal.out())
                    .containsPattern("FAILED   consistency +[\\d,]+ acknowledged writes are lost \\(allowed: 0\\)")
                    .contains("failed: consistency: ");
            assertThat(keys(redis)).isEmpty();
        }
    }

    /** A sentinel does not stop the old primary, which goes on acknowledging until it is told that it is a replica. */
    @Test
    void aClientThatStaysWithOneNodeIsToldWhatThatCostsAndNothingIsLeft() throws IOException {
        try (LocalRedis redis = LocalRedis.builder().replicas(1).sentinels(1).start()) {
            assertThat(drill(redis, redis.primary().endpoint())).isEqualTo(Main.FAILED);

            assertThat(terminal.out())
                    .containsPattern(
                            "failed: (failover: [\\d,]+ errors|consistency: [\\d,]+ acknowledged writes are lost)")
                    .contains("the primary changed");
            RedisProcess now = redis.awaitFailoverFrom(redis.primary());
            assertThat(now.command("DBSIZE").integer()).isZero();
        }
    }

    @Test
    void aSentinelThatRefusesIsToldAndNothingIsLost() throws IOException {
        try (LocalRedis redis = LocalRedis.builder().replicas(0).sentinels(1).start()) {
            assertThat(drill(redis, redis.primary().endpoint())).isEqualTo(Main.FAILED);

            assertThat(terminal.out())
                    .contains("WARNED   topology     nobody could take over: no replica is attached")
                    .contains(
                            "the fault was not made: the sentinel refused: NOGOODSLAVE No suitable replica to promote")
                    .containsPattern(" 0 of [\\d,]+ acknowledged writes lost")
                    .doesNotContain("recovery");
            assertThat(keys(redis)).isEmpty();
        }
    }

    @Test
    void aCommandThatFailsIsToldWithWhatItSaid() throws IOException {
        try (LocalRedis redis = LocalRedis.builder().replicas(0).sentinels(0).start()) {
            assertThat(drill(redis, redis.primary().endpoint(), "--fault=echo no such host; exit 3"))
                    .isEqualTo(Main.FAILED);

            assertThat(terminal.out())
                    .contains("the fault was not made: exit code 3", "| no such host")
                    .containsPattern("OK +consistency");
            assertThat(keys(redis)).isEmpty();
        }
    }

    @Test
    void aCommandThatTakesTooLongIsEnded() throws IOException {
        try (LocalRedis redis = LocalRedis.builder().replicas(0).sentinels(0).start()) {
            assertThat(drill(redis, redis.primary().endpoint(), "--fault=sleep 600; true", "--fault-seconds=1"))
                    .isEqualTo(Main.FAILED);

            assertThat(terminal.out()).contains("the fault was not made: ended, as it took more than 1 s");
            assertThat(ours("sleep 600")).isEmpty();
        }
    }

    @Test
    void whoIsToldToEndRemovesItsKeys() throws Exception {
        try (LocalRedis redis = LocalRedis.builder().replicas(0).sentinels(0).start()) {
            CompletableFuture<Integer> code = new CompletableFuture<>();
            new Thread(
                            () -> code.complete(drill(redis, redis.primary().endpoint(), "--fault=sleep 601; true")),
                            "command-under-test")
                    .start();
            await().atMost(LIMIT).until(() -> !ours("sleep 601").isEmpty());
            List<String> keys = keys(redis);
            assertThat(keys).isNotEmpty().allMatch(key -> key.startsWith("tidegate:drill:"));
            for (String key : keys) {
                assertThat(redis.primary().command("TTL", key).integer())
                        .as("%s goes by itself, should nobody remove it", key)
                        .isBetween(1L, 3600L);
            }

            terminal.lifetime.stop();

            assertThat(code.get()).isEqualTo(Main.FAILED);
            assertThat(terminal.out())
                    .contains("SKIPPED  failover     the drill was ended", "OK       cleanup", "interrupted");
            assertThat(keys(redis)).isEmpty();
            assertThat(ours("sleep 601")).isEmpty();
        }
    }

    @Test
    void aUserNeedsNoMoreThanItsCommandsAndKeys() throws IOException {
        try (LocalRedis redis = LocalRedis.builder().replicas(1).sentinels(1).start()) {
            for (RedisProcess server : redis.servers()) {
                server.command(
                        "ACL",
                        "SETUSER",
                        "driller",
                        "on",
                        ">right",
                        "resetchannels",
                        "~tidegate:drill:*",
                        "+ping",
                        "+info",
                        "+xadd",
                        "+xlen",
                        "+xrange",
                        "+xrevrange",
                        "+expire",
                        "+unlink");
            }
            String[] who = {
                "--fault=true", "--user=driller", "--password-file=" + password("right"), "--seconds=4",
            };
            assertThat(drill(redis, redis.primary().endpoint(), who))
                    .as(terminal.out())
                    .isEqualTo(Main.OK);

            Terminal other = new Terminal();
            assertThat(other.run(
                            "drill",
                            "--target=" + redis.primary().endpoint(),
                            "--user=driller",
                            "--password-file=" + password("wrong")))
                    .isEqualTo(Main.FAILED);
            assertThat(other.out())
                    .contains("FAILED   connectivity", "WRONGPASS invalid username-password pair or user is disabled.")
                    .doesNotContain("wrong");
        }
    }

    private int drill(LocalRedis redis, String target, String... more) {
        List<String> words =
                new ArrayList<>(List.of("drill", "--yes-inject-faults", "--seconds=4", "--target=" + target));
        if (!redis.sentinels().isEmpty()) {
            words.add("--sentinel=" + redis.sentinels().get(0).endpoint());
        }
        for (String each : more) {
            words.removeIf(word -> word.startsWith(each.substring(0, each.indexOf('=') + 1)));
            words.add(each);
        }
        return terminal.run(words.toArray(String[]::new));
    }

    private Path password(String password) throws IOException {
        return Files.writeString(directory.resolve(password), password + "\n");
    }

    private static List<String> keys(LocalRedis redis) throws IOException {
        return redis.primary().command("KEYS", "*").elements().stream()
                .map(key -> key.text())
                .toList();
    }

    /** Processes of this command line that this one has started. */
    private static List<ProcessHandle> ours(String commandLine) {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> process.info().commandLine().orElse("").endsWith(commandLine))
                .toList();
    }

    private static long sum(JsonNode numbers) {
        long sum = 0;
        for (JsonNode number : numbers) {
            sum += number.asLong();
        }
        return sum;
    }

    private static JsonNode read(Path json) throws IOException {
        return new ObjectMapper().readTree(json.toFile());
    }
}
