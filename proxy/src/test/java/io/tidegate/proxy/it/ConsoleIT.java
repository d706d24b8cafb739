package io.tidegate.proxy.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidegate.proxy.RepositoryRoot;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel.Kind;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The console in headless Chromium, driven by {@code src/test/node/console.mjs} and {@code console-actions.mjs}, which say
 * what they look for; pictures of it are in {@code target/node} afterwards, of {@code console.png} and {@code
 * console-timeline.png} there are copies in {@code proxy}. Skipped where there is no Chromium, node 18 or npm, or their
 * packages cannot be had.
 */
@Timeout(value = 8, unit = TimeUnit.MINUTES)
class ConsoleIT {
    /** Where there is one, as its packages are called. */
    private static final @Nullable Path CHROMIUM = Stream.of("chromium", "chromium-browser", "google-chrome")
            .flatMap(name -> Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                    .map(directory -> Path.of(directory, name)))
            .filter(Files::isExecutable)
            .findFirst()
            .orElse(null);

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @BeforeAll
    static void install() throws Exception {
        assumeTrue(CHROMIUM != null, "there is no Chromium here");
        NodeScripts.install();
        Path scripts = RepositoryRoot.path().resolve("proxy/src/main/resources/io/tidegate/proxy/admin/console");
        try (Stream<Path> files = Files.list(scripts)) {
            for (Path file : files.toList()) {
                Files.copy(
                        file,
                        Files.createDirectories(NodeScripts.HOME.resolve("console"))
                                .resolve(file.getFileName()),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /** The part of its code that computes, without a browser. */
    @Test
    void itsFiguresAreRight() throws Exception {
        Process process = NodeScripts.start("console-figures.mjs");
        try (BufferedReader output = process.inputReader(UTF_8)) {
            assertThat(output.lines().toList()).containsExactly("done");
        }
    }

    @Test
    void itShowsWhatHappens() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService clients = Executors.newSingleThreadExecutor();
        try (Stack stack = Stack.start("""
            admin: {address: "127.0.0.1:0", token: "a token of the test's"}
            slowlog: {slower-than: 0ms}
            hotkeys: {sample-every: 1}
            """)) {
            Future<Void> client = clients.submit(() -> work(stack, over));
            RedisProcess old = stack.redis.primary();
            Process process = NodeScripts.start(
                    "console.mjs",
                    "http://" + stack.tidegate.adminAddress() + "/",
                    String.valueOf(CHROMIUM),
                    old.endpoint());
            try (BufferedReader output = process.inputReader(UTF_8)) {
                said(output, "ready");
                old.kill();
                stack.awaitOtherPrimary(old);
                process.getOutputStream()
                        .write((Objects.requireNonNull(stack.primary()).endpoint() + "\n").getBytes(UTF_8));
                process.getOutputStream().flush();
                said(output, "failed over");
                over.set(true);
                client.get();
                stack.tidegate.close();
                List<String> rest = output.lines().toList();
                assertThat(rest).containsExactly("done");
                assertThat(process.waitFor()).isZero();
            } finally {
                over.set(true);
                process.destroyForcibly().waitFor();
            }
        } finally {
            clients.shutdownNow();
        }
    }

    /** Each by its button, with the token and the name of whom it concerns; the last one ends the process. */
    @Test
    void itsButtonsDoWhatTheySay() throws Exception {
        List<String> launcher = List.of("env", "TIDEGATE_ADMIN_TOKEN=a token of the test's");
        try (LocalRedis redis = LocalRedis.builder().replicas(1).sentinels(0).start();
                Serving serving = Serving.start(launcher, directory, "drain: {delay: 3s}\n" + upstream(redis));
                RedisCommandClient client = serving.connect()) {
            RedisProcess first = redis.primary();
            RedisProcess second = redis.replicas().get(0);
            assertThat(client.command("INCR", "n").integer()).isEqualTo(1);
            Process process = NodeScripts.start(
                    "console-actions.mjs",
                    serving.open("/").getURL().toString(),
                    String.valueOf(CHROMIUM),
                    first.endpoint(),
                    second.endpoint());
            try (BufferedReader output = process.inputReader(UTF_8)) {
                said(output, "switched");
                assertThat(client.command("INCR", "n").integer()).isEqualTo(2);
                Stack.awaitReplica(first);
                first.command("REPLICAOF", "NO", "ONE");
                said(output, "released");
                assertThat(client.command("INCR", "n").integer()).isEqualTo(3);
                try (RedisCommandClient direct = first.connect()) {
                    assertThat(direct.command("GET", "n").text()).isEqualTo("3");
                }
                said(output, "drained");
                assertThat(serving.awaitEnd()).isZero();
                assertThat(output.lines().toList()).containsExactly("done");
                assertThat(process.waitFor()).isZero();
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
    }

    private static String upstream(LocalRedis redis) {
        return "upstream: {static: {nodes: ['" + redis.primary().endpoint() + "', '"
                + redis.replicas().get(0).endpoint() + "']}}\n";
    }

    private static void said(BufferedReader output, String wanted) throws IOException {
        String line = output.readLine();
        if (!wanted.equals(line)) {
            fail("not '%s' but: %s\n%s", wanted, line, output.lines().collect(Collectors.joining("\n")));
        }
    }

    /** Something to see. Of a write that was under way when the primary died nothing may be known. */
    private static Void work(Stack stack, AtomicBoolean over) throws Exception {
        try (RedisCommandClient session = stack.connect(Kind.SESSION);
                RedisCommandClient worker = stack.connect(Kind.SESSION);
                RedisCommandClient eventual = stack.connect(Kind.EVENTUAL)) {
            session.command("SET", "catalogue", "x".repeat(700_000));
            worker.write("BLPOP", "jobs", "0");
            for (long i = 0; !over.get(); i++) {
                try {
                    session.command("SET", i % 5 == 0 ? "settings:" + i % 7 : "cart:4711", "a value");
                } catch (RedisErrorException e) {
                    assertThat(e).hasMessageStartingWith("UNCERTAIN ");
                }
                eventual.command("GET", "cart:4711");
                if (i % 50 == 1) {
                    eventual.command("GET", "catalogue");
                }
            }
        }
        return null;
    }
}
