package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a real server says of its run id and its histories: the facts on which claims rest where nobody votes. */
class ReplicationFactsIT {
    private static final String NONE = "0".repeat(40);
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Test
    void theFirstReplicaChangesTheHistoryOfTheSameProcess() throws IOException {
        try (LocalRedis one = LocalRedis.builder().replicas(0).sentinels(0).start();
                LocalRedis other = LocalRedis.builder().replicas(0).sentinels(0).start()) {
            RedisProcess primary = one.primary();
            Map<String, String> before = replication(primary);
            String process = runId(primary);
            follow(other.primary(), primary);
            Map<String, String> after = replication(primary);
            assertThat(runId(primary)).isEqualTo(process);
            assertThat(after.get("master_replid")).isNotEqualTo(before.get("master_replid"));
            assertThat(after.get("master_replid2")).isEqualTo(NONE);
        }
    }

    @Test
    void anAppendOnlyFileBringsBackEveryKeyUnderAHistoryThatSharesNothing() throws IOException {
        try (LocalRedis redis = LocalRedis.builder()
                .replicas(1)
                .sentinels(0)
                .serverConfig("appendonly yes", "appendfsync always")
                .start()) {
            RedisProcess primary = redis.primary();
            primary.command("SET", "key", "value");
            Map<String, String> before = replication(primary);
            primary.kill();
            redis.replicas().get(0).kill(); // it would attach, and the history change once more
            primary.restart();
            Map<String, String> after = replication(primary);
            assertThat(primary.command("GET", "key").text()).isEqualTo("value");
            assertThat(after.get("master_replid")).isNotEqualTo(before.get("master_replid"));
            assertThat(after.get("master_replid2")).isEqualTo(NONE);
            assertThat(after.get("master_repl_offset")).isEqualTo("0");
        }
    }

    @Test
    void aSnapshotSaysHowFarItGoes() throws IOException {
        try (LocalRedis redis = LocalRedis.builder().replicas(1).sentinels(0).start()) {
            RedisProcess primary = redis.primary();
            primary.command("SET", "key", "saved");
            redis.replicas().get(0).kill(); // so that no ping of the primary to it moves the offset
            await().atMost(PATIENCE).until(() -> "0".equals(replication(primary).get("connected_slaves")));
            primary.command("SAVE");
            Map<String, String> saved = replication(primary);
            primary.command("SET", "key", "lost");
            primary.kill();
            primary.restart();
            Map<String, String> after = replication(primary);
            assertThat(primary.command("GET", "key").text()).isEqualTo("saved");
            assertThat(after.get("master_replid2")).isEqualTo(saved.get("master_replid"));
            assertThat(Long.parseLong(after.get("second_repl_offset")) - 1)
                    .isEqualTo(Long.parseLong(saved.get("master_repl_offset")));
        }
    }

    @Test
    void aPromotedReplicaLeavesItsPrimarysHistory() throws IOException {
        try (LocalRedis redis = LocalRedis.builder().replicas(1).sentinels(0).start()) {
            RedisProcess replica = redis.replicas().get(0);
            Map<String, String> before = replication(replica);
            replica.command("REPLICAOF", "NO", "ONE");
            Map<String, String> after = replication(replica);
            assertThat(after.get("master_replid2")).isEqualTo(before.get("master_replid"));
            assertThat(after.get("master_replid")).isNotEqualTo(before.get("master_replid"));
        }
    }

    @Test
    void aPauseOfWritesStopsNoQuestionAndNoDemotion() throws IOException {
        try (LocalRedis redis = LocalRedis.builder().replicas(1).sentinels(0).start()) {
            RedisProcess replica = redis.replicas().get(0);
            replica.command("REPLICAOF", "NO", "ONE");
            replica.command("CLIENT", "PAUSE", "60000", "WRITE");
            assertThat(replication(replica).get("role")).isEqualTo("master");
            follow(replica, redis.primary());
        }
    }

    private static void follow(RedisProcess replica, RedisProcess primary) throws IOException {
        replica.command("REPLICAOF", "127.0.0.1", Integer.toString(primary.port()));
        await().atMost(PATIENCE).until(() -> "up".equals(replication(replica).get("master_link_status")));
    }

    private static Map<String, String> replication(RedisProcess server) throws IOException {
        try (RedisCommandClient client = server.connect()) {
            return client.info("replication");
        }
    }

    private static String runId(RedisProcess server) throws IOException {
        try (RedisCommandClient client = server.connect()) {
            return client.info("server").getOrDefault("run_id", "");
        }
    }
}
