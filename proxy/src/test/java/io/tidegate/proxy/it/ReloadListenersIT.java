package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ports that come, change and go while others are connected to. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ReloadListenersIT {
    private static final String FIRST = "{address: '127.0.0.1:0'}";

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // by JUnit
    private LocalRedis redis;

    @SuppressWarnings("NullAway.Init") // by JUnit
    private Serving serving;

    @SuppressWarnings("NullAway.Init") // by JUnit
    private RedisCommandClient operator;

    @BeforeEach
    void start() throws IOException {
        redis = LocalRedis.builder().replicas(0).sentinels(0).start();
        serving = Serving.start(directory, rest(""));
        operator = serving.connect();
    }

    @AfterEach
    void stop() throws IOException {
        operator.close();
        serving.close();
        redis.close();
    }

    private String rest(String more) {
        return "commands: {allow: ['proxy|reload']}\ndrain: {time-max: 1m}\n" + Serving.upstream(redis) + more;
    }

    private void rewrite(String listeners, String more) throws IOException {
        Files.writeString(
                serving.config(), "admin: {address: '127.0.0.1:0'}\nlisteners: [" + listeners + "]\n" + rest(more));
    }

    private List<String> reload() throws IOException {
        return operator.command("PROXY", "RELOAD").elements().stream()
                .map(RespValue::text)
                .toList();
    }

    @Test
    void aPortComesChangesAndGoes() throws Exception {
        int port = Serving.freePort();
        String second = "{address: '127.0.0.1:" + port + "'%s}";
        rewrite(second.formatted("") + ", " + FIRST, "");
        assertThat(reload())
                .containsExactly("1 changed", "listeners[127.0.0.1:" + port + "]: none -> opened (at once)");
        try (RedisCommandClient before = connect(port);
                RedisCommandClient transaction = connect(port)) {
            assertThat(before.command("PROXY", "CONSISTENCY").elements().get(0).text())
                    .isEqualTo("session");
            rewrite(FIRST + ", " + second.formatted(", consistency: strong"), "");
            assertThat(reload())
                    .containsExactly(
                            "1 changed",
                            "listeners[127.0.0.1:" + port + "].consistency: session -> strong (for new connections)");
            try (RedisCommandClient after = connect(port)) {
                assertThat(after.command("PROXY", "CONSISTENCY")
                                .elements()
                                .get(0)
                                .text())
                        .isEqualTo("strong");
            }
            assertThat(before.command("PROXY", "CONSISTENCY").elements().get(0).text())
                    .isEqualTo("session");
            assertThat(serving.get("/topology")).contains(Integer.toString(port));

            transaction.command("MULTI");
            transaction.command("SET", "k", "v");
            rewrite(FIRST, "");
            assertThat(reload())
                    .containsExactly("1 changed", "listeners[127.0.0.1:" + port + "]: open -> closed (at once)");
            assertThatThrownBy(before::read).isInstanceOf(EOFException.class);
            assertThatThrownBy(() -> connect(port)).isInstanceOf(IOException.class);
            assertThat(transaction.command("EXEC").elements())
                    .as("it had its time")
                    .hasSize(1);
            assertThatThrownBy(transaction::read).isInstanceOf(EOFException.class);
        }
        assertThat(operator.command("GET", "k").text())
                .as("nobody else was let go")
                .isEqualTo("v");
        assertThat(serving.get("/topology")).doesNotContain(Integer.toString(port));
        assertThat(serving.terminate()).isEqualTo(143);
        assertThat(serving.log()).noneMatch(line -> line.contains("Exception"));
    }

    @Test
    void whoeverDoesNotEndIsCutOff() throws Exception {
        int port = Serving.freePort();
        rewrite(FIRST + ", {address: '127.0.0.1:" + port + "'}", "");
        reload();
        try (RedisCommandClient transaction = connect(port)) {
            transaction.command("MULTI");
            rewrite(FIRST, "");
            Files.writeString(
                    serving.config(), Files.readString(serving.config()).replace("time-max: 1m", "time-max: 10ms"));
            reload();
            assertThatThrownBy(transaction::read).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void aPortThatIsTakenChangesNothing() throws Exception {
        int free = Serving.freePort();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            rewrite(
                    "{address: '127.0.0.1:%d'}, {address: '127.0.0.1:%d'}".formatted(free, taken.getLocalPort()),
                    "hold: {time-max: 1s}\n");
            assertThatThrownBy(this::reload)
                    .hasMessageStartingWith("ERR not reloaded, nothing has changed: cannot listen on 127.0.0.1:"
                            + taken.getLocalPort() + ": ")
                    .hasMessageContaining("in use");
        }
        assertThatThrownBy(() -> connect(free)).isInstanceOf(IOException.class);
        try (RedisCommandClient another = serving.connect()) {
            assertThat(another.command("PING").text()).isEqualTo("PONG");
        }
        rewrite(FIRST, "");
        assertThat(reload()).as("it is as it was").containsExactly("nothing has changed");
    }

    @Test
    void aCertificateThatIsNoneChangesNothing() throws Exception {
        rewrite(
                "{address: '127.0.0.1:0', tls: {certificate: '%1$s', key: '%1$s'}}".formatted(serving.config()),
                "hold: {time-max: 1s}\n");
        assertThatThrownBy(this::reload)
                .hasMessageStartingWith("ERR not reloaded, nothing has changed: listeners[0].tls: ");
        try (RedisCommandClient another = serving.connect()) {
            assertThat(another.command("PING").text()).isEqualTo("PONG");
        }
        rewrite(FIRST, "");
        assertThat(reload()).as("it is as it was").containsExactly("nothing has changed");
    }

    @Test
    void aPortThatGetsTlsKeepsWhoCameWithout() throws Exception {
        Certificates certificates = new Certificates(directory);
        certificates.write("server", certificates.issue("server"));
        rewrite("{address: '127.0.0.1:0', tls: {certificate: server.pem, key: server.key}}", "");
        assertThat(reload()).contains("2 changed");
        await().atMost(Stack.PATIENCE)
                .until(() -> serving.get("/metrics")
                        .contains("tidegate_tls_certificate_expiry_timestamp_seconds{setting=\"listeners[0].tls\"}"));
        try (RedisCommandClient plaintext = serving.connect()) {
            assertThatThrownBy(() -> plaintext.command("PING")).isInstanceOf(IOException.class);
        }
        assertThat(operator.command("PING").text()).isEqualTo("PONG");
        rewrite(FIRST, "");
        assertThat(reload()).contains("2 changed");
        try (RedisCommandClient plaintext = serving.connect()) {
            assertThat(plaintext.command("PING").text()).isEqualTo("PONG");
        }
        assertThat(serving.get("/metrics")).doesNotContain("setting=\"listeners[0].tls\"");
    }

    private static RedisCommandClient connect(int port) throws IOException {
        return RedisCommandClient.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), Stack.PATIENCE);
    }
}
