package io.tidegate.proxy.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.RepositoryRoot;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code deploy/grafana/tidegate.json} by Grafana's own types, as {@code src/test/node/dashboard.mjs} holds them against it.
 * Skipped where there is no node 18 or npm, or their packages cannot be had.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class DashboardIT {
    private static final Path DASHBOARD = RepositoryRoot.path().resolve("deploy/grafana/tidegate.json");

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @BeforeAll
    static void install() throws Exception {
        NodeScripts.install();
    }

    @Test
    void itIsWhatGrafanaTakes() throws Exception {
        assertThat(said(DASHBOARD)).containsExactly("done");
    }

    @ParameterizedTest
    @CsvSource({
        "'\"graphMode\": \"none\"', '\"graphMode\": \"nothing\"'",
        "'\"type\": \"timeseries\"', '\"type\": \"stat\"'",
        "'\"h\": 4', '\"h\": \"4\"'",
        "'\"legendFormat\"', '\"legend\"'",
        "'\"iconColor\"', '\"iconColour\"'"
    })
    void whatItWouldNotTakeIsTold(String right, String wrong) throws Exception {
        String text = Files.readString(DASHBOARD);
        assertThat(text).contains(right);
        assertThat(said(Files.writeString(directory.resolve("wrong.json"), text.replace(right, wrong))))
                .hasSizeGreaterThan(1)
                .last()
                .isEqualTo("done");
    }

    private static List<String> said(Path dashboard) throws IOException {
        Process process = NodeScripts.start("dashboard.mjs", dashboard.toString());
        try (BufferedReader output = process.inputReader(UTF_8)) {
            return output.lines().toList();
        }
    }
}
