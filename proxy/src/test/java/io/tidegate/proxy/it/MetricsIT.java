package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a scraper sees of a proxy in use, and whether Prometheus is pleased with it. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class MetricsIT {
    private static final int READS = 40;

    @Test
    void durationsNodesAndAvailabilityAreShown() throws Exception {
        try (Stack stack = Stack.start("admin: {address: \"127.0.0.1:0\"}")) {
            assertThat(Stack.get(stack.tidegate, "/metrics"))
                    .as("what grows is there before it does")
                    .contains(
                            "tidegate_errors_total{error=\"uncertain_parked\"} 0.0\n",
                            "tidegate_failovers_total{kind=\"unplanned\",outcome=\"switched\"} 0.0\n",
                            "tidegate_acknowledged_writes_at_risk_total{bound=\"least\"} 0.0\n");
            use(stack);
            String page = Stack.get(stack.tidegate, "/metrics");
            assertThat(count(page, "tidegate_request_duration_seconds_count\\{group=\"read\",level=\"eventual\".*"))
                    .isEqualTo(READS);
            assertThat(count(page, "tidegate_request_duration_seconds_count\\{group=\"script\",level=\"session\".*"))
                    .isEqualTo(1);
            assertThat(count(page, "tidegate_request_duration_seconds_count\\{group=\"write\",level=\"session\".*"))
                    .isEqualTo(1);
            assertThat(count(page, "tidegate_request_duration_seconds_count\\{group=\"blocking\",level=\"session\".*"))
                    .isEqualTo(1);
            assertThat(count(page, "tidegate_request_duration_seconds_sum\\{group=\"blocking\".*"))
                    .as("it waited 0.1 s")
                    .isBetween(0.1, 20.0);
            assertThat(count(page, "tidegate_read_staleness_seconds_count\\{level=\"eventual\".*"))
                    .isEqualTo(READS);
            assertThat(count(page, "tidegate_upstream_connections_lent .*")).isZero();

            assertThat(Stack.get(stack.tidegate, "/availability?extend_check=lag&availability_lag_tolerance_ms=0"))
                    .as("asked of an idle shard")
                    .contains("\"available\":true");
            promtoolIsPleasedWith(awaitNodes(stack));
            aNodeThatIsGoneIsDown(stack);
        }
    }

    private static void use(Stack stack) throws IOException {
        try (RedisCommandClient session = stack.connect(ReadLevel.Kind.SESSION);
                RedisCommandClient eventual = stack.connect(ReadLevel.Kind.EVENTUAL)) {
            session.command("SET", "k", "v");
            session.command("EVAL", "return 1", "0");
            session.command("BLPOP", "none", "0.1");
            for (int i = 0; i < READS; i++) {
                eventual.command("GET", "k");
            }
        }
    }

    /** The page, once every node has said what it is. */
    private static String awaitNodes(Stack stack) {
        return await().atMost(Stack.PATIENCE)
                .until(
                        () -> Stack.get(stack.tidegate, "/metrics"),
                        page -> count(page, "redis_up\\{.*") == 3
                                && count(page, "redis_db_keys\\{db=\"db0\",.*") == 3
                                && count(page, "redis_instance_info\\{.*role=\"master\",.*") == 1
                                && count(page, "redis_connected_slaves\\{.*") == 2);
    }

    private static void aNodeThatIsGoneIsDown(Stack stack) {
        RedisProcess replica = stack.redis.replicas().get(0);
        replica.kill();
        String node = Pattern.quote("{node=\"" + replica.endpoint() + "\"");
        await().atMost(Stack.PATIENCE)
                .until(
                        () -> Stack.get(stack.tidegate, "/metrics"),
                        page -> lines(page, "redis_up" + node + "} 0.0") == 1
                                && lines(page, "redis_memory_used_bytes" + node + ".*") == 0);
    }

    private static void promtoolIsPleasedWith(String page) throws IOException, InterruptedException {
        Path file = Files.createTempFile("tidegate", ".metrics");
        Process promtool;
        try {
            Files.writeString(file, page);
            promtool = new ProcessBuilder("promtool", "check", "metrics")
                    .redirectInput(file.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "promtool is not installed: " + e.getMessage());
            throw e;
        } finally {
            file.toFile().deleteOnExit();
        }
        String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(promtool.waitFor()).as(said).isZero();
    }

    /** The sum of the values of the lines that match. */
    private static double count(String page, String line) {
        return matcher(page, line)
                .results()
                .mapToDouble(found ->
                        Double.parseDouble(found.group().substring(found.group().lastIndexOf(' ') + 1)))
                .sum();
    }

    private static long lines(String page, String line) {
        return matcher(page, line).results().count();
    }

    private static Matcher matcher(String page, String line) {
        return Pattern.compile("(?m)^" + line + "$").matcher(page);
    }
}
