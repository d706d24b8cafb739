package io.tidegate.proxy.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.RouteReason;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Three accounts of where reads went are one: what EXPLAIN says, what the meters say, what the servers counted. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class CountsAgreeIT {
    private static final int CONNECTIONS = 5;
    private static final int READS_EACH = 400;
    private static final int PIPELINE = 10;
    private static final int EXPLAINED = 20;

    private static final Pattern ROUTED =
            Pattern.compile("(?m)^tidegate_routed_total\\{node=\"([^\"]+)\",reason=\"[^\"]+\"} (\\S+)$");
    private static final Pattern REQUESTS =
            Pattern.compile("(?m)^tidegate_requests_total\\{level=\"(eventual)\"} (\\S+)$");
    private static final Pattern LOCAL = Pattern.compile("(?m)^(tidegate_local_answers_total) (\\S+)$");

    @Test
    void eventualReadsAreServedByReplicasAndCountedAlikeByAll() throws Exception {
        try (LocalRedis redis = LocalRedis.builder().sentinels(0).start();
                Tidegate tidegate = Tidegate.start(Stack.parse("""
                        listeners: [{address: "127.0.0.1:0", consistency: eventual}]
                        upstream: {static: {nodes: [%s]}}
                        reads: {silence-max: 1m, max-lag: 1m}
                        admin: {address: "127.0.0.1:0"}
                        """.formatted(redis.servers().stream()
                        .map(server -> '"' + server.endpoint() + '"')
                        .collect(Collectors.joining(", ")))))) {
            await().atMost(Stack.PATIENCE)
                    .until(() -> tidegate.table().replicas().stream()
                                    .filter(replica -> replica.health() == RouteReason.ELIGIBLE)
                                    .count()
                            == 2);
            for (int i = 0; i < CONNECTIONS; i++) {
                try (RedisCommandClient client = RedisCommandClient.connect(
                        tidegate.listeners().get(0).address().socketAddress(), Stack.PATIENCE)) {
                    read(client);
                    assertThat(explained(client, EXPLAINED))
                            .allMatch(endpoint -> redis.replicas().stream()
                                    .anyMatch(replica -> replica.endpoint().equals(endpoint)));
                }
            }

            Map<String, Long> counted = new TreeMap<>();
            for (RedisProcess server : redis.servers()) {
                Optional.of(Stack.calls(server, "get"))
                        .filter(calls -> calls > 0)
                        .ifPresent(calls -> counted.put(server.endpoint(), calls));
            }
            String metrics = metrics(tidegate);
            assertThat(sums(ROUTED, metrics))
                    .isEqualTo(counted)
                    .doesNotContainKey(redis.primary().endpoint());
            long reads = (long) CONNECTIONS * READS_EACH;
            long explained = (long) CONNECTIONS * EXPLAINED;
            assertThat(counted.values().stream().mapToLong(Long::longValue).sum())
                    .isEqualTo(reads);
            assertThat(sums(REQUESTS, metrics)).containsEntry("eventual", reads + explained);
            assertThat(sums(LOCAL, metrics)).containsValue(explained);
        }
    }

    private static void read(RedisCommandClient client) throws IOException {
        for (int i = 0; i < READS_EACH; i += PIPELINE) {
            for (int j = 0; j < PIPELINE; j++) {
                client.write("GET", "k");
            }
            for (int j = 0; j < PIPELINE; j++) {
                assertThat(client.read().isNull()).isTrue();
            }
        }
    }

    /** Where the proxy says, so many times, that the read would go to. */
    private static Set<String> explained(RedisCommandClient client, int times) throws IOException {
        Set<String> endpoints = new TreeSet<>();
        for (int i = 0; i < times; i++) {
            String decision = client.command("PROXY", "EXPLAIN", "GET", "k")
                    .elements()
                    .get(1)
                    .text();
            assertThat(decision).startsWith("level eventual: goes to ");
            endpoints.add(decision.replaceFirst("level eventual: goes to (\\S+) .*", "$1"));
        }
        return endpoints;
    }

    private static String metrics(Tidegate tidegate) throws IOException {
        try (InputStream page = URI.create("http://" + tidegate.adminAddress() + "/metrics")
                .toURL()
                .openStream()) {
            return new String(page.readAllBytes(), UTF_8);
        }
    }

    /** By the first group, the sum of the second. */
    private static Map<String, Long> sums(Pattern meter, String metrics) {
        return meter.matcher(metrics)
                .results()
                .collect(Collectors.groupingBy(
                        (MatchResult found) -> found.group(1), TreeMap::new, Collectors.summingLong(found ->
                                (long) Double.parseDouble(found.group(2)))));
    }
}
