package io.tidegate.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A drill that cannot be meant, or finds nobody. */
final class DrillCommandTest {
    private final Terminal terminal = new Terminal();

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --clients 4                                              | --target is missing
                    --target nonsense                                        | (expected: host:port, IPv6
                    --target a:1 --sentinel b                                | (expected: host:port, IPv6
                    --target a:1 --clients 0                                 | --clients: 0 (expected: 1..128)
                    --target a:1 --seconds 3                                 | --seconds: 3 (expected: 4..600)
                    --target a:1 --allow-lost -1                             | --allow-lost: -1 (expected: 0..2147483647)
                    --target a:1 --yes-inject-faults                         | no fault to inject (expected: --sentinel or --fault)
                    --target a:1 --report /tmp/drill.txt                     | --report: /tmp/drill.txt (expected: a name that ends in .html or .json)
                    --target a:1 --report /no/where/drill.json               | --report: /no/where/drill.json cannot be written
                    --target a:1 --admin localhost:9122                      | --admin: 'localhost:9122' (expected: http[s]://HOST:PORT)
                    --target a:1 --tls everybody                             | --tls: 'everybody' (expected: target | nodes | sentinels
                    --target a:1 --tls-certificate a.pem                     | --tls-certificate and --tls-key go together
                    --target a:1 --tls target --tls-ca /no/where.pem         | --tls-…:
                    --target a:1 --user app                                  | --user without a password (expected: --password-file)
                    --target a:1 --password-file /no/where                   | --password-file: /no/where cannot be read
                    --target a:1 --demo                                      | --target and --demo (expected: one of them)
                    """)
    void whatCannotBeMeantIsMisuse(String line, String told) {
        String[] words = ("drill " + line).split(" ", -1);

        assertThat(terminal.run(words)).as(terminal.err()).isEqualTo(Main.MISUSED);
        assertThat(terminal.err()).contains(told).hasLineCount(1);
        assertThat(terminal.out()).isEmpty();
    }

    @Test
    void nobodyAtTheTargetIsAFailureThatIsReported() throws IOException {
        int nobody;
        try (ServerSocket free = new ServerSocket(0)) {
            nobody = free.getLocalPort();
        }
        Path report = directory.resolve("drill.json");

        assertThat(terminal.run(
                        "drill",
                        "--yes-inject-faults",
                        "--fault=touch " + directory.resolve("broken"),
                        "--target=127.0.0.1:" + nobody,
                        "--report=" + report))
                .isEqualTo(Main.FAILED);
        assertThat(terminal.out())
                .contains("FAILED   connectivity")
                .contains("127.0.0.1:" + nobody + ": Connection refused")
                .contains("SKIPPED  failover     nothing was broken, since all was not well before");
        assertThat(Files.readString(report)).contains("\"verdict\" : \"failed\"");
        assertThat(directory.resolve("broken")).doesNotExist();
    }
}
