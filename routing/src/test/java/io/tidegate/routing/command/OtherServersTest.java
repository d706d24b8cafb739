package io.tidegate.routing.command;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What later servers were seen to say of their commands otherwise than {@code commands.facts}, which has the rest of what
 * they say: a file for each in {@code servers}, printed by {@link CommandFactsFromServer}.
 */
class OtherServersTest {
    private static final String REDIS = "redis-8.6.3";
    private static final String VALKEY = "valkey-9.1.2";

    private static Map<String, CommandFacts> otherwise(String server) {
        return TableFiles.flat("servers/" + server + ".facts", new HashMap<>());
    }

    /** As {@code COMMAND} has them: a container may have nothing to say, but for its subcommands. */
    private static List<CommandFacts> reply(Map<String, CommandFacts> flat) {
        Map<String, List<CommandFacts>> within = new TreeMap<>();
        for (CommandFacts each : flat.values()) {
            List<CommandFacts> sub =
                    within.computeIfAbsent(each.name().replaceFirst("\\|.*", ""), container -> new ArrayList<>());
            if (each.name().contains("|")) {
                sub.add(each);
            }
        }
        List<CommandFacts> reply = new ArrayList<>();
        within.forEach((name, subcommands) -> {
            CommandFacts own = flat.get(name);
            CommandFacts known = own != null
                    ? own
                    : requireNonNull(CommandTable.builtin().find(name), name).facts();
            reply.add(new CommandFacts(name, known.arity(), known.flags(), known.keySpecs(), subcommands));
        });
        return reply;
    }

    @ParameterizedTest
    @ValueSource(strings = {"redis-8.0.2", "redis-8.0.6", REDIS, "valkey-8.0.1", "valkey-8.1.1", VALKEY})
    void judgesTheirCommandsAsItsOwn(String server) {
        CommandTable table = CommandTable.builtin();
        CommandTable informed = table.withServerFacts(reply(otherwise(server)));

        assertThat(informed.all())
                .extracting(CommandSpec::name)
                .isEqualTo(table.all().stream().map(CommandSpec::name).toList());
        for (int i = 0; i < informed.all().size(); i++) {
            CommandSpec expected = table.all().get(i);
            assertThat(informed.all().get(i))
                    .as(expected.name())
                    .returns(expected.effect(), CommandSpec::effect)
                    .returns(expected.reason(), CommandSpec::reason)
                    .returns(expected.read(), CommandSpec::read)
                    .returns(expected.write(), CommandSpec::write)
                    .returns(expected.script(), CommandSpec::script)
                    .returns(expected.replicaMayServe(), CommandSpec::replicaMayServe)
                    .returns(expected.mayReplicate(), CommandSpec::mayReplicate)
                    .returns(expected.blockingTimeout(), CommandSpec::blockingTimeout);
        }
    }

    @Test
    void theLatestSayOfWhatTheyBroughtWhatTheTableSays() {
        Map<String, String> since = TableFiles.load().since();
        assertThat(otherwise(REDIS).keySet()).isNotEmpty().allMatch(name -> before72(since.getOrDefault(name, "9")));
        assertThat(otherwise(VALKEY).keySet())
                .isNotEmpty()
                .noneMatch(name -> since.getOrDefault(name, "valkey").startsWith("valkey"));
    }

    private static boolean before72(String version) {
        return version.matches("[1-6]\\..*|7\\.0\\..*");
    }
}
