package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.config.TidegateConfig;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A primary goes down with writes that its replica never got. The replica is stopped first, so that what it has ends
 * below where the primary was seen to stand before the last write was sent: that one is provably gone with it.
 */
@Timeout(120)
class LostTailIT {
    @Test
    void aWriteThatProvablyDiedWithItsPrimaryIsSentAgainToTheNext() throws Exception {
        try (LocalRedis redis = LocalRedis.builder().replicas(1).sentinels(0).start();
                Tidegate tidegate = Tidegate.start(config(redis))) {
            RedisProcess primary = redis.primary();
            RedisProcess replica = redis.replicas().get(0);
            await().atMost(Stack.PATIENCE).until(() -> tidegate.table().writes().open());
            try (RedisCommandClient client = connect(tidegate);
                    RedisCommandClient other = connect(tidegate)) {
                assertThat(client.command("INCR", "n").integer()).isEqualTo(1);
                await().atMost(Stack.PATIENCE)
                        .until(() -> replica.command("EXISTS", "n").integer() == 1);
                replica.freeze();
                // Or the kernel would keep the rest of the stream for it.
                primary.command("CLIENT", "KILL", "TYPE", "replica");
                other.command("SET", "tail", "acknowledged, and lost with its primary");
                awaitProbes(tidegate);
                primary.freeze();
                client.write("INCR", "n");
                // It is with the kernel of the stopped server: this connection's next command was looked at behind it.
                client.write("CLIENT", "SETNAME", "behind");
                await().atMost(Stack.PATIENCE)
                        .until(() -> other.command("CLIENT", "LIST").text().contains("name=behind"));
                primary.kill();
                replica.thaw();
                replica.command("REPLICAOF", "NO", "ONE");
                assertThat(client.read().integer()).isEqualTo(2);
                assertThat(client.read().text()).isEqualTo("OK");
                assertThat(replica.command("GET", "n").text()).isEqualTo("2");
                assertThat(replica.command("EXISTS", "tail").integer()).isZero();
                assertThat(tidegate.table().fork().epoch())
                        .as("it was not held all along: it was sent to the claim before")
                        .isEqualTo(tidegate.table().epoch() - 1);
            }
        }
    }

    /** The proxy has read what the primary answered to a probe after this was called: it has begun the next round. */
    private static void awaitProbes(Tidegate tidegate) throws IOException, InterruptedException {
        double before = Stack.probeRounds(tidegate);
        await().atMost(Stack.PATIENCE).until(() -> Stack.probeRounds(tidegate) >= before + 2);
    }

    private static RedisCommandClient connect(Tidegate tidegate) throws IOException {
        InetSocketAddress address = tidegate.listeners().get(0).address().socketAddress();
        return RedisCommandClient.connect(address, Stack.PATIENCE);
    }

    private static TidegateConfig config(LocalRedis redis) {
        return Stack.parse("""
                listeners:
                  - {address: "127.0.0.1:0", consistency: session}
                upstream:
                  static: {nodes: [%s]}
                admin: {address: "127.0.0.1:0"}
                """.formatted(redis.servers().stream()
                .map(server -> '"' + server.endpoint() + '"')
                .collect(Collectors.joining(", "))));
    }
}
