package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code tidegate drill} as a process, of servers and sentinels that speak TLS alone and ask for a certificate. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class DrillTlsIT {
    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @Test
    void everybodyIsSpokenToByTls() throws Exception {
        Certificates certificates = new Certificates(directory);
        certificates.write("drill", certificates.issue("drill"));
        try (TlsShard shard = new TlsShard(directory, certificates)) {
            String target = "--target=127.0.0.1:" + shard.nodes.get(0);
            String sentinel = "--sentinel=127.0.0.1:" + shard.sentinels.get(0);
            List<String> all = List.of(
                    target,
                    sentinel,
                    "--master=shard",
                    "--tls=target,nodes,sentinels",
                    "--tls-ca=" + certificates.file("ca.pem"),
                    "--tls-certificate=" + certificates.file("drill.pem"),
                    "--tls-key=" + certificates.file("drill.key"));

            Path said = directory.resolve("said");
            assertThat(drill(said, all)).as(Files.readString(said)).isZero();
            assertThat(Files.readString(said))
                    .contains("1 replica attached (127.0.0.1:" + shard.nodes.get(1) + ")", "quorum: OK 3 usable");

            assertThat(drill(said, List.of(target, "--tls=target"))).isEqualTo(1);
            assertThat(Files.readString(said))
                    .contains("FAILED   connectivity", "unable to find valid certification path");
            assertThat(drill(said, List.of(target))).isEqualTo(1);
            assertThat(Files.readString(said)).contains("FAILED   connectivity");
        }
    }

    private int drill(Path said, List<String> words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "drill"));
        command.addAll(words);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        return process.waitFor();
    }
}
