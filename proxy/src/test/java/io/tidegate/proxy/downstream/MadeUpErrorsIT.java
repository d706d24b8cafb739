package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.dispatch.Entrance;
import io.tidegate.proxy.dispatch.Profile;
import io.tidegate.proxy.dispatch.Rights;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.CausalScope;
import io.tidegate.routing.Durability;
import io.tidegate.routing.ReadLevel;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client has a server say proves nothing of that server. */
@Timeout(60)
class MadeUpErrorsIT {
    private static final String REFUSALS = "tidegate_refusals_total{error=\"READONLY\"}";

    @Test
    void onlyAServersOwnWordsAreSuspicious() throws Exception {
        try (LocalRedis redis = LocalRedis.builder()
                        .replicas(0)
                        .sentinels(0)
                        .serverConfig("enable-debug-command yes")
                        .start();
                HandFedProxy proxy = new HandFedProxy()) {
            RedisProcess primary = redis.primary();
            proxy.primary(1, primary);
            Profile profile = new Profile(
                    ReadLevel.SESSION,
                    Durability.ACKNOWLEDGED,
                    user -> new CausalScope(),
                    new Rights(false, Set.of("debug"), Set.of()),
                    new Entrance(),
                    true);
            try (RedisCommandClient client =
                    RedisCommandClient.connect(proxy.listen(profile), Duration.ofSeconds(20))) {
                for (String code : List.of("READONLY", "LOADING", "MASTERDOWN")) {
                    assertThatThrownBy(() -> client.command("DEBUG", "ERROR", code + " made up"))
                            .hasMessage(code + " made up");
                    String script = "return redis.error_reply('" + code + " made up')";
                    assertThatThrownBy(() -> client.command("EVAL", script, "0"))
                            .hasMessageStartingWith(code + " made up");
                }
                assertThat(proxy.suspicions).isEmpty();

                primary.command("REPLICAOF", "127.0.0.1", "1");
                client.write("SET", "k", "v");
                await().until(() -> proxy.suspicions.contains("READONLY"));
                assertThat(proxy.counted(REFUSALS)).isPositive();
                primary.command("REPLICAOF", "NO", "ONE");
                assertThat(client.read().text()).isEqualTo("OK");
            }
        }
    }
}
