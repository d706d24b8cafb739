package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.netty.util.NetUtil;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.Place;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node that is known by name, and the name is moved to another address when the process there has died: by whoever edits
 * the hosts file, or a name server. The proxy runs where these two files are its own.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class NamesIT {
    private static final String NAME = "redis.tidegate.test";
    private static final InetAddress AWAY = NetUtil.createInetAddressFromIpAddressString("127.0.0.2");
    private static final String LOCALHOST = "127.0.0.1 localhost\n";

    /** $1: the hosts file, $2: the resolver's; what follows is the command. */
    private static final String WITH_FILES =
            "mount --bind \"$1\" /etc/hosts && mount --bind \"$2\" /etc/resolv.conf && shift 2 && exec \"$@\"";

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init")
    private Path hosts;

    @SuppressWarnings("NullAway.Init")
    private Path resolver;

    @BeforeEach
    void files() throws Exception {
        hosts = Files.writeString(directory.resolve("hosts"), LOCALHOST);
        resolver = Files.writeString(directory.resolve("resolv.conf"), "nameserver 127.0.0.1\n");
        assumeThat(mountable())
                .as("files of its own for one process (unshare -m, mount --bind)")
                .isTrue();
    }

    @Test
    void theHostsFileNamesAnotherAddress() throws Exception {
        Files.writeString(hosts, LOCALHOST + "127.0.0.1 " + NAME + "\n");
        followsTo(() -> Files.writeString(hosts, LOCALHOST + AWAY.getHostAddress() + " " + NAME + "\n"));
    }

    @Test
    void theNameServerNamesAnotherAddressBeforeItsLastAnswerIsOutdated() throws Exception {
        try (DnsServer dns = new DnsServer(InetAddress.getLoopbackAddress(), 86_400)) {
            Files.writeString(resolver, "nameserver 127.0.0.1." + dns.port() + "\n");
            followsTo(() -> dns.move(AWAY));
            assertThat(dns.answers()).isGreaterThan(1);
        }
    }

    private interface Move {
        void run() throws IOException;
    }

    private void followsTo(Move move) throws Exception {
        try (LocalRedis here = LocalRedis.builder().replicas(0).sentinels(0).start();
                LocalRedis away = away(here.primary());
                Serving proxy = Serving.start(launcher(), directory, upstream(here.primary()));
                RedisCommandClient client = proxy.connect()) {
            assertThat(client.command("SET", "k", "here").text()).isEqualTo("OK");
            assertThat(here.primary().command("GET", "k").text()).isEqualTo("here");
            move.run();
            here.primary().kill();
            await().atMost(Stack.PATIENCE)
                    .ignoreExceptionsInstanceOf(RedisErrorException.class)
                    .until(() -> client.command("SET", "k", "away").text().equals("OK"));
            assertThat(away.primary().command("GET", "k").text()).isEqualTo("away");
        }
    }

    private static LocalRedis away(RedisProcess here) {
        Place place = new Place(AWAY, List.of());
        return LocalRedis.builder()
                .replicas(0)
                .sentinels(0)
                .portBase(here.port())
                .places(index -> place)
                .start();
    }

    private static String upstream(RedisProcess node) {
        return "upstream: {static: {nodes: ['" + NAME + ":" + node.port() + "']}}\n";
    }

    private List<String> launcher() {
        return List.of("unshare", "-m", "sh", "-c", WITH_FILES, "sh", hosts.toString(), resolver.toString());
    }

    private boolean mountable() throws Exception {
        List<String> command = new ArrayList<>(launcher());
        command.add("true");
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException noSuchProgram) {
            return false;
        }
    }
}
