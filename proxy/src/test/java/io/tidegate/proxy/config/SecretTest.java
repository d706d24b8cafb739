package io.tidegate.proxy.config;

import static io.tidegate.proxy.config.Configs.LISTENERS;
import static io.tidegate.proxy.config.Configs.load;
import static io.tidegate.proxy.config.Configs.mistakes;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A secret is read and sent, and never shown. */
final class SecretTest {
    private static final String LEAK = "hunter2";

    @Test
    void aConfigurationPrintsWithoutIt() throws ConfigException {
        TidegateConfig config = load(LISTENERS + """
            upstream:
              sentinel: {master: m, nodes: ['a:1'], password: hunter2}
              password: hunter2
            """);
        assertThat(config.toString()).contains("password=***").doesNotContain(LEAK);
        assertThat(password(config).reveal()).isEqualTo(LEAK);
    }

    @Test
    void whereItComesFromIsToldWithoutIt() throws ConfigException {
        Map<String, String> variables = Map.of("TIDEGATE_ADMIN_TOKEN", LEAK.repeat(3), "REDIS", LEAK);
        List<Origin> origins = ConfigLoader.parse(LISTENERS + """
            upstream:
              static: {nodes: ['a:1']}
              password: {env: REDIS}
            zone: here
            admin: {address: "127.0.0.1:1"}
            """, "t.yaml", Path.of(""), variables)
                .origins();
        assertThat(origins)
                .contains(
                        new Origin("zone", "here", "t.yaml:5", null),
                        new Origin("upstream.static.nodes", "[a:1]", "t.yaml:3", null),
                        new Origin("upstream.password", "***", "t.yaml:4", null),
                        new Origin("admin.token", "***", "TIDEGATE_ADMIN_TOKEN", null),
                        new Origin("hold.time-max", "15s", Origin.DEFAULT, null),
                        new Origin("fence", "lease with sentinels, else role", Origin.DEFAULT, null))
                .noneMatch(origin -> origin.path().startsWith("upstream.sentinel"))
                .noneMatch(origin -> origin.path().contains("tls"));
        assertThat(origins.toString()).doesNotContain(LEAK);
    }

    @Test
    void itComesFromAFileBesideTheConfigurationOrFromTheEnvironment(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("secret"), "hunter2\r\n");
        Path file = Files.writeString(
                directory.resolve("tidegate.yaml"),
                LISTENERS + "upstream: {static: {nodes: ['a:1']}, password: {file: secret}}");
        assertThat(password(ConfigLoader.load(file, Map.of()).config()).reveal())
                .isEqualTo(LEAK);

        String yaml = LISTENERS + "upstream: {static: {nodes: ['a:1']}, password: {env: REDIS}}";
        assertThat(password(load(yaml, Map.of("REDIS", LEAK))).reveal()).isEqualTo(LEAK);
    }

    @Test
    void aFileThatGivesNoneIsAMistake(@TempDir Path directory) throws Exception {
        Path empty = Files.writeString(directory.resolve("empty"), "\n");
        Path large = Files.writeString(directory.resolve("large"), LEAK.repeat(10_000));
        String yaml = LISTENERS + "upstream: {static: {nodes: ['a:1']}, password: {file: '%s'}}";
        assertThat(mistakes(yaml.formatted(empty)))
                .containsExactly("t.yaml:2: upstream.password: file '" + empty + "' is empty");
        assertThat(mistakes(yaml.formatted(large))).singleElement().asString().contains("cannot be read");
        assertThat(mistakes(yaml.formatted(directory)))
                .singleElement()
                .asString()
                .contains("cannot be read");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "upstream: {static: {nodes: ['a:1']}, password: [hunter2]}",
                "upstream: {static: {nodes: ['a:1']}, password: {text: hunter2}}",
                "upstream: {static: {nodes: ['a:1']}, password: {file: a, text: hunter2}}",
                "upstream: {static: {nodes: ['a:1']}, pasword: hunter2}",
                "upstream: {static: {nodes: ['redis://u:hunter2@host:6379']}}",
                "upstream: hunter2",
                "upstream:\n  password: \"hunter2\n",
                "upstream:\n  password: hunter2: x\n",
                "upstream: {static: {nodes: ['a:1']}}\nupstream: {password: hunter2}"
            })
    void noMistakeShowsIt(String upstream) {
        assertThat(mistakes(LISTENERS + upstream))
                .isNotEmpty()
                .allSatisfy(mistake -> assertThat(mistake).doesNotContain(LEAK));
    }

    @Test
    void twoAreEqualIfTheyAreTheSame() {
        assertThat(new Secret("a"))
                .isEqualTo(new Secret("a"))
                .hasSameHashCodeAs(new Secret("a"))
                .isNotEqualTo(new Secret("b"));
        assertThat(new Secret("a").toString()).isEqualTo("***");
    }

    private static Secret password(TidegateConfig config) {
        return Objects.requireNonNull(config.upstream().credentials().password());
    }
}
