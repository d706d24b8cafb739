package io.tidegate.proxy.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidegate.proxy.RepositoryRoot;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code deploy/RUNBOOK.md} tells to type where nobody votes, typed as it stands there, but for the addresses: each
 * block line by line, by a shell. Skipped where redis-cli is not installed.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class RunbookIT {
    private static final Path ROOT = RepositoryRoot.path();
    private static final String RELEASE = "redis-cli PROXY FENCE RELEASE <node>";

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // by JUnit
    private LocalRedis redis;

    @SuppressWarnings("NullAway.Init") // by JUnit
    private Serving serving;

    /** Whom the text calls what, the longest name first. */
    private final Map<String, RedisProcess> names = new LinkedHashMap<>();

    @BeforeEach
    void start() throws Exception {
        assumeTrue(NodeScripts.runs("redis-cli", "--version"), "redis-cli is not installed");
        redis = LocalRedis.builder().replicas(2).sentinels(0).start();
        String nodes = redis.servers().stream()
                .map(node -> "'" + node.endpoint() + "'")
                .collect(Collectors.joining(", "));
        serving = Serving.start(
                directory, "commands: {allow: ['proxy|fence']}\nupstream: {static: {nodes: [" + nodes + "]}}\n");
        names.put("<other replica>", redis.replicas().get(1));
        names.put("<replica>", redis.replicas().get(0));
        names.put("<primary>", redis.primary());
        await().atMost(Stack.PATIENCE)
                .until(() -> type("redis-cli PROXY TOPOLOGY").split("eligible", -1).length == 3);
    }

    @AfterEach
    void stop() {
        if (serving != null) {
            serving.close();
        }
        if (redis != null) {
            redis.close();
        }
    }

    /** The lines of the n-th block of commands below a heading. */
    private static List<String> block(String heading, int n) throws IOException {
        String text = Files.readString(ROOT.resolve("deploy/RUNBOOK.md"));
        String section = text.split("(?m)^## " + heading + "$", -1)[1].split("(?m)^## ", -1)[0];
        return section.split("(?m)^```(sh)?$", -1)[2 * n + 1]
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
    }

    /** Returns what it says. */
    private String type(String line) throws IOException, InterruptedException {
        String typed = line;
        for (Map.Entry<String, RedisProcess> name : names.entrySet()) {
            RedisProcess node = name.getValue();
            typed = typed.replace("-h " + name.getKey(), "-h 127.0.0.1 -p " + node.port())
                    .replace(name.getKey() + " 6379", "127.0.0.1 " + node.port())
                    .replace(name.getKey(), node.endpoint());
        }
        if (!typed.contains(" -p ")) {
            typed = typed.replace(
                    "redis-cli", "redis-cli -p " + serving.address().getPort());
        }
        typed = typed.replace("127.0.0.1:6379", "127.0.0.1:" + serving.address().getPort())
                .replace("/var/backups/redis", directory.resolve("backups").toString())
                .replace("KEYS_MIN=1000", "KEYS_MIN=1");
        assertThat(typed).as("nobody is called so").doesNotContain("<");
        Process shell = new ProcessBuilder("sh", "-c", typed)
                .directory(ROOT.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(shell.getInputStream().readAllBytes(), UTF_8);
        assertThat(shell.waitFor()).as(typed + ": " + said).isZero();
        return said;
    }

    /** All of a block but its last line, which is to say something in the end. */
    private void type(List<String> lines, String wanted) throws IOException, InterruptedException {
        for (String line : lines.subList(0, lines.size() - 1)) {
            assertThat(type(line)).doesNotContain("ERR ");
        }
        String last = lines.get(lines.size() - 1);
        await(last).atMost(Stack.PATIENCE).until(() -> type(last).contains(wanted));
    }

    private void writes(RedisProcess primary) throws IOException {
        try (RedisCommandClient client = serving.connect();
                RedisCommandClient direct = primary.connect()) {
            long count = client.command("INCR", "n").integer();
            assertThat(direct.command("GET", "n").text()).isEqualTo(Long.toString(count));
        }
    }

    @Test
    void aPrimaryThatIsAliveHandsOver() throws Exception {
        RedisProcess next = redis.replicas().get(0);
        type(block("Manual promotion", 0), "primary " + next.endpoint() + " epoch 2 writes open");
        writes(next);
    }

    @Test
    void oneThatIsDeadIsReplaced() throws Exception {
        RedisProcess next = redis.replicas().get(0);
        redis.primary().kill();
        type(block("Manual promotion", 1), "primary " + next.endpoint() + " epoch 2 writes open");
        writes(next);
    }

    /** A replica is made primary beside the one that there is; the operator has that one stay, and demotes the other. */
    @Test
    void ofTwoPrimariesOneIsChosenAndTheOtherDemoted() throws Exception {
        names.put("<node>", redis.primary());
        names.put("<other>", redis.replicas().get(0));
        redis.replicas().get(0).command("REPLICAOF", "NO", "ONE");
        String ask = block("Split brain", 0).get(0);
        await(ask).atMost(Stack.PATIENCE).until(() -> type(ask).contains("writes cutting_over"));
        assertThat(type(ask)).contains("because " + redis.replicas().get(0).endpoint() + " says primary");
        List<String> lines = block("Split brain", 1);
        assertThat(lines.get(0)).startsWith(RELEASE);
        type(lines, "OK");
        writes(redis.primary());
        await().atMost(Stack.PATIENCE)
                .until(() -> type("redis-cli PROXY TOPOLOGY").split("eligible", -1).length == 3);
    }

    @Test
    void aBackupIsTakenAndRestored() throws Exception {
        assumeTrue(NodeScripts.runs("redis-server", "--version"), "redis-server is not installed");
        writes(redis.primary());
        List<String> said = new ArrayList<>();
        for (String line : block("Back up", 0)) {
            said.add(type(line));
        }
        assertThat(said).hasSize(2);
        assertThat(said.get(0)).contains("of replica 127.0.0.1:");
        assertThat(said.get(1)).contains("1 keys");
    }
}
