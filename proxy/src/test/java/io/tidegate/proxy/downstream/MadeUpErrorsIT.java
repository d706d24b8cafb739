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
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client has a server say proves nothing of that server. */
@Timeout(60)
class MadeUpErrorsIT {
    private static final String HOLDS = "tidegate_holds_total";
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
                client.command("GET", "k");
                // While its connection was opened.
                long holds = proxy.counted(HOLDS);
                for (String code : List.of("READONLY", "LOADING", "MASTERDOWN")) {
                    assertThatThrownBy(() -> client.command("DEBUG", "ERROR", code + " made up"))
                            .hasMessage(code + " made up");
                    String script = "return redis.error_reply('" + code + " made up')";
                    for (String eval : List.of("EVAL", "EVAL_RO")) {
                        assertThatThrownBy(() -> client.command(eval, script, "0"))
                                .hasMessageStartingWith(code + " made up");
                    }
                }
                assertThat(proxy.suspicions).isEmpty();
                assertThat(proxy.counted(HOLDS)).isEqualTo(holds);

                primary.command("REPLICAOF", "127.0.0.1", "1");
                client.write("SET", "k", "v");
                await().until(() -> proxy.suspicions.contains("READONLY"));
                assertThat(proxy.counted(REFUSALS)).isPositive();
                primary.command("REPLICAOF", "NO", "ONE");
                assertThat(client.read().text()).isEqualTo("OK");
            }
        }
    }

    /** It only reads, so another node is asked, in the end the primary, and nobody twice. */
    @Test
    void aReplicasScriptMayHaveThePrimaryAskedAndNobodyWaitsForThat() throws Exception {
        try (LocalRedis redis = HandFedProxy.servers(1);
                HandFedProxy proxy = new HandFedProxy()) {
            RedisProcess primary = redis.primary();
            RedisProcess replica = redis.replicas().get(0);
            primary.command(
                    "FUNCTION",
                    "LOAD",
                    "#!lua name=lib\nredis.register_function{function_name='refuse', flags={'no-writes'},"
                            + " callback=function() return redis.error_reply('LOADING made up') end}");
            await().until(() -> replica.command("FUNCTION", "LIST").toString().contains("refuse"));
            proxy.table(1, primary, WriteGate.OPEN, Instants.FOREVER, List.of(proxy.fresh(replica)));
            try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL)) {
                long holds = 0;
                for (int i = 1; i <= 3; i++) {
                    assertThatThrownBy(() -> client.command("FCALL_RO", "refuse", "0"))
                            .hasMessageStartingWith("LOADING made up");
                    assertThat(proxy.counted("tidegate_replayed_total")).isEqualTo(i);
                    // The first time connections were opened.
                    holds = i == 1 ? proxy.counted(HOLDS) : holds;
                }
                assertThat(proxy.counted(HOLDS)).isEqualTo(holds);
                assertThat(proxy.suspicions).isEmpty();
                assertThat(replica.command("INFO", "commandstats").text()).contains("cmdstat_fcall_ro:calls=3");
                assertThat(primary.command("INFO", "commandstats").text()).contains("cmdstat_fcall_ro:calls=3");
            }
        }
    }
}
