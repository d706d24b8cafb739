package io.tidegate.proxy.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidegate.proxy.RepositoryRoot;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Failovers as applications in Node see them. The applications are in {@code src/test/node}: each works through the proxy,
 * says so, goes on through a failover, and checks its own results; of errors it accepts {@code UNCERTAIN} alone. Skipped
 * where there is no node 18 or npm, or their packages cannot be had.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class NodeClientsIT {
    private static final Path HOME = RepositoryRoot.path().resolve("proxy/target/node");

    @BeforeAll
    static void install() throws Exception {
        assumeTrue(
                runs("node", "-e", "process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)"),
                "there is no node 18 here");
        assumeTrue(runs("npm", "--version"), "there is no npm here");
        Files.createDirectories(HOME);
        try (Stream<Path> files = Files.list(RepositoryRoot.path().resolve("proxy/src/test/node"))) {
            for (Path file : files.toList()) {
                Files.copy(file, HOME.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        assumeTrue(
                runs("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"),
                "npm cannot get the packages");
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .directory(Files.isDirectory(HOME) ? HOME.toFile() : null)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException notThere) {
            return false;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "bullmq, true",
        "bullmq, false",
        "ioredis, true",
        "ioredis, false",
        "node-redis, true",
        "node-redis, false"
    })
    void theApplicationGoesOn(String application, boolean killed) throws Exception {
        try (Stack stack = Stack.start()) {
            RedisProcess old = stack.redis.primary();
            InetSocketAddress address = stack.address(Kind.SESSION);
            Process process = new ProcessBuilder(
                            "node",
                            application + ".mjs",
                            address.getHostString(),
                            Integer.toString(address.getPort()),
                            Boolean.toString(killed))
                    .directory(HOME.toFile())
                    .redirectErrorStream(true)
                    .start();
            try (BufferedReader output = process.inputReader(UTF_8)) {
                assertThat(output.readLine()).isEqualTo("ready");
                if (killed) {
                    old.kill();
                } else {
                    stack.redis.failover();
                }
                stack.awaitOtherPrimary(old);
                process.getOutputStream().write('\n');
                process.getOutputStream().flush();
                List<String> rest = output.lines().toList();
                assertThat(rest).last().asString().startsWith("done: ");
                assertThat(process.waitFor()).isZero();
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
    }
}
