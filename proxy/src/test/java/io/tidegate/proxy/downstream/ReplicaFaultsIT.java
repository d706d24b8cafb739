package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One of two replicas fails while the routing table still trusts it: the other serves, and the primary is spared. */
@Timeout(60)
class ReplicaFaultsIT {
    private static final int READS = 40;

    private LocalRedis redis;
    private HandFedProxy proxy;
    private RedisProcess failing;

    @BeforeEach
    void start() throws IOException {
        redis = HandFedProxy.servers(2);
        failing = redis.replicas().get(0);
        proxy = new HandFedProxy();
        proxy.table(
                1,
                redis.primary(),
                WriteGate.OPEN,
                Instants.FOREVER,
                List.of(proxy.fresh(failing), proxy.fresh(redis.replicas().get(1))));
    }

    @AfterEach
    void stop() {
        proxy.close();
        redis.close();
    }

    @Test
    void oneThatCannotBeReached() throws Exception {
        failing.kill();
        readAndLookWhoServed();
    }

    @Test
    void oneThatRefuses() throws Exception {
        failing.command("CONFIG", "SET", "replica-serve-stale-data", "no");
        failing.command("REPLICAOF", "127.0.0.1", "1");
        await().until(() -> failing.command("INFO", "replication").text().contains("master_link_status:down"));
        readAndLookWhoServed();
    }

    private void readAndLookWhoServed() throws IOException {
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL)) {
            for (int i = 0; i < READS; i++) {
                assertThat(client.command("GET", "k").isNull()).isTrue();
            }
            for (int i = 0; i < READS; i++) {
                client.write("GET", "k");
            }
            for (int i = 0; i < READS; i++) {
                assertThat(client.read().isNull()).isTrue();
            }
        }
        assertThat(gets(redis.replicas().get(1))).isEqualTo(2 * READS);
        assertThat(gets(redis.primary())).isZero();
    }

    private static long gets(RedisProcess process) throws IOException {
        try (RedisCommandClient direct = process.connect()) {
            String stats = direct.info("commandstats").getOrDefault("cmdstat_get", "calls=0,");
            return Long.parseLong(stats.substring("calls=".length(), stats.indexOf(',')));
        }
    }
}
