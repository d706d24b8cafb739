package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The log of a whole process, as JSON and with nothing left out: what machines read from it, and what is not in it. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class LogIT {
    private static final String LEAK = "hunter2";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @Test
    void aFailoverIsInTheLogWithItsFieldsAndNobodysPasswordIs() throws Exception {
        try (LocalRedis redis = LocalRedis.builder()
                        .password(LEAK)
                        .downAfterMillis(2_000)
                        .start();
                Serving serving = Serving.start(directory, config(redis, "clients: {auth: passthrough}"));
                RedisCommandClient client = serving.connect()) {
            await().atMost(Stack.PATIENCE).until(() -> has(serving, "claim_adopted"));
            // Secrets as clients send them: right, wrong, and in a command that the proxy does not let through.
            assertThat(client.command("AUTH", LEAK).text()).isEqualTo("OK");
            assertThatThrownBy(() -> client.command("AUTH", LEAK + LEAK)).hasMessageStartingWith("WRONGPASS");
            assertThatThrownBy(() -> client.command("HELLO", "3", "AUTH", "somebody", LEAK))
                    .hasMessageStartingWith("WRONGPASS");
            assertThatThrownBy(() -> client.command("CONFIG", "SET", "requirepass", LEAK))
                    .isInstanceOf(RedisErrorException.class);
            assertThat(client.command("SET", "key", LEAK).text()).isEqualTo("OK");

            redis.sentinels().get(0).command("SENTINEL", "FAILOVER", LocalRedis.MASTER_NAME);
            await().atMost(Stack.PATIENCE).until(() -> has(serving, "failover_ended"));
            JsonNode ended = line(serving, "failover_ended");
            assertThat(ended.get("epoch").asLong()).isPositive();
            assertThat(ended.get("outcome").asText()).isEqualTo("switched");
            assertThat(ended.get("reason").asText()).isNotEmpty();
            assertThat(ended.get("longest_wait_millis").isNumber()).isTrue();
            assertThat(line(serving, "gate_changed").get("reason").asText()).contains(" -> ");
            serving.terminate();
            assertThat(lines(serving))
                    .allSatisfy(line -> assertThat(line.has("message")).isTrue());
            assertThat(serving.log()).noneMatch(line -> line.contains(LEAK));
        }
    }

    @Test
    void aPasswordThatIsWrongIsComplainedOfAndNotShown() throws Exception {
        try (LocalRedis redis =
                        LocalRedis.builder().sentinels(0).password("another").start();
                Serving serving = Serving.start(
                        directory,
                        "log: {format: json, level: trace}\nupstream: {password: " + LEAK + ", static: {nodes: ['"
                                + redis.primary().endpoint() + "']}}\n")) {
            await().atMost(Stack.PATIENCE)
                    .until(() -> lines(serving).stream()
                            .anyMatch(line -> line.path("reason").asText().contains("WRONGPASS")));
            serving.terminate();
            assertThat(serving.log()).noneMatch(line -> line.contains(LEAK));
        }
    }

    private static String config(LocalRedis redis, String more) {
        List<String> sentinels = redis.sentinels().stream()
                .map(RedisProcess::endpoint)
                .map(endpoint -> "'" + endpoint + "'")
                .toList();
        return "log: {format: json, level: trace}\nupstream: {sentinel: {master: " + LocalRedis.MASTER_NAME
                + ", nodes: " + sentinels + "}, password: " + LEAK + "}\n" + more + "\n";
    }

    private static boolean has(Serving serving, String event) throws Exception {
        return lines(serving).stream()
                .anyMatch(line -> line.path("event").asText().equals(event));
    }

    private static JsonNode line(Serving serving, String event) throws Exception {
        return lines(serving).stream()
                .filter(line -> line.path("event").asText().equals(event))
                .findFirst()
                .orElseThrow();
    }

    /** Each line of the log; a line that is being written is not there yet. */
    private static List<JsonNode> lines(Serving serving) throws Exception {
        return serving.log().stream()
                .filter(line -> line.endsWith("}"))
                .map(LogIT::parsed)
                .toList();
    }

    private static JsonNode parsed(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + line, e);
        }
    }
}
