package io.tidegate.proxy.config;

import static io.tidegate.proxy.config.Configs.LISTENERS;
import static io.tidegate.proxy.config.Configs.STATIC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.proxy.config.ConfigLoader.Loaded;
import io.tidegate.proxy.config.ReloadPlan.Change;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a reload finds changed, and what is in use after it. */
final class ReloadPlanTest {
    static Stream<SettingPairsTest.Pairs> pairs() {
        return SettingPairsTest.pairs();
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void everySettingIsTakenOverOrWaits(SettingPairsTest.Pairs pairs) throws ConfigException {
        assertThat(pairs.good()).as("two values to tell apart").hasSizeGreaterThan(1);
        Loaded running = load(pairs.rest().formatted(pairs.good().get(0)));
        Loaded asked = load(pairs.rest().formatted(pairs.good().get(1)));
        ReloadPlan plan = ReloadPlan.of(running, asked);
        Setting<?> setting = pairs.setting();
        if (setting == ListenerTable.ADDRESS) {
            assertThat(plan.changes()).extracting(Change::to).containsExactly("opened", "closed");
        } else {
            String path = setting.path().replace("[]", "[127.0.0.1:1]");
            assertThat(plan.changes()).extracting(Change::path).containsExactly(path);
        }
        boolean waits = setting.applies() == Applies.RESTART;
        assertThat(plan.changes()).extracting(Change::applies).containsOnly(setting.applies());
        assertThat(plan.changesNow()).isNotEqualTo(waits);
        assertThat(plan.next().config()).isEqualTo((waits ? running : asked).config());
        assertThat(ReloadPlan.of(plan.next(), asked).changes())
                .as("told again, and only then, if it waits")
                .isEqualTo(waits ? plan.changes() : List.of());
        assertThat(ReloadPlan.of(running, running).changes()).isEmpty();
    }

    @Test
    void everySettingOfAListenerIsOfOneKind() {
        boolean waits = ListenerTable.ADDRESS.applies() == Applies.RESTART;
        assertThat(SettingTable.ALL.stream().filter(Setting::ofListener))
                .as("listeners are taken over as wholes")
                .allMatch(setting -> (setting.applies() == Applies.RESTART) == waits);
    }

    @Test
    void whatIsOnlyWrittenOtherwiseIsNoChange() throws ConfigException {
        assertThat(changes(
                        "listeners: [{address: '127.0.0.1:1'}, {address: '127.0.0.1:2', consistency: eventual}]\n"
                                + STATIC + "hold: {time-max: 15s}\n",
                        "listeners: [{address: '127.0.0.1:2', consistency: eventual}, {address: '127.0.0.1:1'}]\n"
                                + STATIC + "park: {bytes-max: 262144KiB}\nhold: {time-max: 15000ms}\n"))
                .isEmpty();
    }

    @Test
    void changesAreToldInWords() throws ConfigException {
        assertThat(changes(
                        LISTENERS + STATIC + "commands: {allow: [debug]}\nevent-loops: 2\n",
                        LISTENERS + STATIC
                                + "commands: {allow: [debug, 'proxy|reload']}\nhold: {time-max: 1m}\n"
                                + "clients: {bulk-max: 1MiB}\n"))
                .containsExactly(
                        "clients.bulk-max: 512MiB -> 1MiB (for new connections)",
                        "hold.time-max: 15s -> 1m (at once)",
                        "commands.allow: [debug] -> [debug, proxy|reload] (at once)",
                        "event-loops: 2 -> 0 (needs a restart, and stays as it is until then)");
    }

    /** As {@code /config} shows it: what is in force, where that stands now, and what a restart would bring. */
    @Test
    void whatIsInForceIsToldWithItsPlaceAndWhatWaits() throws ConfigException {
        Loaded running = load(LISTENERS + STATIC + "zone: here\nevent-loops: 2\nhold: {time-max: 1m}\n");
        Loaded asked = load("\n\n\n" + LISTENERS + STATIC + "zone: here\nhold: {time-max: 2m}\n"
                + "sentinel-port: {address: '127.0.0.1:7'}\nreuse-port: true\n");
        int line = asked.origins().stream()
                .filter(origin -> origin.path().equals("zone"))
                .map(origin ->
                        Integer.parseInt(origin.from().substring(origin.from().indexOf(':') + 1)))
                .findFirst()
                .orElseThrow();
        Loaded next = ReloadPlan.of(running, asked).next();
        assertThat(next.origins())
                .contains(
                        new Origin("zone", "here", "t.yaml:" + line, null),
                        new Origin("hold.time-max", "2m", "t.yaml:" + (line + 1), null),
                        new Origin("event-loops", "2", "t.yaml:" + (line - 2), "0"),
                        new Origin("reuse-port", "false", Origin.DEFAULT, "true"),
                        new Origin("sentinel-port.address", "none", Origin.DEFAULT, "127.0.0.1:7"));
        assertThat(ReloadPlan.of(next, running).next().origins())
                .as("nothing waits any more")
                .allMatch(origin -> origin.waiting() == null);
    }

    @Test
    void aListenerIsKnownByItsAddress() throws ConfigException {
        assertThat(changes(
                        "listeners: [{address: '127.0.0.1:1'}, {address: '127.0.0.1:2'}]\n" + STATIC,
                        "listeners: [{address: '127.0.0.1:3'}, {address: '127.0.0.1:2', consistency: strong}]\n"
                                + STATIC))
                .extracting(line -> line.replaceAll(" \\(.*", ""))
                .containsExactly(
                        "listeners[127.0.0.1:3]: none -> opened",
                        "listeners[127.0.0.1:2].consistency: session -> strong",
                        "listeners[127.0.0.1:1]: open -> closed");
    }

    /** Each half of it is well: what is in use, and what was asked for. Together they would let everybody in. */
    @Test
    void whatDoesNotGoTogetherWithWhatWaitsIsRefused() throws ConfigException {
        Loaded running = load(LISTENERS + STATIC);
        Loaded asked = load("listeners: [{address: '0.0.0.0:6390'}]\nclients: {auth: passthrough}\n" + STATIC);
        assertThatThrownBy(() -> ReloadPlan.of(running, asked))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        refused -> assertThat(refused.mistakes())
                                .satisfiesExactly(
                                        first -> assertThat(first).contains("without a restart does not go together"),
                                        second -> assertThat(second)
                                                .startsWith(
                                                        "t.yaml:1: listeners[0].address: '0.0.0.0:6390' can be reached")));
    }

    @Test
    void noSecretIsShown(@TempDir Path directory) throws ConfigException, IOException {
        Path file = Files.writeString(directory.resolve("password"), "old-secret");
        String yaml = LISTENERS + "upstream: {static: {nodes: ['a:1']}, password: {file: " + file + "}}\n";
        Loaded running = load(yaml);
        Files.writeString(file, "new-secret");
        assertThat(ReloadPlan.of(running, load(yaml)).changes())
                .extracting(Change::toString)
                .singleElement()
                .asString()
                .startsWith("upstream.password: *** -> *** (");
        assertThat(ReloadPlan.of(running, load(LISTENERS + STATIC.replace("127.0.0.1:6379", "a:1")))
                        .changes())
                .extracting(Change::toString)
                .singleElement()
                .asString()
                .startsWith("upstream.password: *** -> none (");
    }

    private static List<String> changes(String before, String after) throws ConfigException {
        return ReloadPlan.of(load(before), load(after)).changes().stream()
                .map(Change::toString)
                .toList();
    }

    private static Loaded load(String yaml) throws ConfigException {
        return ConfigLoader.parse(yaml, "t.yaml", Path.of(""), Map.of("SET", "secret"));
    }
}
