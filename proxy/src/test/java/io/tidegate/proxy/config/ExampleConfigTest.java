package io.tidegate.proxy.config;

import static io.tidegate.proxy.config.Configs.REPOSITORY;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The commented example is one that works, with every setting, and the defaults it shows are the defaults. */
final class ExampleConfigTest {
    private static final Path EXAMPLE = REPOSITORY.resolve("deploy/tidegate.example.yaml");
    private static final Set<String> KEYS =
            SettingTable.ALL.stream().map(ExampleConfigTest::key).collect(toSet());
    private static final Pattern COMMENTED_OUT = Pattern.compile("(?m)^( *)# ([a-z-]+): (\\S+)$");

    @Test
    void itWorksAsItIs() throws Exception {
        ConfigLoader.Loaded example = ConfigLoader.load(EXAMPLE, Map.of());
        assertThat(example.warnings()).isEmpty();
        assertThat(example.config().listeners()).hasSize(4);
    }

    @Test
    void whatIsCommentedOutIsTheDefault() throws Exception {
        Matcher commented = COMMENTED_OUT.matcher(Files.readString(EXAMPLE));
        int[] uncommented = {0};
        String spoken = commented.replaceAll(line -> {
            if (!KEYS.contains(line.group(2))) {
                return Matcher.quoteReplacement(line.group());
            }
            uncommented[0]++;
            return Matcher.quoteReplacement(line.group(1) + line.group(2) + ": " + line.group(3));
        });
        assertThat(uncommented[0]).isGreaterThan(20);
        assertThat(ConfigLoader.parse(spoken, "spoken", Path.of(""), Map.of()).config())
                .isEqualTo(ConfigLoader.load(EXAMPLE, Map.of()).config());
    }

    @Test
    void itHasEverySetting() throws IOException {
        String text = Files.readString(EXAMPLE);
        for (Setting<?> setting : SettingTable.ALL) {
            assertThat(text).as(setting.path()).containsPattern("(?m)^[ #-]*(\\{)?" + key(setting) + ":");
        }
    }

    private static String key(Setting<?> setting) {
        return setting.path().substring(setting.path().lastIndexOf('.') + 1);
    }
}
