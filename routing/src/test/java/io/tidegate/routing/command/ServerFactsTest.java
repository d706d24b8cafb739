package io.tidegate.routing.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds {@code commands.facts} to what a live Redis 7.0.15 says, so that the file cannot drift from it. */
class ServerFactsTest {

    @Test
    void redis7SaysOfEachOfItsCommandsWhatTheTableSays(@TempDir Path directory) throws IOException {
        List<CommandFacts> server;
        try (LiveRedis redis = new LiveRedis(directory)) {
            server = CommandFactsFromServer.flat(CommandFactsFromServer.facts(redis.connection()));
        }
        Map<String, CommandFacts> table = new TreeMap<>();
        CommandTable.builtin().all().forEach(spec -> table.put(spec.name(), alone(spec.facts())));

        assertThat(server).hasSizeGreaterThan(360);
        assertThat(server)
                .allSatisfy(facts -> assertThat(table.get(facts.name())).isEqualTo(alone(facts)));
    }

    /** Without its subcommands, of which later servers have more. */
    private static CommandFacts alone(CommandFacts facts) {
        return new CommandFacts(facts.name(), facts.arity(), facts.flags(), facts.keySpecs(), List.of());
    }
}
