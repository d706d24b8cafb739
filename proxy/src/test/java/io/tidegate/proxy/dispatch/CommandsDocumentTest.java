package io.tidegate.proxy.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.RepositoryRoot;
import io.tidegate.routing.command.CommandTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The page of commands says what the command table says; {@code -Dcommands.document=write} prints it anew. */
final class CommandsDocumentTest {
    @Test
    void thePageShowsTheTable() throws IOException {
        Path page = RepositoryRoot.path().resolve("proxy").resolve("COMMANDS.md");
        String text = CommandsDocument.text(CommandTable.builtin());
        if ("write".equals(System.getProperty("commands.document"))) {
            Files.writeString(page, text);
        }
        assertThat(Files.readString(page))
                .as("%s (expected: what -Dcommands.document=write makes of it)", page.getFileName())
                .isEqualTo(text);
    }

    @Test
    void everyCommandHasAReasonThatFitsARow() {
        CommandTable.builtin()
                .all()
                .forEach(spec ->
                        assertThat(spec.reason()).as(spec.name()).isNotBlank().doesNotContain("|"));
    }
}
