package io.tidegate.routing.command;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Holds the table's files to a live Redis 7.0.15, so that they cannot drift from it. */
@Timeout(60)
class ServerFactsTest {

    private static @Nullable LiveRedis redis;
    private static List<CommandFacts> server = List.of();

    @BeforeAll
    static void start(@TempDir Path directory) throws IOException {
        redis = new LiveRedis(directory);
        server = CommandFactsFromServer.facts(redis.connection());
    }

    @AfterAll
    static void stop() throws IOException {
        requireNonNull(redis).close();
    }

    @Test
    void redis7SaysOfEachOfItsCommandsWhatTheTableSays() {
        Map<String, CommandFacts> table = new TreeMap<>();
        CommandTable.builtin()
                .all()
                .forEach(spec -> table.put(spec.name(), CommandFactsFromServer.alone(spec.facts())));

        assertThat(CommandFactsFromServer.flat(server))
                .hasSizeGreaterThan(360)
                .allSatisfy(
                        facts -> assertThat(table.get(facts.name())).isEqualTo(CommandFactsFromServer.alone(facts)));
    }

    @Test
    void theFactsOfRedis7ChangeNothing() {
        CommandTable table = CommandTable.builtin();
        CommandTable informed = table.withServerFacts(server);

        assertThat(informed.all()).hasSameSizeAs(table.all());
        for (int i = 0; i < informed.all().size(); i++) {
            CommandSpec expected = table.all().get(i);
            assertThat(informed.all().get(i))
                    .returns(expected.facts(), CommandSpec::facts)
                    .returns(expected.effect(), CommandSpec::effect)
                    .returns(expected.reason(), CommandSpec::reason)
                    .returns(expected.since(), CommandSpec::since)
                    .returns(expected.replicaMayServe(), CommandSpec::replicaMayServe)
                    .returns(expected.mayReplicate(), CommandSpec::mayReplicate);
        }
    }

    /**
     * {@code COMMAND} does not report {@code may_replicate}, but a server whose clients are paused for writing keeps
     * back what is flagged as a write or may replicate.
     */
    @Test
    void redis7KeepsBackWhatMayReplicateWhileWritesArePaused() throws IOException {
        RespConnection control = requireNonNull(redis).connection();
        List<String> keptBack = new ArrayList<>();
        List<String> mayReplicate = new ArrayList<>();
        assertThat(control.call(List.of("CLIENT", "PAUSE", "60000", "WRITE"))).isEqualTo("OK");
        for (CommandFacts facts : CommandFactsFromServer.flat(server)) {
            CommandSpec spec = requireNonNull(CommandTable.builtin().find(words(facts)));
            if (spec.effect() == Effect.FORWARD && !spec.write() && !spec.container()) {
                if (isKeptBack(words(facts).words(), control)) {
                    keptBack.add(facts.name());
                }
                if (spec.mayReplicate()) {
                    mayReplicate.add(facts.name());
                }
            }
        }
        assertThat(control.call(List.of("CLIENT", "UNPAUSE"))).isEqualTo("OK");
        assertThat(keptBack).isNotEmpty().isEqualTo(mayReplicate);
    }

    /** The command with as few arguments as it takes. */
    private static TextArgs words(CommandFacts facts) {
        List<String> words = new ArrayList<>(List.of(facts.name().split("\\|", -1)));
        while (words.size() < Math.abs(facts.arity())) {
            words.add("0");
        }
        return new TextArgs(words);
    }

    private static boolean isKeptBack(List<String> words, RespConnection control) throws IOException {
        try (RespConnection client = requireNonNull(redis).connect()) {
            String id = String.valueOf(client.call(List.of("CLIENT", "ID")));
            client.send(words);
            while (!client.hasReply()) {
                // One of the two comes about: the server has answered, or it shows the client as blocked.
                if (String.valueOf(control.call(List.of("CLIENT", "LIST", "ID", id)))
                        .contains(" flags=b ")) {
                    return true;
                }
            }
            return false;
        }
    }
}
