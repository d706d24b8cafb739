package io.tidegate.proxy.config;

import static io.tidegate.proxy.config.Configs.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The settings that proxy/SETTINGS.md documents are those that the reader knows. */
final class SettingsTableTest {
    private static final String BEGIN = "<!-- settings -->\n";
    private static final String END = "<!-- /settings -->";

    @Test
    void thePageShowsTheTableOfSettings() throws IOException {
        String page = Files.readString(REPOSITORY.resolve("proxy/SETTINGS.md"));
        assertThat(page).contains(BEGIN, END);
        String shown = page.substring(page.indexOf(BEGIN) + BEGIN.length(), page.indexOf(END));
        assertThat(shown)
                .as("what SETTINGS.md has between %s and %s (expected: the text below)", BEGIN.strip(), END)
                .isEqualTo(table());
    }

    @Test
    void everySettingHasItsOwnPathAndVariable() {
        Set<String> paths = new HashSet<>();
        Set<String> variables = new HashSet<>();
        for (Setting<?> setting : SettingTable.ALL) {
            assertThat(paths.add(setting.path())).as(setting.path()).isTrue();
            assertThat(variables.add(setting.variable(0)))
                    .as(setting.variable(0))
                    .isTrue();
            assertThat(setting.path()).matches("[a-z]+(-[a-z]+)*(\\[])?(\\.[a-z]+(-[a-z]+)*)*");
            assertThat(setting.meaning()).as(setting.path()).matches("[A-Z].*\\.");
        }
    }

    private static String table() {
        StringBuilder table = new StringBuilder(
                "| setting | allowed | default | reload | meaning |\n| --- | --- | --- | --- | --- |\n");
        for (Setting<?> setting : SettingTable.ALL) {
            table.append("| `")
                    .append(setting.path())
                    .append("` | ")
                    .append(cell(setting.kind().allowed()))
                    .append(" | ")
                    .append(setting.shownStandard())
                    .append(" | ")
                    .append(setting.applies().words())
                    .append(" | ")
                    .append(cell(setting.meaning()))
                    .append(" |\n");
        }
        return table.toString();
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace("<", "&lt;");
    }
}
