package io.tidegate.routing.command;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandTableTest {

    private static final CommandTable TABLE = CommandTable.builtin();

    private static @Nullable CommandSpec find(CommandTable table, String name) {
        return table.find(PackedName.word(name, 0), PackedName.word(name, 1), PackedName.word(name, 2));
    }

    private static CommandSpec spec(String... words) {
        return requireNonNull(TABLE.find(TextArgs.of(words)), () -> String.join(" ", words));
    }

    @Test
    void everyCommandIsFoundByItsWords() {
        for (CommandSpec spec : TABLE.all()) {
            if (spec.name().contains("|")) {
                String own = spec.ownName();
                CommandSpec container = requireNonNull(TABLE.find(spec.name().replaceFirst("\\|.*", "")));
                assertThat(container.subcommand(
                                PackedName.word(own, 0), PackedName.word(own, 1), PackedName.word(own, 2)))
                        .isSameAs(spec);
                assertThat(container.container()).isTrue();
                assertThat(TABLE.find(TextArgs.of(container.name().toUpperCase(Locale.ROOT), own)))
                        .isSameAs(spec);
            } else {
                if (spec.name().length() <= PackedName.BYTES_MAX) {
                    assertThat(find(TABLE, spec.name())).isSameAs(spec);
                }
                assertThat(TABLE.find(spec.name())).isSameAs(spec);
                assertThat(TABLE.find(TextArgs.of(spec.name()))).isSameAs(spec);
            }
        }
    }

    @Test
    void unknownNamesAreNotFound() {
        assertThat(find(TABLE, "")).isNull();
        assertThat(find(TABLE, "gett")).isNull();
        assertThat(find(TABLE, "client|id")).isNull();
        assertThat(TABLE.find("client|id")).isNull();
        assertThat(TABLE.find(TextArgs.of("get\0", "k"))).isNull();
        assertThat(TABLE.find(TextArgs.of("cluster|count-failure-reports"))).isNull();
        assertThat(TABLE.find(TextArgs.of("client", "nonesuch")))
                .isNotNull()
                .returns("client", CommandSpec::name)
                .returns(Effect.REFUSED, CommandSpec::effect);
    }

    @Test
    void packsTheFirstByteLowest() {
        assertThat(PackedName.word("get", 0)).isEqualTo(0x746567L);
        assertThat(PackedName.word("GET", 0)).isEqualTo(0x746567L);
        assertThat(PackedName.word("get", 1)).isZero();
        assertThat(PackedName.word("georadiusbymember_ro", 1)).isEqualTo(0x65626d656d796273L);
        assertThat(PackedName.word(TextArgs.of("GeoRadiusByMember_RO"), 0, 2)).isEqualTo(0x6f725f72L);
    }

    @Test
    void noReplicaServesWhatMayWrite() {
        assertThat(TABLE.all())
                .filteredOn(spec -> spec.write() || spec.mayReplicate())
                .hasSizeGreaterThan(120)
                .noneMatch(CommandSpec::replicaMayServe);
        assertThat(TABLE.all()).filteredOn(CommandSpec::replicaMayServe).allMatch(CommandSpec::read);
    }

    @Test
    void everyAdministrativeBlockingOrUnflaggedStatefulCommandOfTheFilesHasARow() {
        Map<String, Policy> policies = TableFiles.load().policies();
        assertThat(TABLE.all())
                .filteredOn(spec -> spec.flags().contains("admin")
                        || spec.flags().contains("blocking")
                        || spec.flags().contains("no_auth"))
                .extracting(CommandSpec::name)
                .isNotEmpty()
                .allMatch(policies::containsKey);
    }

    @Test
    void everyRowJudgesACommandOfTheFacts() {
        assertThat(TABLE.all().stream().map(CommandSpec::name).toList())
                .containsAll(TableFiles.load().policies().keySet());
    }

    @Test
    void everyCommandSaysWhy() {
        assertThat(TABLE.all()).extracting(CommandSpec::reason).noneMatch(String::isBlank);
        assertThat(TABLE.all()).extracting(CommandSpec::since).noneMatch(String::isBlank);
    }

    @ParameterizedTest
    @CsvSource({
        "get k, FORWARD, true",
        "set k v, FORWARD, false",
        "sort k, FORWARD, false",
        "sort_ro k, FORWARD, true",
        "eval_ro s 0, FORWARD, false",
        "fcall_ro f 0, FORWARD, true",
        "scan 0, FORWARD, true",
        "zscan k 0, FORWARD, true",
        "keys *, FORWARD, true",
        "pfcount k, FORWARD, false",
        "touch k, FORWARD, false",
        "time, FORWARD, false",
        "ping, LOCAL, false",
        "proxy info, LOCAL, false",
        "client id, LOCAL, false",
        "client help, FORWARD, false",
        "client tracking on, STREAM, false",
        "subscribe c, STREAM, false",
        "blpop k 0, BLOCKING, false",
        "xread streams s 0, BLOCKING, true",
        "xreadgroup group g c streams s >, BLOCKING, false",
        "script kill, BLOCKING, false",
        "multi, TRANSACTION, false",
        "shutdown, REFUSED, false",
        "config set a b, REFUSED, false",
        "config get a, FORWARD, false",
        "ts.read k -, BLOCKING, true",
        "ts.nrange 1 k - +, FORWARD, true",
        "ft._list, FORWARD, false",
        "ft.get i d, FORWARD, false",
        "topk.list k, FORWARD, false",
        "tdigest.quantile k 0.5, FORWARD, true",
        "tdigest.info k, FORWARD, false",
        "himport prepare s f, REFUSED, false",
        "himport set k s v, REFUSED, false",
        "himport future, REFUSED, false",
        "trimslots ranges 1 0 0, REFUSED, false",
        "search.clusterset, REFUSED, false",
    })
    void judges(String command, Effect effect, boolean replicaMayServe) {
        assertThat(spec(command.split(" ", -1)))
                .returns(effect, CommandSpec::effect)
                .returns(replicaMayServe, CommandSpec::replicaMayServe);
    }

    @ParameterizedTest
    @CsvSource({
        "get k, false",
        "blpop k 0, true",
        "wait 1 0, true",
        "xread streams s 0, false",
        "XREAD BLOCK 0 STREAMS s 0, true",
        "xread count 2 block 0 streams s 0, true",
        "xread streams block 0, false",
        "xreadgroup group block c streams s >, false",
        "xreadgroup group g block streams s >, false",
        "xreadgroup group g c noack block 5 streams s >, true",
        "xread, false",
        "xread count, false",
        "xreadgroup group g c claim 5 block 5 streams s >, true",
        "ts.read k 0, false",
        "TS.READ k 0 BLOCK 0 1, true",
        "ts.read k 0 max_count 5 block 9 1, true",
        "ts.read block block max_count 5, false",
        "blmovem a b left right 0 count 2, true",
    })
    void blocksOnlyIfAsked(String command, boolean blocks) {
        TextArgs args = TextArgs.of(command.split(" ", -1));
        assertThat(spec(command.split(" ", -1)).blocksNow(args)).isEqualTo(blocks);
    }

    @Test
    void lookingUpAndFindingKeysAllocatesNothing() {
        CommandArgs args = TextArgs.of("ZUNIONSTORE", "d", "2", "a", "b");
        int[] keys = new int[1];
        KeySink sink = arg -> keys[0] += arg;
        lookUp(args, sink, 1_000);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        lookUp(args, sink, 10_000);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(keys[0]).isEqualTo(11_000 * (1 + 3 + 4));
        // A byte per turn would already be more; the measurement itself may cost a few.
        assertThat(allocated).isLessThan(10_000);
    }

    private static void lookUp(CommandArgs args, KeySink sink, int turns) {
        for (int i = 0; i < turns; i++) {
            requireNonNull(TABLE.find(args)).keys(args, sink);
        }
    }

    @Test
    void knowsHowManyArgumentsFit() {
        assertThat(spec("get").arityFits(2)).isTrue();
        assertThat(spec("get").arityFits(3)).isFalse();
        assertThat(spec("set").arityFits(2)).isFalse();
        assertThat(spec("set").arityFits(9)).isTrue();
        assertThat(spec("client", "setname").arityFits(3)).isTrue();
    }

    @Test
    void listsEveryCommandOnceSorted() {
        List<String> names = TABLE.all().stream().map(CommandSpec::name).toList();
        assertThat(names).doesNotHaveDuplicates().contains("client|id", "get", "vadd");
        assertThat(TABLE.all().stream()
                        .filter(spec -> !spec.name().contains("|"))
                        .map(CommandSpec::name)
                        .collect(Collectors.toList()))
                .isSorted();
    }

    @Test
    void scriptsAreThoseThatRunWhatAClientWrote() {
        assertThat(TABLE.all().stream().filter(CommandSpec::script).map(CommandSpec::name))
                .containsExactlyInAnyOrder("eval", "eval_ro", "evalsha", "evalsha_ro", "fcall", "fcall_ro");
    }
}
