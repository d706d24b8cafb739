package io.tidegate.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each command line ends with: its exit code, and which of the two streams says what. */
final class MainTest {
    private static final String GOOD =
            "listeners: [{address: '127.0.0.1:0'}]\nupstream: {static: {nodes: ['127.0.0.1:1']}}\n";

    private final Terminal terminal = new Terminal();

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @Test
    void helpAndVersionAreResults() {
        assertThat(terminal.run("--help")).isEqualTo(Main.OK);
        assertThat(terminal.out()).contains("serve", "check", "demo", "Exit codes: 0 success");
        assertThat(terminal.run("demo", "--help")).isEqualTo(Main.OK);
        assertThat(terminal.out()).contains("--failover", "--idle", "--json", "--dir", "--port-base", "Default: 6390");
        assertThat(terminal.run("serve", "-h")).isEqualTo(Main.OK);
        assertThat(terminal.out()).contains("Usage: tidegate serve --config=FILE [--json] [--help] [--version]");
        assertThat(terminal.out().lines()).allMatch(line -> line.length() <= 100);
        assertThat(terminal.run("--version")).isEqualTo(Main.OK);
        assertThat(terminal.run("check", "-V")).isEqualTo(Main.OK);
        assertThat(terminal.out()).contains("tidegate ", ", Java ");
        assertThat(terminal.err()).isEmpty();
    }

    @Test
    void healthIsWhatTheAdminPortSays() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = "so so\n".getBytes(UTF_8);
            exchange.sendResponseHeaders(exchange.getRequestURI().getPath().equals("/livez") ? 200 : 503, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        assertThat(terminal.run("health", "--url", url + "/livez")).isEqualTo(Main.OK);
        assertThat(terminal.out()).isEqualTo("so so\n");
        assertThat(terminal.run("health", "--url", url + "/readyz")).isEqualTo(Main.FAILED);
        assertThat(terminal.out()).isEqualTo("so so\nso so\n");
        server.stop(0);
        assertThat(terminal.run("health", "--url", url + "/livez")).isEqualTo(Main.FAILED);
        assertThat(terminal.err()).contains("tidegate: " + url + "/livez: ");
        assertThat(terminal.run("health", "--url", "file:///etc/passwd")).isEqualTo(Main.MISUSED);
        assertThat(terminal.run("health", "--url", "http://h:x/")).isNotEqualTo(Main.OK);
    }

    @Test
    void aWrongCommandLineIsMisuse() {
        assertThat(terminal.run()).isEqualTo(Main.MISUSED);
        assertThat(terminal.run("sreve")).isEqualTo(Main.MISUSED);
        assertThat(terminal.run("serve")).isEqualTo(Main.MISUSED);
        assertThat(terminal.run("check", "--config")).isEqualTo(Main.MISUSED);
        assertThat(terminal.run("check", "--config=a", "--config=b")).isEqualTo(Main.MISUSED);
        assertThat(terminal.run("serve", "--jason")).isEqualTo(Main.MISUSED);
        assertThat(terminal.run("serve", "--json=yes")).isEqualTo(Main.MISUSED);
        assertThat(terminal.run("demo", "--port-base", "70000")).isEqualTo(Main.MISUSED);
        assertThat(terminal.run("demo", "--port-base", "x")).isEqualTo(Main.MISUSED);
        assertThat(terminal.run("demo", "--failover", "--idle")).isEqualTo(Main.MISUSED);
        assertThat(terminal.err())
                .contains(
                        "no command (expected: serve | check | health | switchover | reload | drill | demo | train)",
                        "'sreve' is no command (expected: serve | check | health | switchover | reload | drill | demo | train)",
                        "--config is missing (expected: --config=FILE)",
                        "--config: no value (expected: --config=FILE)",
                        "--config: given twice (expected: once)",
                        "'--jason' is no option (expected: --config | --json | --help | --version)",
                        "--json=yes: a value (expected: --json alone)",
                        "--port-base: 70000 (expected: 0..65000)",
                        "--port-base: x (expected: 0..65000)",
                        "--failover needs clients (expected: without --idle)");
        assertThat(terminal.out()).isEmpty();
    }

    @Test
    void aGoodConfigurationIsOkAndOddOnesAreWarnedOf() throws IOException {
        Path config = write(GOOD + "fence: off\n");
        assertThat(terminal.run("check", "--config", config.toString())).isEqualTo(Main.OK);
        assertThat(terminal.out()).isEqualTo(config + ": ok" + System.lineSeparator());
        assertThat(terminal.err())
                .isEqualTo("warning: " + config + ":3: fence: whatever answers is believed to be the primary"
                        + System.lineSeparator());
    }

    @Test
    void aBadConfigurationIsMisuseWithALinePerMistake() throws IOException {
        Path config = write(GOOD + "fence: leese\nevent-loops: many\n");
        for (String command : new String[] {"check", "serve"}) {
            Terminal own = new Terminal();
            assertThat(own.run(command, "--config", config.toString())).isEqualTo(Main.MISUSED);
            assertThat(own.err())
                    .isEqualToNormalizingNewlines(
                            config + ":3: fence: 'leese' (expected: confirm | lease | role | off)\n" + config
                                    + ":4: event-loops: 'many' (expected: 0..1024)\n");
            assertThat(own.out()).isEmpty();
        }
        String none = directory.resolve("none.yaml").toString();
        assertThat(terminal.run("check", "--config", none)).isEqualTo(Main.MISUSED);
        assertThat(terminal.err()).endsWith("cannot be read: there is no such file" + System.lineSeparator());
    }

