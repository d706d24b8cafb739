package io.tidegate.proxy.config;

import static io.tidegate.proxy.config.Configs.LISTENERS;
import static io.tidegate.proxy.config.Configs.SENTINEL;
import static io.tidegate.proxy.config.Configs.STATIC;
import static io.tidegate.proxy.config.Configs.load;
import static io.tidegate.proxy.config.Configs.mistakes;
import static io.tidegate.proxy.config.Configs.warnings;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.config.TidegateConfig.ClientTls;
import io.tidegate.proxy.config.TidegateConfig.SentinelPort;
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
    void theProxysOwnPortsHaveIt() throws Exception {
        String pair = "tls: {certificate: FILE, key: FILE, client-ca: FILE, client-auth: ";
        String ports =
                LISTENERS + SENTINEL + "admin: {address: '0.0.0.0:1', %s}\nsentinel-port: {address: '0.0.0.0:2', %s}\n";
        TidegateConfig config = load(with(ports.formatted(pair + "required}", pair + "required}")));
        ServerTls tls = new ServerTls(file, file, file, TlsClientAuth.REQUIRED);
        assertThat(config.adminTls()).isEqualTo(tls);
        assertThat(config.sentinelPort())
                .isNotNull()
                .extracting(SentinelPort::tls)
                .isEqualTo(tls);
        assertThat(mistakes(with(ports.formatted(pair + "optional}", pair + "optional}"))))
                .satisfiesExactly(
                        admin -> assertThat(admin)
                                .contains("admin.address: '0.0.0.0:1' can be reached")
                                .endsWith("(expected: a loopback address, admin.tls.client-auth: required, or"
                                        + " admin.open: true)"),
                        sentinel -> assertThat(sentinel).contains("sentinel-port.tls.client-auth: required, or"));
        assertThat(mistakes(LISTENERS + SENTINEL + "admin: {address: '127.0.0.1:1', tls: {client-auth: required}}\n"))
                .anyMatch(line -> line.contains("admin.tls.certificate: missing"))
                .anyMatch(line -> line.contains("admin.tls.client-auth: 'required' needs client-ca"));
        String token = LISTENERS + STATIC + "admin: {address: '0.0.0.0:1', open: true, token: 0123456789abcdef%s}\n";
        assertThat(warnings(token.formatted(""), Map.of()))
                .singleElement()
                .asString()
                .contains("in the clear without admin.tls");
        assertThat(warnings(with(token.formatted(", tls: {certificate: FILE, key: FILE}")), Map.of()))
                .isEmpty();
    }

    private String with(String yaml) {
        return yaml.replace("FILE", "'" + file + "'");
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
