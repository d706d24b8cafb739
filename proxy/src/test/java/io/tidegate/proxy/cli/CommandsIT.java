package io.tidegate.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.NodeAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands as scripts use them, on real servers. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class CommandsIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Terminal terminal = new Terminal();

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @Test
    void theDemoSaysWhereItIsAndCleansUp() throws Exception {
        CompletableFuture<Integer> demo =
                start("demo", "--idle", "--json", "--port-base", "0", "--dir", directory.toString());
        JsonNode ready = awaitReady(demo);

        assertThat(ready.at("/ready").asBoolean()).isTrue();
        assertThat(ready.at("/listeners").findValuesAsText("consistency"))
                .containsExactly("session", "eventual", "bounded(200ms)", "strong");
        for (String address : ready.at("/listeners").findValuesAsText("address")) {
            try (RedisCommandClient client = connect(address)) {
                assertThat(client.command("SET", "key", address).text()).isEqualTo("OK");
                assertThat(client.command("PING").text()).isEqualTo("PONG");
            }
        }
        assertThat(ready.at("/replicas").size()).isEqualTo(2);
        assertThat(ready.at("/sentinels").size()).isEqualTo(3);
        assertThat(ready.at("/pids").has(ready.at("/primary").asText())).isTrue();
        assertThat(get("http://" + ready.at("/admin").asText() + "/readyz")).isEqualTo("ready\n");
        assertThat(get("http://" + ready.at("/admin").asText() + "/metrics")).contains("tidegate_sentinel_up{");
        assertThat(Files.readString(directory.resolve("tidegate.yaml"))).contains("consistency: session");
        List<Long> servers = servers(ready);
        assertThat(servers).hasSize(6).allMatch(CommandsIT::alive);

        terminal.lifetime.stop();
        assertThat(demo.get()).isEqualTo(Main.OK);
        assertThat(servers).noneMatch(CommandsIT::alive);
        assertThat(terminal.out()).hasLineCount(1);
    }

    @Test
    void anOperatorsVerbsSayWhatTheyDo() throws Exception {
        Path config = directory.resolve("tidegate.yaml");
        try (LocalRedis redis = LocalRedis.builder().downAfterMillis(2_000).start()) {
            Files.writeString(config, """
                    listeners: [{address: "127.0.0.1:0"}]
                    upstream: {sentinel: {master: %s, nodes: ["%s"]}}
                    commands: {allow: ["proxy|switchover", "proxy|reload"]}
                    """.formatted(
                            LocalRedis.MASTER_NAME, redis.sentinels().get(0).endpoint()));
            CompletableFuture<Integer> serve = start("serve", "--json", "--config", config.toString());
            String proxy = awaitReady(serve).at("/listeners/0/address").asText();
            String wanted = redis.replicas().get(0).endpoint();

            Terminal operator = new Terminal();
            await().atMost(LIMIT)
                    .until(() -> operator.run("switchover", "--proxy", proxy, "--to", wanted, "--dry-run") == Main.OK);
            assertThat(operator.out()).contains("nothing was changed");
            assertThat(operator.run("switchover", "--proxy", proxy, "--to", wanted))
                    .as(operator.err())
                    .isEqualTo(Main.OK);
            assertThat(operator.out()).containsOnlyOnce(" ms pause done").contains("switched to " + wanted);

            assertThat(operator.run("switchover", "--proxy", proxy, "--to", wanted))
                    .isEqualTo(Main.FAILED);
            assertThat(operator.err()).contains(wanted + " is the primary already");
            assertThat(operator.run("switchover", "--proxy", "nonsense")).isEqualTo(Main.MISUSED);

            String before = Files.readString(config);
            Files.writeString(config, before + "hold: {time-max: 7s}\nevent-loops: 3\n");
            assertThat(operator.run("reload", "--proxy", proxy, "--dry-run")).isEqualTo(Main.OK);
            assertThat(operator.out()).contains("1 would be changed, 1 waiting for a restart");
            assertThat(operator.run("reload", "--proxy", proxy)).isEqualTo(Main.OK);
            assertThat(operator.out())
                    .contains("1 changed, 1 waiting for a restart", "hold.time-max: 15s -> 7s (at once)");
            Files.writeString(config, before + "hold: {time-max: soon}\n");
            assertThat(operator.run("reload", "--proxy", proxy)).isEqualTo(Main.FAILED);
            assertThat(operator.err()).contains("not reloaded, nothing has changed: ", "'soon' (expected: a duration");
            assertThat(operator.run("reload", "--proxy", "127.0.0.1:1")).isEqualTo(Main.FAILED);
            assertThat(operator.err()).contains("tidegate: 127.0.0.1:1: Connection refused");
            terminal.lifetime.stop();
            assertThat(serve.get()).isEqualTo(Main.OK);
        }
    }

    @Test
    void aFailoverOfTheDemoIsNoErrorToItsClients() throws Exception {
        CompletableFuture<Integer> demo = start("demo", "--failover", "--json", "--port-base", "0");
        List<Long> servers = servers(awaitReady(demo));

        assertThat(demo.get()).as(terminal.err()).isEqualTo(Main.OK);
        assertThat(terminal.err())
                .contains("was killed (kill -9)", "promotion: ", "cut-over: ", "end: ")
                .containsPattern("errors +0\\R");
        assertThat(servers).noneMatch(CommandsIT::alive);
        assertThat(terminal.out()).hasLineCount(1);
    }

    @Test
    void serveServesWhatItsFileSays() throws Exception {
        try (LocalRedis redis = LocalRedis.builder().replicas(1).start()) {
            Path config = Files.writeString(directory.resolve("tidegate.yaml"), """
                    listeners: [{address: "127.0.0.1:0", consistency: strong}]
                    upstream: {sentinel: {master: %s, nodes: [%s]}}
                    """.formatted(
                            LocalRedis.MASTER_NAME,
                            String.join(
                                    ", ",
                                    redis.sentinels().stream()
                                            .map(sentinel -> '"' + sentinel.endpoint() + '"')
                                            .toList())));
            CompletableFuture<Integer> serve = start("serve", "--json", "--config", config.toString());
            JsonNode ready = awaitReady(serve);

            assertThat(ready.at("/primary").asText()).isEqualTo(redis.primary().endpoint());
            assertThat(ready.at("/admin").isNull()).isTrue();
            assertThat(ready.at("/pids/tidegate").asLong())
                    .isEqualTo(ProcessHandle.current().pid());
            try (RedisCommandClient client =
                    connect(ready.at("/listeners/0/address").asText())) {
                client.command("SET", "key", "value");
                assertThat(redis.primary().command("GET", "key").text()).isEqualTo("value");
            }
            terminal.lifetime.stop();
            assertThat(serve.get()).isEqualTo(Main.OK);
            assertThat(terminal.out()).hasLineCount(1);
        }
    }

    @Test
    void aSignalStopsTheProxyAndTheServers() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "demo",
                        "--json",
                        "--port-base",
                        "0")
                .redirectError(directory.resolve("err").toFile())
                .start();
        try (BufferedReader out = process.inputReader(UTF_8)) {
            String line = out.readLine();
            assertThat(line).as(Files.readString(directory.resolve("err"))).startsWith("{\"ready\":true,");
            List<Long> servers = servers(new ObjectMapper().readTree(line));
            process.toHandle().destroy();
            assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as("128 + SIGTERM").isEqualTo(143);
            assertThat(out.readLine()).isNull();
            assertThat(servers).hasSize(6);
            await().atMost(LIMIT).until(() -> servers.stream().noneMatch(CommandsIT::alive));
        } finally {
            process.destroyForcibly();
        }
    }

    private CompletableFuture<Integer> start(String... args) {
        CompletableFuture<Integer> code = new CompletableFuture<>();
        new Thread(() -> code.complete(terminal.run(args)), "command-under-test").start();
        return code;
    }

    private JsonNode awaitReady(CompletableFuture<Integer> command) throws IOException {
        await().atMost(LIMIT).until(() -> terminal.out().endsWith("}" + System.lineSeparator()) || command.isDone());
        assertThat(terminal.out()).as(terminal.err()).startsWith("{\"ready\":true,");
        return new ObjectMapper().readTree(terminal.out());
    }

    /** The process ids of the servers, without that of the proxy. */
    private static List<Long> servers(JsonNode ready) {
        List<Long> pids = new ArrayList<>();
        ready.at("/pids").properties().stream()
                .filter(pid -> !pid.getKey().equals("tidegate"))
                .forEach(pid -> pids.add(pid.getValue().asLong()));
        return pids;
    }

    private static boolean alive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    private static RedisCommandClient connect(String address) throws IOException {
        NodeAddress parsed = NodeAddress.parse(address);
        return RedisCommandClient.connect(new InetSocketAddress(parsed.host(), parsed.port()), LIMIT);
    }

    private static String get(String uri) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(uri).toURL().openConnection();
        connection.setReadTimeout(Math.toIntExact(LIMIT.toMillis()));
        return new String(connection.getInputStream().readAllBytes(), UTF_8);
    }
}
