package io.tidegate.routing.command;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class WithServerFactsTest {

    private static final KeySpec FIRST =
            new KeySpec(List.of("RO", "access"), new KeySpec.Index(1), new KeySpec.Range(0, 1, 0));

    private static CommandFacts facts(String name, int arity, List<String> flags, KeySpec... keys) {
        return new CommandFacts(name, arity, flags, List.of(keys), List.of());
    }

    private static CommandSpec told(CommandFacts facts) {
        CommandTable table = CommandTable.builtin().withServerFacts(List.of(facts));
        return requireNonNull(table.find(facts.name()));
    }

    private static List<Integer> keys(CommandSpec spec, String command) {
        List<Integer> keys = new ArrayList<>();
        spec.keys(new TextArgs(List.of(command.split(" ", -1))), keys::add);
        return keys;
    }

    @Test
    void theServerWinsForArityFlagsAndKeys() {
        KeySpec second = new KeySpec(List.of("RO"), new KeySpec.Index(2), new KeySpec.Range(0, 1, 0));
        CommandSpec get = told(facts("GET", -2, List.of("write"), second));
        assertThat(get.name()).isEqualTo("get");
        assertThat(get.arityFits(3)).isTrue();
        assertThat(get.write()).isTrue();
        assertThat(get.replicaMayServe()).isFalse();
        assertThat(keys(get, "get a b")).containsExactly(2);
    }

    @Test
    void ourJudgementStays() {
        assertThat(told(facts("shutdown", -1, List.of("readonly"))).effect()).isEqualTo(Effect.REFUSED);
        assertThat(told(facts("blpop", -3, List.of("write", "noscript"))).effect())
                .isEqualTo(Effect.BLOCKING);
        assertThat(told(facts("role", 1, List.of("readonly", "fast"))).replicaMayServe())
                .isFalse();
        assertThat(told(facts("eval", -3, List.of("readonly"))))
                .returns(true, CommandSpec::mayReplicate)
                .returns(false, CommandSpec::replicaMayServe);
    }

    @Test
    void commandsThatOnlyTheServerKnowsAreJudgedByTheirFlags() {
        assertThat(told(facts("MY.READ", -1, List.of("readonly", "module"), FIRST)))
                .returns(Effect.FORWARD, CommandSpec::effect)
                .returns(true, CommandSpec::replicaMayServe)
                .returns(false, CommandSpec::mayReplicate)
                .returns("", CommandSpec::since);
        assertThat(told(facts("my.write", -1, List.of("write", "module"))).replicaMayServe())
                .isFalse();
        assertThat(told(facts("my.neither", -1, List.of("module"))))
                .returns(true, CommandSpec::mayReplicate)
                .returns(false, CommandSpec::replicaMayServe);
        assertThat(told(facts("my.admin", -1, List.of("admin", "readonly"))).effect())
                .isEqualTo(Effect.REFUSED);
        assertThat(told(facts("my.wait", -1, List.of("blocking", "readonly"))))
                .returns(Effect.BLOCKING, CommandSpec::effect)
                .returns(false, CommandSpec::replicaMayServe);
    }

    @Test
    void whatTheTableKnowsToWriteIsNotBelievedToReadOnly() {
        // As RediSearch 2 and 8 do, which hand it on to every primary, and RedisBloom 8.
        for (String name : List.of("ft.create", "ft.dropindex", "ft.aliasadd", "ft.dictadd", "cf.compact", "hset")) {
            assertThat(told(facts(name, -1, List.of("readonly", "module", "fast"), FIRST)))
                    .as(name)
                    .returns(true, CommandSpec::write)
                    .returns(false, CommandSpec::read)
                    .returns(false, CommandSpec::replicaMayServe)
                    .returns(List.of("module", "fast", "write"), CommandSpec::flags);
        }
    }

    @Test
    void whatServersDoNotFlagStaysJudged() {
        assertThat(told(facts("ts.read", -1, List.of("readonly", "module"), FIRST)))
                .returns(Effect.BLOCKING, CommandSpec::effect);
        assertThat(told(facts("ft._list", -1, List.of("readonly", "module", "admin"))))
                .returns(Effect.FORWARD, CommandSpec::effect)
                .returns(false, CommandSpec::replicaMayServe);
        assertThat(told(facts("timeseries.clusterset", -1, List.of("readonly", "noscript", "module"))))
                .returns(Effect.REFUSED, CommandSpec::effect);
    }

    @Test
    void whatMayConcernAConnectionIsRefusedIfNobodyKnowsIt() {
        assertThat(told(facts("hello2", -1, List.of("fast", "no_auth")))).returns(Effect.REFUSED, CommandSpec::effect);
        assertThat(told(facts("xsubscribe", -2, List.of("pubsub", "noscript"))))
                .returns(Effect.REFUSED, CommandSpec::effect);
        CommandFacts mode =
                new CommandFacts("mode|set", 3, List.of("fast"), List.of(), List.of("@fast", "@connection"), List.of());
        assertThat(told(mode)).returns(Effect.REFUSED, CommandSpec::effect);
        CommandTable nested = CommandTable.builtin()
                .withServerFacts(List.of(
                        new CommandFacts("mode", -2, List.of(), List.of(), List.of("@slow"), List.of(mode)),
                        new CommandFacts(
                                "command",
                                -1,
                                List.of(),
                                List.of(),
                                List.of(),
                                List.of(new CommandFacts(
                                        "command|new", 2, List.of(), List.of(), List.of("@connection"), List.of())))));
        assertThat(nested.find(TextArgs.of("mode", "set", "x"))).returns(Effect.REFUSED, CommandSpec::effect);
        assertThat(nested.find(TextArgs.of("command", "new"))).returns(Effect.FORWARD, CommandSpec::effect);
    }

    @Test
    void namesTooLongForThreeWordsAreFoundByName() {
        String name = "averylongmodule.averylongcommand";
        CommandTable table =
                CommandTable.builtin().withServerFacts(List.of(facts(name, 2, List.of("readonly", "module"), FIRST)));
        assertThat(table.find(name)).isNotNull();
        assertThat(table.find(TextArgs.of(name.toUpperCase(Locale.ROOT), "k"))).isSameAs(table.find(name));
        assertThat(table.find(PackedName.word(name, 0), PackedName.word(name, 1), PackedName.word(name, 2)))
                .isNull();
    }

    @Test
    void subcommandsAreAddedToThoseWeKnowAndTakeTheContainersRow() {
        CommandFacts client = new CommandFacts(
                "client",
                -2,
                List.of(),
                List.of(),
                List.of(facts("client|future", 2, List.of("loading")), facts("client|id", 3, List.of())));
        CommandTable table = CommandTable.builtin().withServerFacts(List.of(client));
        assertThat(table.find(TextArgs.of("client", "future"))).returns(Effect.REFUSED, CommandSpec::effect);
        assertThat(table.find(TextArgs.of("client", "ID")))
                .returns(Effect.LOCAL, CommandSpec::effect)
                .returns(3, CommandSpec::arity);
        assertThat(table.find(TextArgs.of("client", "setname"))).isNotNull();
        assertThat(table.all()).extracting(CommandSpec::name).contains("client|future", "client|setname");
    }

    @Test
    void serversBefore7DoNotTakeAwayWhatWeKnowOfTheKeys() {
        CommandSpec zunionstore =
                told(facts("zunionstore", -4, List.of("write", "movablekeys"), KeySpec.legacy(1, 1, 1)));
        assertThat(keys(zunionstore, "zunionstore d 2 a b")).containsExactly(1, 3, 4);
        CommandSpec eval = told(facts("eval", -3, List.of("noscript", "movablekeys")));
        assertThat(keys(eval, "eval s 1 k")).containsExactly(3);
        CommandSpec module = told(facts("my.mset", -3, List.of("write", "module"), KeySpec.legacy(1, -1, 2)));
        assertThat(keys(module, "my.mset a 1 b 2")).containsExactly(1, 3);
        CommandSpec pair = told(facts("my.pair", 3, List.of("write", "module"), KeySpec.legacy(2, 3, 0)));
        assertThat(keys(pair, "my.pair x a b")).containsExactly(2, 3);
    }

    @Test
    void theTableItIsMadeFromIsUntouched() {
        CommandTable.builtin().withServerFacts(List.of(facts("get", 9, List.of("write"))));
        assertThat(CommandTable.builtin().find("get"))
                .returns(2, CommandSpec::arity)
                .returns(true, CommandSpec::replicaMayServe);
    }
}
