package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Faults of the proxy itself, as a process of its own, while its servers fail over. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ProxyFaultsIT {
    private static final int CONNECTIONS = 6;

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    /** The replaced primary still says that it is one, on connections that were opened when it was; clients go on writing. */
    @Test
    void itIsFrozenOverAWholeFailover() throws Exception {
        try (LocalRedis redis = Fault.servers(2).start();
                Serving proxy = Serving.start(directory, upstream(redis));
                Workload load = new Workload(proxy.address(), CONNECTIONS)) {
            load.awaitProgress(Fault.PROGRESS);
            RedisProcess old = redis.primary();
            proxy.freeze();
            redis.failover();
            RedisProcess survivor = redis.awaitFailoverFrom(old);
            assertThat(role(old)).isEqualTo("master");
            proxy.thaw();
            load.awaitProgress(Fault.PROGRESS);
            load.stop();
            check(load, survivor);
        }
    }

    @Test
    void itIsKilledInTheMiddleOfAFailoverAndItsClientsTurnToAnother() throws Exception {
        try (LocalRedis redis = Fault.servers(2).start();
                Serving proxy = Serving.start(directory, upstream(redis));
                Serving other = Serving.start(directory, upstream(redis));
                Workload load = new Workload(
                        "reconnecting",
                        () -> new ReconnectingConnection(List.of(proxy.address(), other.address())),
                        CONNECTIONS,
                        1)) {
            load.awaitProgress(Fault.PROGRESS);
            RedisProcess old = redis.primary();
            old.freeze();
            ServerLog.awaitLine(redis.sentinels(), "+try-failover");
            proxy.kill();
            old.thaw();
            RedisProcess survivor = redis.awaitFailoverFrom(old);
            load.awaitProgress(Fault.PROGRESS);
            load.stop();
            check(load, survivor);
        }
    }

    private static void check(Workload load, RedisProcess survivor) throws IOException {
        try (RedisCommandClient direct = survivor.connect()) {
            load.check(direct, ServerLog.promotedNanos(survivor));
        }
    }

    private static String role(RedisProcess server) throws IOException {
        return server.command("ROLE").elements().get(0).text();
    }

    private static String upstream(LocalRedis redis) {
        String nodes = redis.sentinels().stream()
                .map(sentinel -> "'" + sentinel.endpoint() + "'")
                .collect(Collectors.joining(", "));
        return "upstream: {sentinel: {master: " + LocalRedis.MASTER_NAME + ", nodes: [" + nodes + "]}}\n";
    }
}
