package io.tidegate.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code check --live} on real servers that are set up well, and oddly. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class LiveCheckIT {
    private static final long DOWN_AFTER_MILLIS = 60_000;

    private final Terminal terminal = new Terminal();

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @Test
    void aShardThatIsWell() throws Exception {
        try (LocalRedis redis = LocalRedis.builder()
                .replicas(1)
                .downAfterMillis(DOWN_AFTER_MILLIS)
                .start()) {
            assertThat(check(endpoints(redis.sentinels()), "")).isEqualTo(Main.OK);
            assertThat(terminal.out())
                    .contains(
                            "shard: primary " + redis.primary().endpoint() + " at epoch 0, 1 other nodes, 3 of 3",
                            "lease: possible")
                    .doesNotContain("odd:");
        }
    }

    @Test
    void everythingOddAtOnce() throws Exception {
        try (LocalRedis redis = LocalRedis.builder()
                .replicas(1)
                .downAfterMillis(DOWN_AFTER_MILLIS)
                .start()) {
            RedisProcess replica = redis.replicas().get(0);
            replica.command("CONFIG", "SET", "replica-read-only", "no");
            replica.command("CONFIG", "SET", "replica-priority", "0");
            replica.command("CONFIG", "SET", "replica-ignore-maxmemory", "no");
            replica.command("CONFIG", "SET", "maxmemory", "1gb");
            replica.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
            redis.primary().command("CONFIG", "SET", "min-replicas-to-write", "1");
            for (RedisProcess sentinel : redis.sentinels()) {
                sentinel.command("SENTINEL", "SET", LocalRedis.MASTER_NAME, "quorum", "1");
                sentinel.command("SENTINEL", "SET", LocalRedis.MASTER_NAME, "down-after-milliseconds", "1000");
            }
            RedisProcess ghost = redis.sentinels().get(2);
            ghost.kill();
            List<String> sentinels = new ArrayList<>(endpoints(redis.sentinels().subList(0, 2)));
            sentinels.add(redis.primary().endpoint());

            assertThat(check(sentinels, "")).isEqualTo(Main.FAILED);

            assertThat(terminal.out().lines().filter(line -> line.startsWith("odd: ")))
                    .satisfiesExactlyInAnyOrder(
                            line -> assertThat(line).startsWith("odd: ghost_sentinel: sentinel " + ghost.endpoint()),
                            line -> assertThat(line)
                                    .startsWith("odd: not_a_sentinel: sentinel "
                                            + redis.primary().endpoint() + " cannot be used: SENTINEL"),
                            line -> assertThat(line).startsWith("odd: quorum_one: "),
                            line -> assertThat(line).startsWith("odd: short_down_after: down-after: 1000 ms"),
                            line -> assertThat(line).startsWith("odd: no_lease: sentinels: 2 of 3 answer"),
                            line -> assertThat(line)
                                    .startsWith("odd: min_replicas: primary "
                                            + redis.primary().endpoint()),
                            line -> assertThat(line).startsWith("odd: writable_replica: replica " + replica.endpoint()),
                            line -> assertThat(line).startsWith("odd: evicting_replica: replica " + replica.endpoint()),
                            line -> assertThat(line)
                                    .startsWith("odd: unpromotable_replica: replica " + replica.endpoint()));
            assertThat(terminal.out()).contains("lease: none, or with gaps");
        }
    }

    @Test
    void whoDoesNotLetUsInIsTold() throws Exception {
        try (LocalRedis redis = LocalRedis.builder()
                .replicas(0)
                .sentinelPassword("right-one")
                .downAfterMillis(DOWN_AFTER_MILLIS)
                .start()) {
            assertThat(check(endpoints(redis.sentinels()), ", password: wrong-one"))
                    .isEqualTo(Main.FAILED);
            assertThat(terminal.out())
                    .contains("odd: sentinel_credentials: sentinel ", "WRONGPASS", "odd: no_primary: ")
                    .contains("lease: none, as there is no primary")
                    .doesNotContain("wrong-one");
        }
    }

    @Test
    void aPortThatOnlyPasswordsGuardNeedsSome() throws Exception {
        try (LocalRedis redis = LocalRedis.builder()
                .replicas(1)
                .downAfterMillis(DOWN_AFTER_MILLIS)
                .start()) {
            List<String> sentinels = endpoints(redis.sentinels());
            String outside = "listeners: [{address: '0.0.0.0:0'}]\nclients: {auth: passthrough}\n";
            assertThat(check(outside, LocalRedis.MASTER_NAME, sentinels, "")).isEqualTo(Main.FAILED);
            assertThat(terminal.out().lines().filter(line -> line.startsWith("odd: ")))
                    .singleElement()
                    .asString()
                    .startsWith("odd: no_password: primary " + redis.primary().endpoint());
        }
    }

    @Test
    void anUnknownNameIsTold() throws Exception {
        try (LocalRedis redis = LocalRedis.builder()
                .replicas(0)
                .downAfterMillis(DOWN_AFTER_MILLIS)
                .start()) {
            assertThat(check("other", endpoints(redis.sentinels()), "")).isEqualTo(Main.FAILED);
            assertThat(terminal.out())
                    .contains("watches no primary under the name 'other'; compare upstream.sentinel.master with");
        }
    }

    private int check(List<String> sentinels, String more) throws IOException {
        return check(LocalRedis.MASTER_NAME, sentinels, more);
    }

    private int check(String name, List<String> sentinels, String more) throws IOException {
        return check("listeners: [{address: '127.0.0.1:0'}]\nclients: {auth: passthrough}\n", name, sentinels, more);
    }

    private int check(String clients, String name, List<String> sentinels, String more) throws IOException {
        Path config = Files.writeString(
                directory.resolve("tidegate.yaml"),
                clients + "upstream: {sentinel: {master: " + name + ", nodes: ['" + String.join("', '", sentinels)
                        + "']" + more + "}}\n");
        return terminal.run("check", "--live", "--config", config.toString());
    }

    private static List<String> endpoints(List<RedisProcess> processes) {
        return processes.stream().map(RedisProcess::endpoint).toList();
    }
}
