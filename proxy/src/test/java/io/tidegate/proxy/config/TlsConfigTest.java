package io.tidegate.proxy.config;

import static io.tidegate.proxy.config.Configs.LISTENERS;
import static io.tidegate.proxy.config.Configs.SENTINEL;
import static io.tidegate.proxy.config.Configs.load;
import static io.tidegate.proxy.config.Configs.mistakes;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.config.TidegateConfig.ClientTls;
import io.tidegate.proxy.config.TidegateConfig.ServerTls;
import io.tidegate.proxy.config.TidegateConfig.TlsClientAuth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How TLS is asked for; what is in the files is read by others. */
final class TlsConfigTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init")
    private Path file;

    @BeforeEach
    void makeFile() throws IOException {
        file = Files.createFile(directory.resolve("a.pem"));
    }

    private String listener(String address, String tls) {
        return "listeners: [{address: '" + address + "', tls: {" + tls.replace("FILE", "'" + file + "'") + "}}]\n"
                + SENTINEL;
    }

    private String upstream(String tls) {
        return LISTENERS + "upstream: {static: {nodes: ['127.0.0.1:6379']}, tls: {"
                + tls.replace("FILE", "'" + file + "'") + "}}\n";
    }

    @Test
    void everythingCanBeSaid() throws Exception {
        TidegateConfig config =
                load(listener("127.0.0.1:1", "certificate: FILE, key: FILE, client-ca: FILE, client-auth: optional"));
        assertThat(config.listeners().get(0).tls()).isEqualTo(new ServerTls(file, file, file, TlsClientAuth.OPTIONAL));
        assertThat(config.upstream().tls()).isNull();
        assertThat(load(upstream("ca: FILE, certificate: FILE, key: FILE, server-name: n, verify: ca"))
                        .upstream()
                        .tls())
                .isEqualTo(new ClientTls(file, file, file, "n", false));
        assertThat(load(upstream("ca: system")).upstream().tls())
                .isEqualTo(new ClientTls(null, null, null, null, true));
        assertThat(load(LISTENERS + SENTINEL, Map.of("TIDEGATE_UPSTREAM_SENTINEL_TLS_CA", file.toString()))
                        .upstream()
                        .sentinelTls())
                .isEqualTo(new ClientTls(file, null, null, null, true));
    }

    @Test
    void relativePathsStartAtTheConfiguration() throws Exception {
        Path yaml = directory.resolve("t.yaml");
        Files.writeString(yaml, upstream("ca: a.pem"));
        ClientTls tls = ConfigLoader.load(yaml, Map.of()).config().upstream().tls();
        assertThat(tls).isEqualTo(new ClientTls(file.toAbsolutePath(), null, null, null, true));
    }

    @Test
    void whatIsMissingOrHasNoSenseIsTold() {
        assertThat(mistakes(listener("127.0.0.1:1", "certificate: FILE")))
                .containsExactly("t.yaml:1: listeners[0].tls.key: missing (expected: the path of a file)");
        assertThat(mistakes(listener("127.0.0.1:1", "certificate: FILE, key: /no/such")))
                .singleElement()
                .asString()
                .endsWith("listeners[0].tls.key: file '/no/such' does not exist or cannot be read");
        assertThat(mistakes(listener("127.0.0.1:1", "certificate: FILE, key: FILE, client-auth: required")))
                .singleElement()
                .asString()
                .contains("listeners[0].tls.client-auth: 'required' needs client-ca");
        assertThat(mistakes(upstream("ca: FILE, key: FILE")))
                .singleElement()
                .asString()
                .endsWith("upstream.tls.key: set without upstream.tls.certificate");
        assertThat(mistakes(upstream("verify: ca"))).singleElement().asString().contains("upstream.tls.ca: missing");
    }

    @Test
    void aCertificateOfTheClientIsAuthenticationAndTlsAloneIsNot() {
        String pair = "certificate: FILE, key: FILE, client-ca: FILE, client-auth: ";
        assertThat(mistakes(listener("0.0.0.0:1", pair + "required"))).isEmpty();
        for (String less : new String[] {"optional", "none"}) {
            assertThat(mistakes(listener("0.0.0.0:1", pair + less)))
                    .singleElement()
                    .asString()
                    .contains("can be reached from other machines");
        }
    }
}
