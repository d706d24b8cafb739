package io.tidegate.proxy.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalRedisIT {
    @Test
    void replicatesAndIsWatched() throws Exception {
        List<ProcessHandle> processes;
        Path directory;
        try (LocalRedis redis = LocalRedis.builder().start()) {
            processes = handles(redis);
            directory = redis.directory();
            assertThat(redis.servers()).hasSize(3);
            assertThat(redis.sentinels()).hasSize(3).allMatch(RedisProcess::isSentinel);
            assertThat(redis.pids()).hasSize(6);
            assertThat(redis.currentPrimary()).contains(redis.primary());

            redis.primary().command("SET", "key", "välue");
            for (RedisProcess replica : redis.replicas()) {
                await().until(() -> has(replica, "key", "välue"));
                assertThatExceptionOfType(RedisErrorException.class)
                        .isThrownBy(() -> replica.command("SET", "key", "other"))
                        .satisfies(error -> assertThat(error.code()).isEqualTo("READONLY"));
            }
            for (RedisProcess sentinel : redis.sentinels()) {
                assertThat(sentinel.command("SENTINEL", "CKQUORUM", LocalRedis.MASTER_NAME)
                                .text())
                        .startsWith("OK 3 usable Sentinels");
                assertThat(sentinel.command("SENTINEL", "DEBUG").elements())
                        .as("hurried only until they know one another")
                        .extracting(RespValue::text)
                        .containsSequence("PUBLISH-PERIOD", "2000");
            }
        }
        assertThat(processes).hasSize(6).noneMatch(ProcessHandle::isAlive);
        assertThat(directory).doesNotExist();
    }

    @Test
    void failsOverWhenThePrimaryIsKilledAndTakesItBackAsReplica() throws Exception {
        try (LocalRedis redis = LocalRedis.builder().start()) {
            RedisProcess old = redis.primary();
            old.kill();
            assertThat(old.alive()).isFalse();
            RedisProcess promoted = redis.awaitFailoverFrom(old);
            assertThat(redis.replicas()).contains(promoted);
            promoted.command("SET", "key", "after");

            old.restart();
            redis.awaitAgreement();
            assertThat(roleOf(old)).isEqualTo("slave");
            await().until(() -> has(old, "key", "after"));
        }
    }

    @Test
    void failsOverOnOrder() throws Exception {
        try (LocalRedis redis = LocalRedis.builder().start()) {
            assertThat(redis.settledPrimary()).contains(redis.primary());
            redis.failover();
            assertThat(redis.settledPrimary()).as("a failover is under way").isEmpty();
            assertThat(redis.awaitFailoverFrom(redis.primary())).isIn(redis.replicas());
            // The old one is told to replicate when the sentinels have watched it for some 10 s.
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> redis.settledPrimary().isPresent());
            assertThat(redis.settledPrimary()).isEqualTo(redis.currentPrimary());
        }
    }

    @Test
    void failsOverWhenThePrimaryIsFrozen() {
        try (LocalRedis redis = LocalRedis.builder().downAfterMillis(2_000).start()) {
            RedisProcess old = redis.primary();
            old.freeze();
            RedisProcess promoted = redis.awaitFailoverFrom(old);
            old.thaw();
            await().until(() -> roleOf(old).equals("master"));
            assertThat(redis.currentPrimary()).contains(promoted);
            assertThat(redis.settledPrimary())
                    .as("the old one is still one too")
                    .isEmpty();
        }
    }

    @Test
    void plainReplicationSurvivesFreezingAndRestarting() throws Exception {
        try (LocalRedis redis = LocalRedis.builder().replicas(1).sentinels(0).start()) {
            RedisProcess replica = redis.replicas().get(0);
            long pid = replica.pid();

            replica.freeze();
            assertThat(replica.alive()).isTrue();
            assertThat(replica.responsive()).isFalse();
            try (RedisCommandClient asked = replicaClientWithShortPatience(replica)) {
                assertThatThrownBy(() -> asked.command("PING")).isInstanceOf(SocketTimeoutException.class);
            }
            redis.primary().command("SET", "key", "1");
            replica.thaw();
            await().until(() -> has(replica, "key", "1"));

            replica.restart();
            redis.awaitAgreement();
            assertThat(replica.pid()).isNotEqualTo(pid);
            assertThat(has(replica, "key", "1")).isTrue();

            replica.terminate();
            assertThat(replica.alive()).isFalse();
            assertThat(redis.currentPrimary()).contains(redis.primary());
        }
    }

    @Test
    void passwordsAreKnownToAllWhoNeedThem() throws Exception {
        try (LocalRedis redis = LocalRedis.builder()
                .password("with \"quotes\" and \\")
                .sentinelPassword("s3ntinel")
                .serverConfig("maxmemory 50mb")
                .sentinelConfig("loglevel verbose")
                .start()) {
            assertThat(redis.primary().command("CONFIG", "GET", "maxmemory").elements())
                    .extracting(RespValue::text)
                    .containsExactly("maxmemory", "52428800");
            for (RedisProcess process :
                    List.of(redis.primary(), redis.sentinels().get(0))) {
                try (RedisCommandClient stranger =
                        RedisCommandClient.connect(process.address(), Duration.ofSeconds(5))) {
                    assertThatExceptionOfType(RedisErrorException.class)
                            .isThrownBy(() -> stranger.command("INFO"))
                            .satisfies(error -> assertThat(error.code()).isEqualTo("NOAUTH"));
                }
            }
        }
    }

    @Test
    void fixedPortsAndDirectoryAreKept(@TempDir Path directory) {
        int base = Ports.next();
        try (LocalRedis redis = LocalRedis.builder()
                .replicas(1)
                .sentinels(1)
                .portBase(base)
                .directory(directory)
                .start()) {
            assertThat(redis.pids().keySet())
                    .containsExactly("127.0.0.1:" + base, "127.0.0.1:" + (base + 1), "127.0.0.1:" + (base + 2));
        }
        assertThat(directory.resolve("redis-" + base).resolve("redis.log")).isNotEmptyFile();
    }

    @Test
    void aTakenPortIsSaidAndNothingIsLeft(@TempDir Path directory) throws IOException {
        List<ProcessHandle> before = children();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatExceptionOfType(LocalRedisException.class)
                    .isThrownBy(() -> LocalRedis.builder()
                            .portBase(taken.getLocalPort())
                            .directory(directory)
                            .start())
                    .withMessageContaining("127.0.0.1:" + taken.getLocalPort() + ": the port is taken");
        }
        await().until(() -> children().size() <= before.size());
    }

    @Test
    void whatDoesNotComeInTimeIsNotLeftRunning() {
        List<ProcessHandle> before = children();
        assertThatExceptionOfType(LocalRedisException.class)
                .isThrownBy(() -> LocalRedis.builder().timeout(Duration.ZERO).start())
                .withMessageContaining("gave up waiting for server 127.0.0.1:")
                .withMessageContaining("after 0 ms")
                .withMessageContaining("its log");
        await().until(() -> children().size() <= before.size());
    }

    @Test
    void nothingIsStartedAfterTheEnd(@TempDir Path directory) {
        LocalRedis redis = LocalRedis.builder()
                .replicas(0)
                .sentinels(0)
                .directory(directory)
                .start();
        redis.close();
        assertThatExceptionOfType(LocalRedisException.class)
                .isThrownBy(() -> redis.primary().restart())
                .withMessageContaining("after everything had been closed");
        await().until(() -> !redis.primary().alive());
        redis.close();
    }

    @Test
    void aBadConfigurationIsShownInTheServersOwnWords() {
        assertThatExceptionOfType(LocalRedisException.class)
                .isThrownBy(() ->
                        LocalRedis.builder().serverConfig("maxmemory much").start())
                .withMessageContaining("ended at once")
                .withMessageContaining("maxmemory much");
    }

    private static RedisCommandClient replicaClientWithShortPatience(RedisProcess process) throws IOException {
        return RedisCommandClient.connect(process.address(), Duration.ofMillis(200));
    }

    private static boolean has(RedisProcess process, String key, String value) throws IOException {
        RespValue reply = process.command("GET", key);
        return !reply.isNull() && reply.text().equals(value);
    }

    private static String roleOf(RedisProcess process) throws IOException {
        return process.command("ROLE").elements().get(0).text();
    }

    private static List<ProcessHandle> handles(LocalRedis redis) {
        List<ProcessHandle> handles = new ArrayList<>();
        redis.pids().values().forEach(pid -> handles.add(ProcessHandle.of(pid).orElseThrow()));
        return handles;
    }

    private static List<ProcessHandle> children() {
        try (Stream<ProcessHandle> children = ProcessHandle.current().children()) {
            return children.toList();
        }
    }
}
