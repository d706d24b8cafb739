package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Commands that are the server's to answer, unless they ask about the proxy. */
@Timeout(60)
class AskedOfProxyIT {
    private LocalRedis redis;
    private RedisProcess primary;
    private HandFedProxy proxy;

    @BeforeEach
    void start() throws Exception {
        redis = HandFedProxy.servers(1);
        primary = redis.primary();
        proxy = new HandFedProxy();
        proxy.table(
                3,
                primary,
                WriteGate.OPEN,
                Instants.FOREVER,
                List.of(proxy.fresh(redis.replicas().get(0))));
    }

    @AfterEach
    void stop() {
        proxy.close();
        redis.close();
    }

    @Test
    void infoTidegateIsAboutTheProxy() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL)) {
            String text = client.command("INFO", "TideGate").text();
            assertThat(text).startsWith("# Tidegate\r\n").endsWith("\r\n").doesNotContain("redis_version");
            Map<String, String> lines = lines(text);
            assertThat(lines)
                    .containsEntry("connected_clients", "1")
                    .containsEntry("epoch", "3")
                    .containsEntry("primary", "127.0.0.1:" + primary.port())
                    .containsEntry("writes", "open")
                    .containsEntry("evidence_ms", "forever")
                    .containsEntry("replicas", "1")
                    .containsEntry("held_requests", "0")
                    .containsEntry("total_uncertain_answers", "0");
            assertThat(lines.get("replica0"))
                    .startsWith("node=127.0.0.1:" + redis.replicas().get(0).port() + ",state=eligible,as_of_age_ms=");
        }
    }

    @Test
    void itKeepsItsPlaceInAPipeline() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.write("SET", "k", "1");
            client.write("INFO", "tidegate");
            client.write("INCR", "k");
            assertThat(client.read().text()).isEqualTo("OK");
            assertThat(client.read().text()).startsWith("# Tidegate");
            assertThat(client.read().integer()).isEqualTo(2);
        }
    }

    @Test
    void itNeedsNoPrimary() throws Exception {
        try (HandFedProxy alone = new HandFedProxy();
                RedisCommandClient client = alone.connect(ReadLevel.SESSION)) {
            assertThat(lines(client.command("INFO", "tidegate").text()))
                    .containsEntry("primary", "none")
                    .containsEntry("epoch", "-1");
        }
    }

    @Test
    void everyOtherInfoIsTheServers() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            for (List<String> command : List.of(
                    List.of("INFO"),
                    List.of("INFO", "server"),
                    List.of("INFO", "everything"),
                    List.of("INFO", "server", "tidegate"))) {
                String text = client.command(command.toArray(String[]::new)).text();
                assertThat(text).as("%s", command).contains("redis_version").doesNotContain("# Tidegate");
            }
        }
    }

    @Test
    void whoDoesNotAskForAClusterFindsNone() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            assertThat(client.command("HELLO").toString()).containsSubsequence("mode", "standalone", "role");
            for (String subcommand : List.of("SLOTS", "SHARDS", "NODES", "INFO", "MYID")) {
                assertThatThrownBy(() -> client.command("CLUSTER", subcommand))
                        .as(subcommand)
                        .hasMessage("ERR This instance has cluster support disabled");
            }
            assertThatThrownBy(() -> client.command("READONLY"))
                    .hasMessage("ERR This instance has cluster support disabled");
        }
    }

    @Test
    void aClusterOfOneNodeAnswersAsOneDoes() throws Exception {
        try (LocalRedis clustered = LocalRedis.builder()
                        .replicas(0)
                        .sentinels(0)
                        .serverConfig("cluster-enabled yes")
                        .start();
                HandFedProxy facade = new HandFedProxy(HandFedProxy.Options.with(options -> options.cluster = true))) {
            RedisProcess node = clustered.primary();
            node.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
            facade.primary(1, primary);
            var address = facade.listen(ReadLevel.SESSION);
            try (RedisCommandClient client = RedisCommandClient.connect(address, java.time.Duration.ofSeconds(20));
                    RedisCommandClient real = node.connect()) {
                String id = client.command("CLUSTER", "MYID").text();
                assertThat(id).matches("[0-9a-f]{40}");
                for (String protocol : List.of("2", "3")) {
                    assertThat(client.command("HELLO", protocol).toString())
                            .containsSubsequence("mode", "cluster", "role");
                    assertThat(real.command("HELLO", protocol).toString())
                            .containsSubsequence("mode", "cluster", "role");
                    assertThat(shape(client, "CLUSTER", "SLOTS")).isEqualTo(shape(real, "CLUSTER", "SLOTS"));
                    assertThat(shape(client, "CLUSTER", "SHARDS")).isEqualTo(shape(real, "CLUSTER", "SHARDS"));
                    assertThat(client.command("CLUSTER", "NODES").text())
                            .isEqualTo(id + " 127.0.0.1:" + address.getPort() + "@" + (address.getPort() + 10_000)
                                    + " myself,master - 0 0 1 connected 0-16383\n");
                    assertThat(lines(client.command("CLUSTER", "INFO").text()))
                            .containsEntry("cluster_state", "ok")
                            .containsEntry("cluster_slots_ok", "16384")
                            .containsEntry("cluster_my_epoch", "1");
                }
                for (String key : List.of("", "k", "foo{bar}baz", "{}x", "{a", "a}{b}", "{{x}}y", "é", "1234567890")) {
                    assertThat(client.command("CLUSTER", "KEYSLOT", key).integer())
                            .as(key)
                            .isEqualTo(real.command("CLUSTER", "KEYSLOT", key).integer());
                }
                assertThat(client.command("READONLY").text()).isEqualTo("OK");
                assertThatThrownBy(() -> client.command("CLUSTER", "KEYSLOT"))
                        .hasMessageStartingWith("ERR wrong number");
            }
        }
    }

    @Test
    void whereAClusterIsToldOfInfoTellsOfItToo() throws Exception {
        try (HandFedProxy facade = new HandFedProxy(HandFedProxy.Options.with(options -> options.cluster = true))) {
            facade.primary(1, primary);
            try (RedisCommandClient cluster = facade.connect(ReadLevel.SESSION);
                    RedisCommandClient plain = proxy.connect(ReadLevel.SESSION)) {
                for (String command : List.of("INFO", "INFO server cluster", "INFO all", "INFO everything default")) {
                    assertThat(lines(cluster.command(command.split(" ")).text()))
                            .as(command)
                            .containsEntry("redis_mode", "cluster")
                            .containsEntry("cluster_enabled", "1");
                    assertThat(lines(plain.command(command.split(" ")).text()))
                            .as(command)
                            .containsEntry("redis_mode", "standalone")
                            .containsEntry("cluster_enabled", "0");
                }
                assertThat(lines(cluster.command("INFO", "server").text()))
                        .containsEntry("redis_mode", "cluster")
                        .containsKey("uptime_in_days");
                cluster.command("MULTI");
                cluster.command("INFO", "cluster");
                cluster.command("SET", "k", "v");
                assertThat(cluster.command("EXEC").elements().get(0).text()).contains("cluster_enabled:1");
            }
        }
    }

    @Test
    void itIsFoundUnderTheNameThatItWasGiven() throws Exception {
        try (HandFedProxy facade = new HandFedProxy(HandFedProxy.Options.with(options -> {
                    options.cluster = true;
                    options.clusterHost = "tier.example";
                }));
                RedisCommandClient client = facade.connect(ReadLevel.SESSION)) {
            RespValue node = client.command("CLUSTER", "SLOTS")
                    .elements()
                    .get(0)
                    .elements()
                    .get(2);
            assertThat(node.elements().get(0).text()).isEqualTo("tier.example");
        }
    }

    /** The reply without what tells nodes apart. */
    private static String shape(RedisCommandClient client, String... command) throws IOException {
        return client.command(command)
                .toString()
                .replaceAll("[0-9a-f]{40}", "ID")
                .replaceAll("127\\.0\\.0\\.1", "")
                .replaceAll("\\b\\d{4,5}\\b", "N");
    }

    private static Map<String, String> lines(String text) {
        return text.lines()
                .filter(line -> line.contains(":"))
                .collect(Collectors.toMap(
                        line -> line.substring(0, line.indexOf(':')), line -> line.substring(line.indexOf(':') + 1)));
    }
}
