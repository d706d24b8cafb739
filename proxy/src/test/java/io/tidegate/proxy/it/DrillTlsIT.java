package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.cli.Main;
import io.tidegate.proxy.config.ConfigLoader;
import io.tidegate.proxy.config.ConfigSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands as processes, of servers, sentinels and a proxy that speak TLS alone and ask for a certificate. */
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

            operators(certificates, shard, said);
            assertThat(drill(said, List.of(target, "--tls=target"))).isEqualTo(1);
            assertThat(Files.readString(said))
                    .contains("FAILED   connectivity", "unable to find valid certification path");
            assertThat(drill(said, List.of(target))).isEqualTo(1);
            assertThat(Files.readString(said)).contains("FAILED   connectivity");
        }
    }

    /** What asks a running proxy, whose certificate has another name than the one it is reached by. */
    private void operators(Certificates certificates, TlsShard shard, Path said) throws Exception {
        certificates.write("proxy", certificates.elsewhere());
        String tls = "tls: {certificate: '%s', key: '%s', client-ca: '%s', client-auth: required}"
                .formatted(certificates.file("proxy.pem"), certificates.file("proxy.key"), certificates.file("ca.pem"));
        String files = "ca: '%s', certificate: '%s', key: '%s'"
                .formatted(certificates.file("ca.pem"), certificates.file("drill.pem"), certificates.file("drill.key"));
        Path yaml = Files.writeString(
                directory.resolve("tidegate.yaml"), """
                listeners: [{address: '127.0.0.1:0', %s}]
                admin: {address: '127.0.0.1:0', %s}
                upstream: {sentinel: {master: shard, nodes: %s, tls: {%s}}, tls: {%s}}
                commands: {allow: ['proxy|reload']}
                """.formatted(tls, tls, shard.sentinelNodes(), files, files));
        ConfigSource source = ConfigLoader.source(yaml, Map.of());
        try (Tidegate tidegate = Tidegate.start(source.load(), source)) {
            await().atMost(Stack.PATIENCE).until(() -> tidegate.table().writes().open());
            String admin = "https://" + tidegate.adminAddress();
            String proxy = "--proxy=" + tidegate.listeners().get(0).address();
            List<String> right = List.of(
                    "--tls-name=elsewhere.example",
                    "--tls-ca=" + certificates.file("ca.pem"),
                    "--tls-certificate=" + certificates.file("drill.pem"),
                    "--tls-key=" + certificates.file("drill.key"));
            assertThat(run(said, "health", right, "--url=" + admin + "/readyz"))
                    .as(Files.readString(said))
                    .isZero();
            assertThat(Files.readString(said)).isEqualTo("ready\n");
            assertThat(run(said, "health", right.subList(1, 4), "--url=" + admin + "/readyz"))
                    .isEqualTo(1);
            assertThat(Files.readString(said)).contains("No subject alternative names matching IP address 127.0.0.1");
            assertThat(run(said, "health", right.subList(0, 2), "--url=" + admin + "/readyz"))
                    .as("no certificate of its own")
                    .isEqualTo(1);
            assertThat(run(said, "reload", right, proxy)).isZero();
            assertThat(Files.readString(said)).isEqualTo("nothing has changed\n");
            assertThat(run(said, "switchover", right, proxy, "--dry-run"))
                    .as(Files.readString(said))
                    .isZero();
            assertThat(run(
                            said,
                            "drill",
                            right,
                            proxy.replace("--proxy", "--target"),
                            "--tls=target",
                            "--admin=" + admin))
                    .as(Files.readString(said))
                    .isZero();
            assertThat(Files.readString(said)).contains("/metrics has all that alerts need");
        }
    }

    private int drill(Path said, List<String> words) throws IOException, InterruptedException {
        return run(said, "drill", words);
    }

    private int run(Path said, String name, List<String> words, String... more)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                name));
        command.addAll(words);
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        return process.waitFor();
    }
}
