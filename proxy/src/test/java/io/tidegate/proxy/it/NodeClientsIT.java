package io.tidegate.proxy.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel.Kind;
import java.io.BufferedReader;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
    @BeforeAll
    static void install() throws Exception {
        NodeScripts.install();
    }

    @ParameterizedTest
    @CsvSource({
        "bullmq, true, false",
        "bullmq, false, false",
        "ioredis, true, false",
        "ioredis, false, false",
        "ioredis, false, true",
        "node-redis, true, false",
        "node-redis, false, false"
    })
    void theApplicationGoesOn(String application, boolean killed, boolean sentinel) throws Exception {
        try (Stack stack = sentinel ? Stack.withSentinelPort() : Stack.start()) {
            RedisProcess old = stack.redis.primary();
            InetSocketAddress address = sentinel ? stack.tidegate.sentinelPortAddress() : stack.address(Kind.SESSION);
            assertThat(address).isNotNull();
            Process process = NodeScripts.start(
                    application + ".mjs",
                    address.getHostString(),
                    Integer.toString(address.getPort()),
                    Boolean.toString(killed),
                    Boolean.toString(sentinel));
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
                assertThat(rest).as("%s", rest).last().asString().startsWith("done: ");
                assertThat(process.waitFor()).isZero();
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
    }
}
