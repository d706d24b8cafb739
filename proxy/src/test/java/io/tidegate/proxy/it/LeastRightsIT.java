package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.RepositoryRoot;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.RouteReason;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The users that SETTINGS.md gives Tidegate at nodes and sentinels may all that it asks there. */
class LeastRightsIT {
    private static final String APPLICATION = "user app on >pw ~* &* +@all";
    private static final String MORE = """
            clients: {auth: passthrough}
            commands: {allow: ['proxy|switchover']}
            admin: {address: "127.0.0.1:0"}
            """;

    @Test
    void aSwitchoverAndAFailoverNeedNoMore() throws Exception {
        List<String> users = Files.readAllLines(RepositoryRoot.path().resolve("proxy/SETTINGS.md")).stream()
                .filter(line -> line.startsWith("user tidegate "))
                .toList();
        assertThat(users).hasSize(2);
        LocalRedis redis = LocalRedis.builder()
                .downAfterMillis(6_000) // half of it is the time that the sentinels have to promote somebody
                .serverConfig(users.get(0), APPLICATION)
                .sentinelConfig(users.get(1))
                .start();
        try (Stack stack = Stack.over(redis, upstream(redis), MORE);
                RedisCommandClient client = RedisCommandClient.connect(
                        stack.tidegate.listeners().get(0).address().socketAddress(), Stack.PATIENCE)) {
            // A switchover is refused while nothing is proven of who may be promoted.
            await().atMost(Stack.PATIENCE)
                    .until(() -> stack.tidegate.table().replicas().stream()
                                    .filter(replica -> replica.health() == RouteReason.ELIGIBLE)
                                    .count()
                            == 2);
            client.command("AUTH", "app", "pw");
            client.command("SET", "key", "before");
            assertThat(client.command("EVAL", "return redis.call('get', KEYS[1])", "1", "key")
                            .text())
                    .isEqualTo("before");
            // The second scrape has what the nodes were asked for the first.
            Stack.get(stack.tidegate, "/metrics");
            await().atMost(Stack.PATIENCE)
                    .until(() -> Stack.get(stack.tidegate, "/metrics").contains("redis_memory_used_bytes{"));

            RedisProcess first = stack.primary();
            assertThat(client.command("PROXY", "SWITCHOVER").toString()).contains("switched to");
            RedisProcess second = stack.primary();
            assertThat(second).isNotNull().isNotEqualTo(first);
            assertRefusedNothing(redis.servers(), redis.sentinels());

            // What ends a failover that promotes nobody (SwitchoverIT).
            RespValue may = redis.sentinels()
                    .get(0)
                    .command("ACL", "DRYRUN", "tidegate", "SENTINEL", "SET", "m", "failover-timeout", "1");
            assertThat(may.text()).isEqualTo("OK");

            second.kill();
            stack.awaitOtherPrimary(second);
            client.command("SET", "key", "after");
            List<RedisProcess> left =
                    redis.servers().stream().filter(RedisProcess::alive).toList();
            assertRefusedNothing(left, redis.sentinels());
        }
    }

    @Test
    void aSwitchoverWithoutSentinelsNeedsNoMore() throws Exception {
        String user = Files.readAllLines(RepositoryRoot.path().resolve("proxy/SETTINGS.md")).stream()
                .filter(line -> line.startsWith("user tidegate "))
                .findFirst()
                .orElseThrow();
        LocalRedis redis = LocalRedis.builder()
                .sentinels(0)
                .serverConfig(user, APPLICATION)
                .start();
        String nodes = redis.servers().stream()
                .map(node -> '"' + node.endpoint() + '"')
                .collect(Collectors.joining(", "));
        try (Stack stack = Stack.over(
                        redis,
                        "username: tidegate, password: change-me, static: {nodes: [%s]}".formatted(nodes),
                        MORE);
                RedisCommandClient client = RedisCommandClient.connect(
                        stack.tidegate.listeners().get(0).address().socketAddress(), Stack.PATIENCE)) {
            client.command("AUTH", "app", "pw");
            await().atMost(Stack.PATIENCE)
                    .ignoreExceptions()
                    .until(() ->
                            !client.command("PROXY", "SWITCHOVER", "DRY", "RUN").isNull());
            assertThat(client.command("PROXY", "SWITCHOVER").toString()).contains("switched to", "repoint done");
            assertRefusedNothing(redis.servers(), List.of());
        }
    }

    private static String upstream(LocalRedis redis) {
        String nodes = redis.sentinels().stream()
                .map(sentinel -> '"' + sentinel.endpoint() + '"')
                .collect(Collectors.joining(", "));
        return "username: tidegate, password: change-me, sentinel: {master: %s, nodes: [%s], username: tidegate, password: change-me}"
                .formatted(LocalRedis.MASTER_NAME, nodes);
    }

    private static void assertRefusedNothing(List<RedisProcess> servers, List<RedisProcess> sentinels)
            throws IOException {
        List<String> refused = new ArrayList<>();
        for (RedisProcess each :
                Stream.concat(servers.stream(), sentinels.stream()).toList()) {
            for (RespValue entry : each.command("ACL", "LOG").elements()) {
                refused.add(each.endpoint() + ": " + entry);
            }
        }
        assertThat(refused).isEmpty();
    }
}
