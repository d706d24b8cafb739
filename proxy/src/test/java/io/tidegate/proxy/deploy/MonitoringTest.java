package io.tidegate.proxy.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.tidegate.proxy.RepositoryRoot;
import io.tidegate.proxy.metrics.BackendMeter;
import io.tidegate.proxy.metrics.Meter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What {@code deploy} watches is there to be watched, and its alerts go off when they should and not before. */
final class MonitoringTest {
    private static final Path DEPLOY = RepositoryRoot.path().resolve("deploy");
    private static final Path PROMETHEUS = DEPLOY.resolve("prometheus");
    private static final Pattern NAME = Pattern.compile("\\b(tidegate|redis)(_[a-z]+)+\\b");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    /** Named in deploy and no meter. */
    private static final Set<String> OTHERS = Set.of("redis_exporter", "tidegate_redis");

    @Test
    void everyMeterThatIsNamedExists() throws IOException {
        Set<String> meters = new HashSet<>(OTHERS);
        for (Meter meter : Meter.values()) {
            meters.add(meter.prometheusName());
            if (meter.kind() == Meter.Kind.HISTOGRAM) {
                Stream.of("_bucket", "_count", "_sum").forEach(part -> meters.add(meter.prometheusName() + part));
            }
        }
        Arrays.stream(BackendMeter.values()).forEach(meter -> meters.add(meter.prometheusName()));
        Set<String> named = new TreeSet<>();
        try (Stream<Path> files = Files.walk(DEPLOY)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Matcher names = NAME.matcher(Files.readString(file));
                while (names.find()) {
                    named.add(names.group());
                }
            }
        }
        assertThat(named).hasSizeGreaterThan(40);
        assertThat(meters).containsAll(named);
    }

    @Test
    void everyAlertIsTestedAndItsRunbookIsThere() throws IOException {
        Set<String> tested = new HashSet<>();
        for (JsonNode test : yaml("alerts.test.yaml").get("tests")) {
            test.get("alert_rule_test").forEach(each -> {
                if (!each.get("exp_alerts").isEmpty()) {
                    tested.add(each.get("alertname").asText());
                }
            });
        }
        Set<String> alerts = new TreeSet<>();
        String runbook = Files.readString(DEPLOY.resolve("RUNBOOK.md"));
        for (JsonNode group : yaml("alerts.yaml").get("groups")) {
            for (JsonNode rule : group.get("rules")) {
                alerts.add(rule.get("alert").asText());
                JsonNode link = rule.at("/annotations/runbook");
                if (!link.isMissingNode()) {
                    String heading =
                            link.asText().replace("deploy/RUNBOOK.md#", "").replace('-', ' ');
                    assertThat(runbook).containsPattern("(?mi)^## " + Pattern.quote(heading) + "$");
                }
            }
        }
        assertThat(tested).as("alerts that go off in alerts.test.yaml").isEqualTo(alerts);
    }

    @Test
    void alertsGoOffWhenTheyShould() throws IOException, InterruptedException {
        promtool("check", "rules", "alerts.yaml");
        promtool("test", "rules", "alerts.test.yaml");
        promtool("check", "config", "--syntax-only", "../compose/prometheus.yaml");
    }

    @Test
    void theDashboardHasPanelsOfQueries() throws IOException {
        JsonNode dashboard = new ObjectMapper()
                .readTree(DEPLOY.resolve("grafana/tidegate.json").toFile());
        Set<Integer> ids = new HashSet<>();
        int queries = 0;
        for (JsonNode panel : dashboard.get("panels")) {
            assertThat(ids.add(panel.get("id").asInt())).as(panel.toString()).isTrue();
            assertThat(panel.get("title").asText()).isNotBlank();
            for (JsonNode target : panel.path("targets")) {
                assertThat(target.get("expr").asText()).isNotBlank();
                queries++;
            }
        }
        assertThat(queries).isGreaterThan(20);
    }

    private static JsonNode yaml(String file) throws IOException {
        return YAML.readTree(PROMETHEUS.resolve(file).toFile());
    }

    private static void promtool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        Process promtool;
        try {
            promtool = new ProcessBuilder(command)
                    .directory(PROMETHEUS.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "promtool is not installed: " + e.getMessage());
            throw e;
        }
        String said = new String(promtool.getInputStream().readAllBytes(), UTF_8);
        assertThat(promtool.waitFor()).as(said).isZero();
    }
}
