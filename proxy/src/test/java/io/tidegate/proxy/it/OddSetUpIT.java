package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A proxy in front of a shard that is set up oddly: it serves, and says what is odd in each place where one may look. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class OddSetUpIT {
    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @Test
    void aGhostAQuorumOfOneAndAPortThatIsNoSentinels() throws Exception {
        try (LocalRedis redis =
                LocalRedis.builder().replicas(0).downAfterMillis(60_000).start()) {
            for (RedisProcess sentinel : redis.sentinels()) {
                sentinel.command("SENTINEL", "SET", LocalRedis.MASTER_NAME, "quorum", "1");
            }
            RedisProcess ghost = redis.sentinels().get(2);
            ghost.kill();
            String upstream = "upstream: {sentinel: {master: " + LocalRedis.MASTER_NAME + ", nodes: ['"
                    + redis.sentinels().get(0).endpoint() + "', '"
                    + redis.primary().endpoint() + "']}}\n";
            try (Serving serving = Serving.start(directory, upstream);
                    RedisCommandClient client = serving.connect()) {
                assertThat(client.command("SET", "k", "v").text()).isEqualTo("OK");
                await().atMost(Stack.PATIENCE)
                        .untilAsserted(() -> assertThat(serving.get("/metrics"))
                                .contains(
                                        "tidegate_warnings_standing{kind=\"ghost_sentinel\"} 1.0\n",
                                        "tidegate_warnings_standing{kind=\"not_a_sentinel\"} 1.0\n",
                                        "tidegate_warnings_standing{kind=\"quorum_one\"} 1.0\n",
                                        "tidegate_warnings_standing{kind=\"no_lease\"} 1.0\n",
                                        "tidegate_warnings_standing{kind=\"too_few_sentinels\"} 0.0\n"));
                assertThat(serving.get("/topology"))
                        .contains("\"kind\" : \"ghost_sentinel\"", "sentinel " + ghost.endpoint() + " is listed");
                assertThat(lines(client.command("PROXY", "TOPOLOGY")))
                        .anyMatch(line -> line.startsWith("warning quorum_one: quorum: 1: any sentinel may begin"));
                assertThat(about(serving, "sentinel " + redis.primary().endpoint()))
                        .singleElement()
                        .asString()
                        .contains("cannot be used: SENTINEL MASTER mymaster: ERR unknown command");
                assertThat(about(serving, "sentinel " + ghost.endpoint())).hasSize(1);
                assertThat(about(serving, "quorum: 1")).hasSize(1);
                assertThat(client.command("SET", "k", "w").text()).isEqualTo("OK");
            }
        }
    }

    private static List<String> about(Serving serving, String what) throws IOException {
        return serving.log().stream().filter(line -> line.contains(what)).toList();
    }

    private static List<String> lines(RespValue reply) {
        return ((RespValue.Array) reply)
                .elements().stream().map(RespValue::text).toList();
    }
}
