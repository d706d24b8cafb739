package io.tidegate.proxy.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidegate.proxy.RepositoryRoot;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.routing.NodeAddress;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The stack of {@code deploy/compose.yaml}, as it is but for Grafana and the ports of this machine: it comes up, serves
 * through its load balancer while a primary dies and while a proxy is replaced, and Prometheus sees both proxies. Skipped
 * where there is no Docker with its compose plugin, or no image that the stack is made of.
 */
@Tag("alone")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
final class ComposeIT {
    private static final Path ROOT = RepositoryRoot.path();
    private static final String PROJECT = "tidegate-compose-it";
    private static final List<String> IMAGES = List.of(
            "debian:bookworm-slim", "eclipse-temurin:17-jdk", "redis:7.2", "haproxy:2.8", "prom/prometheus:v2.53.0");
    private static final List<String> SERVICES = List.of(
            "redis-1",
            "redis-2",
            "redis-3",
            "sentinel-1",
            "sentinel-2",
            "sentinel-3",
            "tidegate-1",
            "tidegate-2",
            "haproxy",
            "prometheus");
    /** A container's start takes its time on a machine that has much to do. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final int WRITES = 200;

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path override;

    @BeforeEach
    void up() throws Exception {
        assumeTrue(NodeScripts.runs("docker", "info"), "there is no Docker here");
        assumeTrue(NodeScripts.runs("docker", "compose", "version"), "this Docker has no compose plugin");
        assumeTrue(Files.exists(ROOT.resolve("proxy/target/tidegate.jar")), "there is no tidegate.jar: mvn package");
        for (String image : IMAGES) {
            assumeTrue(NodeScripts.runs("docker", "image", "inspect", image), "the image " + image + " is not here");
        }
        override = Files.writeString(directory.resolve("override.yaml"), """
                services:
                  haproxy: {ports: !override ["127.0.0.1::6379"]}
                  prometheus: {ports: !override ["127.0.0.1::9090"]}
                  tidegate-1: {image: %s}
                  tidegate-2: {image: %s}
                """.formatted(PROJECT, PROJECT));
        List<String> words = new ArrayList<>(List.of("up", "--detach", "--build", "--quiet-pull"));
        words.addAll(SERVICES);
        compose(words.toArray(String[]::new));
    }

    @AfterEach
    void down() throws Exception {
        if (override != null) {
            compose("down", "--volumes", "--timeout", "1");
        }
    }

    /** Returns what it says on standard output. */
    private String compose(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "docker",
                "compose",
                "--project-name",
                PROJECT,
                "--file",
                ROOT.resolve("deploy/compose.yaml").toString(),
                "--file",
                override.toString()));
        command.addAll(List.of(words));
        Path complaints = directory.resolve("complaints");
        Process process =
                new ProcessBuilder(command).redirectError(complaints.toFile()).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor())
                .as(words[0] + ": " + Files.readString(complaints))
                .isZero();
        return said;
    }

    private static ConditionFactory patiently(String what) {
        return await(what).atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).ignoreExceptions();
    }

    /** Where a published port of this machine leads to. */
    private InetSocketAddress published(String service, int port) throws Exception {
        NodeAddress address = NodeAddress.parse(
                compose("port", service, Integer.toString(port)).strip());
        return new InetSocketAddress(address.host(), address.port());
    }

    private static String page(String address) throws IOException {
        try (InputStream body = URI.create("http://" + address).toURL().openStream()) {
            return new String(body.readAllBytes(), UTF_8);
        }
    }

    private String health(String service) throws Exception {
        return compose("ps", "--all", "--format", "{{.Health}}", service).strip();
    }

    @Test
    void itServesThroughItsLoadBalancerWhatever() throws Exception {
        patiently("healthy")
                .until(() -> health("tidegate-1").equals("healthy")
                        && health("tidegate-2").equals("healthy"));
        assertThat(page("172.28.0.21:9122/readyz")).isEqualTo("ready\n");
        assertThat(page("172.28.0.22:9122/readyz")).isEqualTo("ready\n");
        InetSocketAddress balancer = published("haproxy", 6379);
        prometheusSeesBoth();
        try (Counting first = new Counting(balancer, "first");
                Counting second = new Counting(balancer, "second")) {
            patiently("replicas").until(() -> eligible(first.client) == 2);
            compose("kill", "redis-1");
            for (int i = 0; i < WRITES; i++) {
                first.count();
                second.count();
            }
            patiently("another primary")
                    .until(() -> topology(first.client).matches("(?s).*primary 172\\.28\\.0\\.1[23]:.*"));
            assertThat(first.client.command("PROXY", "FAILOVERS").toString()).contains("unplanned", "switched");
            compose("start", "redis-1");
            patiently("the former primary as a replica").until(() -> eligible(first.client) == 2);
            compose("stop", "tidegate-1");
            assertThat(compose("ps", "--all", "--format", "{{.ExitCode}}", "tidegate-1")
                            .strip())
                    .as("drained, not killed")
                    .isEqualTo("143");
            for (int i = 0; i < WRITES; i++) {
                first.count();
                second.count();
            }
            first.check();
            second.check();
        }
    }

    /** A client that counts, and begins anew where its connection ends: what was not answered then has not run. */
    private static final class Counting implements AutoCloseable {
        private final InetSocketAddress address;
        private final String key;
        private RedisCommandClient client;
        private long acknowledged;
        private long uncertain;

        Counting(InetSocketAddress address, String key) throws IOException {
            this.address = address;
            this.key = key;
            this.client = RedisCommandClient.connect(address, PATIENCE);
        }

        void count() throws IOException {
            try {
                client.command("INCR", key);
                acknowledged++;
            } catch (RedisErrorException e) {
                assertThat(e).hasMessageStartingWith("UNCERTAIN ");
                uncertain++;
            } catch (IOException ended) {
                client.close();
                client = RedisCommandClient.connect(address, PATIENCE);
                count();
            }
        }

        void check() throws IOException {
            assertThat(uncertain).as("the one that was under way").isLessThanOrEqualTo(1);
            assertThat(Long.parseLong(client.command("GET", key).text()))
                    .isBetween(acknowledged, acknowledged + uncertain);
        }

        @Override
        public void close() throws IOException {
            client.close();
        }
    }

    private static String topology(RedisCommandClient client) throws IOException {
        return client.command("PROXY", "TOPOLOGY").toString();
    }

    private static int eligible(RedisCommandClient client) throws IOException {
        return topology(client).split(" eligible ", -1).length - 1;
    }

    private void prometheusSeesBoth() throws Exception {
        InetSocketAddress prometheus = published("prometheus", 9090);
        String api = "127.0.0.1:" + prometheus.getPort() + "/api/v1/";
        ObjectMapper json = new ObjectMapper();
        patiently("both targets").until(() -> {
            List<JsonNode> targets = new ArrayList<>();
            json.readTree(page(api + "targets")).at("/data/activeTargets").forEach(targets::add);
            return targets.size() == 2
                    && targets.stream()
                            .allMatch(target -> target.path("health").asText().equals("up"));
        });
        patiently("the gates of both")
                .until(() -> json.readTree(page(api + "query?query=count(tidegate_write_gate)"))
                                .at("/data/result")
                                .size()
                        == 1);
        assertThat(json.readTree(page(api + "rules")).at("/data/groups").size()).isPositive();
    }
}
