package io.tidegate.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
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
        assertThat(terminal.run("--version")).isEqualTo(Main.OK);
        assertThat(terminal.out()).contains("tidegate ", ", Java ");
        assertThat(terminal.err()).isEmpty();
    }

    @Test
    void aWrongCommandLineIsMisuse() {
        assertThat(terminal.run()).isEqualTo(Main.MISUSED);
        assertThat(terminal.run("sreve")).isEqualTo(Main.MISUSED);
        assertThat(terminal.run("serve")).isEqualTo(Main.MISUSED);
        assertThat(terminal.run("check", "--config")).isEqualTo(Main.MISUSED);
        assertThat(terminal.run("demo", "--port-base", "70000")).isEqualTo(Main.MISUSED);
        assertThat(terminal.run("demo", "--port-base", "x")).isEqualTo(Main.MISUSED);
        assertThat(terminal.run("demo", "--failover", "--idle")).isEqualTo(Main.MISUSED);
        assertThat(terminal.err())
                .contains(
                        "which command? (expected: serve, check or demo)",
                        "Did you mean: tidegate serve",
                        "Missing required option: '--config=FILE'",
                        "--port-base: 70000 (expected: 0..65000)",
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
                    .isEqualToNormalizingNewlines(config + ":3: fence: 'leese' (expected: lease | role | off)\n"
                            + config + ":4: event-loops: 'many' (expected: 0..1024)\n");
            assertThat(own.out()).isEmpty();
        }
        String none = directory.resolve("none.yaml").toString();
        assertThat(terminal.run("check", "--config", none)).isEqualTo(Main.MISUSED);
        assertThat(terminal.err()).endsWith("cannot be read: there is no such file" + System.lineSeparator());
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
