package io.tidegate.proxy.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The log of a whole process, as JSON and with nothing left out: what machines read from it, and what is not in it. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class LogIT {
    private static final String LEAK = "hunter2";
    private static final int STRANGERS = 200;
    private static final int LINKS = 12;
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

    /** By whoever finds the balancer's port, and by a node whose connections do not last. */
    @Test
    void aFloodOfTheSameIsAFewLines() throws Exception {
        long beganNanos = System.nanoTime();
        try (LocalRedis redis = LocalRedis.builder().replicas(0).sentinels(0).start();
                Serving serving = Serving.start(
                        List.of("env", "TIDEGATE_LISTENERS_0_PROXY_PROTOCOL=required"),
                        directory,
                        "log: {format: json}\n" + Serving.upstream(redis));
                RedisCommandClient direct = redis.primary().connect()) {
            for (int i = 0; i < STRANGERS; i++) {
                try (Socket stranger = new Socket(
                        serving.address().getAddress(), serving.address().getPort())) {
                    stranger.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
                    assertThat(stranger.getInputStream().read()).isEqualTo(-1);
                } catch (SocketException reset) {
                    assertThat(reset).hasMessageContaining("reset");
                }
            }
            for (int i = 0; i < LINKS; i++) {
                await().atMost(Stack.PATIENCE)
                        .until(() -> direct.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                                        .integer()
                                > 0);
            }
            await().atMost(Stack.PATIENCE)
                    .until(() -> serving.get("/metrics")
                            .contains("tidegate_proxy_headers_total{outcome=\"malformed\"} " + STRANGERS + ".0\n"));
            serving.terminate();
            long windows = 1 + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - beganNanos) / 30;
            assertThat(lines(serving).stream()
                            .filter(line -> line.path("message").asText().contains("only the load balancer")))
                    .as("of %d strangers", STRANGERS)
                    .hasSizeBetween(10, Math.toIntExact(10 * windows));
            assertThat(lines(serving).stream()
                            .filter(line -> line.path("event").asText().equals("node_link_changed")))
                    .as("of %d connections that ended", LINKS)
                    .hasSizeBetween(1, Math.toIntExact(5 * windows));
        }
    }

    /** What a peer says may be anything; it can neither break a line nor make one up. */
    @ParameterizedTest
    @ValueSource(strings = {"json", "text"})
    void whatANodeSaysIsQuoted(String format) throws Exception {
        String odd = "-ERR \"odd\" \\ {\u0001\u001b[31m\t\u00ff}, 'said'";
        try (ServerSocket node = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread speaker = new Thread(() -> sayToAll(node, odd + "\r\n"));
            speaker.setDaemon(true);
            speaker.start();
            try (Serving serving = Serving.start(
                    directory,
                    "log: {format: " + format + ", level: debug}\nupstream: {static: {nodes: ['127.0.0.1:"
                            + node.getLocalPort() + "']}}\n")) {
                await().atMost(Stack.PATIENCE)
                        .until(() -> serving.log().stream().anyMatch(line -> line.contains("'said'")));
                serving.terminate();
                assertThat(serving.log()).allSatisfy(line -> assertThat(line).doesNotContainPattern("\\p{Cntrl}"));
                if (format.equals("json")) {
                    assertThat(lines(serving))
                            .hasSameSizeAs(serving.log())
                            .anySatisfy(line ->
                                    assertThat(line.path("reason").asText()).contains("\"odd\" \\ {", "'said'"));
                }
            }
        }
    }

    private static void sayToAll(ServerSocket server, String text) {
        try {
            while (true) {
                try (Socket client = server.accept()) {
                    while (client.getInputStream().read(new byte[4_096]) > 0) {
                        client.getOutputStream().write(text.getBytes(ISO_8859_1));
                    }
                } catch (SocketException reset) {
                    if (server.isClosed()) {
                        return;
                    }
                }
            }
        } catch (IOException over) {
            throw new UncheckedIOException(over);
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