    @Test
    void mistakesOfEveryKindAreToldInOneRunWithPathAndLine() throws IOException {
        Path config = write("""
                listeners:
                  - {address: 127.0.0.1:6390, consistency: bounded(soon)}
                  - {address: 127.0.0.1:6390}
                  - {address: 127.0.0.1:70000, causal: everybody}
                upstream:
                  static: {nodes: [localhost]}
                  connect-timeout: 5 parsecs
                fence: lease
                clients:
                  conections-max: 5
                  in-flight-max: {a: 1}
                hold:
                  bytes-max: 1XB
                  time-max: -1s
                hold: {}
                event-loops: 1.5
                """);
        assertThat(terminal.run("check", "--config", config.toString())).isEqualTo(Main.MISUSED);
        assertThat(terminal.out()).isEmpty();
        assertThat(terminal.err().lines().map(line -> line.substring((config + ":").length())))
                .containsExactly(
                        "15: 'hold' is already set at " + config + ":12",
                        "2: listeners[0].consistency: 'bounded(soon)' (expected: eventual | bounded(<duration>, e.g."
                                + " 200ms) | session | strong)",
                        "4: listeners[2].address: '127.0.0.1:70000' (expected: host:port, IPv6 as [::1]:6390, port 0"
                                + " for any free one)",
                        "4: listeners[2].causal: 'everybody' (expected: connection | user | listener)",
                        "6: upstream.static.nodes[0]: 'localhost' (expected: host:port, IPv6 as [::1]:6379)",
                        "7: upstream.connect-timeout: '5 parsecs' (expected: a duration of 10ms..1m)",
                        "10: clients.conections-max: unknown, did you mean 'connections-max'? (expected: auth |"
                                + " bulk-max | connections-max | connections-per-address-max | handshake-timeout | idle-timeout | in-flight-max | open |"
                                + " output-buffer-max | query-buffer-max | request-timeout | subscriber-buffer-max | subscriber-buffer-soft-max |"
                                + " subscriber-soft-time | subscriptions-max | write-timeout)",
                        "11: clients.in-flight-max: a map (expected: 1..1048576)",
                        "13: hold.bytes-max: '1XB' (expected: a size of 0B..64GiB)",
                        "14: hold.time-max: '-1s' (expected: a duration of 0ms..10m)",
                        "16: event-loops: '1.5' (expected: 0..1024)",
                        "3: listeners[1].address: '127.0.0.1:6390' is taken by listeners[0].address: '127.0.0.1:6390'",
                        "8: fence: 'lease' needs sentinels, and upstream.static has none (expected: role | off)");
    }

    @Test
    void whatIsNoConfigurationIsMisuse() throws IOException {
        assertThat(check(write("")))
                .containsExactly(
                        "tidegate.yaml: listeners: 0 of them (expected: 1..64)",
                        "tidegate.yaml: upstream: names no servers (expected: exactly one of upstream.sentinel and"
                                + " upstream.static)");
        assertThat(check(write("listeners:\n\t- {address: 127.0.0.1:1}\n")))
                .singleElement()
                .asString()
                .startsWith("tidegate.yaml:2: not YAML: found character '\\t(TAB)'");
        assertThat(check(Files.createDirectory(directory.resolve("a-directory"))))
                .containsExactly("a-directory: cannot be read: Is a directory");
        Path forbidden = Files.writeString(directory.resolve("forbidden.yaml"), GOOD);
        assertThat(forbidden.toFile().setReadable(false)).isTrue();
        if (!Files.isReadable(forbidden)) { // root reads everything
            assertThat(check(forbidden))
                    .singleElement()
                    .asString()
                    .isEqualTo("forbidden.yaml: cannot be read: permission denied");
        }
    }

    private List<String> check(Path config) {
        Terminal own = new Terminal();
        assertThat(own.run("check", "--config", config.toString())).isEqualTo(Main.MISUSED);
        assertThat(own.out()).isEmpty();
        return own.err().replace(directory + "/", "").lines().toList();
    }

    @Test
    void theEnvironmentIsCheckedToo() throws IOException {
        String config = write(GOOD).toString();
        assertThat(terminal.run(Map.of("TIDEGATE_FENCE", "leese"), "check", "--config", config))
                .isEqualTo(Main.MISUSED);
        assertThat(terminal.err()).startsWith("TIDEGATE_FENCE: fence: 'leese'");
    }

    @Test
    void anAddressThatIsTakenIsAFailureInOneLine() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            String config = write(GOOD.replace("127.0.0.1:0", address)).toString();
            assertThat(terminal.run("serve", "--config", config)).isEqualTo(Main.FAILED);
            assertThat(terminal.err())
                    .startsWith("tidegate: ")
                    .contains(address)
                    .hasLineCount(1);
            assertThat(terminal.out()).isEmpty();
        }
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(directory.resolve("tidegate.yaml"), yaml);
    }
}
