package io.tidegate.proxy.config;

import static io.tidegate.proxy.config.Configs.LISTENERS;
import static io.tidegate.proxy.config.Configs.SENTINEL;
import static io.tidegate.proxy.config.Configs.STATIC;
import static io.tidegate.proxy.config.Configs.load;
import static io.tidegate.proxy.config.Configs.mistakes;
import static io.tidegate.proxy.config.Configs.warnings;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.config.TidegateConfig.Credentials;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.engine.EngineSettings.Fence;
import io.tidegate.routing.engine.EngineSettings.Topology;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EnvironmentTest {
    @Test
    void aVariableOverridesTheFile() throws ConfigException {
        TidegateConfig config = load(
                LISTENERS + SENTINEL + "fence: lease\nclients: {in-flight-max: 5}",
                Map.ofEntries(
                        entry("TIDEGATE_FENCE", "role"),
                        entry("TIDEGATE_CLIENTS_IN_FLIGHT_MAX", "7"),
                        entry("TIDEGATE_LISTENERS_0_CONSISTENCY", "bounded(3ms)"),
                        entry("TIDEGATE_UPSTREAM_SENTINEL_NODES", "a:1, b:2"),
                        entry("TIDEGATE_ZONE", "x"),
                        entry("TIDEGATE_ZONES", "a:1=x, [::1]:2=y"),
                        entry("TIDEGATE_COMMANDS_ALLOW", "debug"),
                        entry("TIDEGATE_ADMIN_ADDRESS", "127.0.0.1:9122")));

        assertThat(config.fence()).isEqualTo(Fence.ROLE);
        assertThat(config.clients().inFlightMax()).isEqualTo(7);
        assertThat(config.listeners().get(0).level()).isEqualTo(ReadLevel.bounded(3_000_000));
        assertThat(config.upstream().topology())
                .isEqualTo(new Topology.Sentinel("m", List.of(new NodeAddress("a", 1), new NodeAddress("b", 2))));
        assertThat(config.zones())
                .containsOnly(entry(new NodeAddress("a", 1), "x"), entry(new NodeAddress("::1", 2), "y"));
        assertThat(config.commandsAllowed()).containsExactly("debug");
        assertThat(config.admin()).isEqualTo(new BindAddress("127.0.0.1", 9122));
    }

    @Test
    void aContainerNeedsNoFile() throws ConfigException {
        TidegateConfig config = load(
                "",
                Map.of(
                        "TIDEGATE_LISTENERS_0_ADDRESS", "127.0.0.1:1",
                        "TIDEGATE_LISTENERS_1_ADDRESS", "127.0.0.1:2",
                        "TIDEGATE_LISTENERS_1_CONSISTENCY", "strong",
                        "TIDEGATE_UPSTREAM_STATIC_NODES", "a:1"));
        assertThat(config.listeners())
                .extracting(TidegateConfig.Listener::level)
                .containsExactly(ReadLevel.SESSION, ReadLevel.STRONG);
    }

    @Test
    void aMistakeNamesTheVariable() {
        assertThat(mistakes(
                        LISTENERS + STATIC,
                        Map.of(
                                "TIDEGATE_FENCE", "leese",
                                "TIDEGATE_ZONES", "a:1",
                                "TIDEGATE_LISTENERS_2_ADDRESS", "127.0.0.1:3",
                                "TIDEGATE_UPSTREAM_STATIC_NODES", "a:1,,b")))
                .containsExactlyInAnyOrder(
                        "TIDEGATE_FENCE: fence: 'leese' (expected: confirm | lease | role | off)",
                        "TIDEGATE_ZONES: zones: 'a:1' (expected: a map of at most 256, each host:port, IPv6 as [::1]:6379"
                                + " to a name without spaces)",
                        "TIDEGATE_LISTENERS_2_ADDRESS: listeners[2]: there are only 1 (expected: 0..1)",
                        "TIDEGATE_UPSTREAM_STATIC_NODES: upstream.static.nodes[1]: '' (expected: host:port, IPv6 as"
                                + " [::1]:6379)",
                        "TIDEGATE_UPSTREAM_STATIC_NODES: upstream.static.nodes[2]: 'b' (expected: host:port, IPv6 as"
                                + " [::1]:6379)");
    }

    @Test
    void whatIsWrongInTheFileStaysWrong() {
        assertThat(mistakes(LISTENERS + STATIC + "hold: 5s", Map.of("TIDEGATE_HOLD_TIME_MAX", "1s")))
                .containsExactly(
                        "t.yaml:3: hold: text (expected: a map of bytes-max, drain-rate, dry-run, requests-max, time-max)");
        assertThat(mistakes("listeners: no\n" + STATIC, Map.of("TIDEGATE_LISTENERS_0_ADDRESS", "127.0.0.1:1")))
                .containsExactly(
                        "t.yaml:1: listeners: text (expected: a list)",
                        "t.yaml:1: listeners: 0 of them (expected: 1..64)");
    }

    @Test
    void whatIsEmptyIsNotSet() throws ConfigException {
        assertThat(load(LISTENERS + STATIC, Map.of("TIDEGATE_FENCE", "", "TIDEGATE_ZONE", ""))
                        .fence())
                .isEqualTo(Fence.ROLE);
    }

    @Test
    void whatIsNoSettingsVariableIsIgnoredWithAWord() throws ConfigException {
        assertThat(warnings(
                        LISTENERS + STATIC,
                        Map.of(
                                "TIDEGATE_FENSE", "off",
                                "TIDEGATE_LOG_LEVEL", "debug",
                                "TIDEGATE_SERVICE_HOST", "10.0.0.1",
                                "TIDEGATE_PORT_6390_TCP_ADDR", "10.0.0.1",
                                "PATH", "/bin")))
                .containsExactly("TIDEGATE_FENSE: ignored: it is no setting's variable");
    }

    @Test
    void aSecretIsTheVariableOrInAFile(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("secret"), "hunter2\n");
        assertThat(load(LISTENERS + STATIC, Map.of("TIDEGATE_UPSTREAM_PASSWORD", "hunter2"))
                        .upstream()
                        .credentials())
                .isEqualTo(new Credentials(null, new Secret("hunter2")));
        assertThat(load(LISTENERS + STATIC, Map.of("TIDEGATE_UPSTREAM_PASSWORD_FILE", file.toString()))
                        .upstream()
                        .credentials())
                .isEqualTo(new Credentials(null, new Secret("hunter2")));
        assertThat(mistakes(
                        LISTENERS + STATIC,
                        Map.of("TIDEGATE_UPSTREAM_PASSWORD", "a", "TIDEGATE_UPSTREAM_PASSWORD_FILE", "b")))
                .containsExactly("TIDEGATE_UPSTREAM_PASSWORD: upstream.password: set together with"
                        + " TIDEGATE_UPSTREAM_PASSWORD_FILE (expected: one of them)");
    }
}
