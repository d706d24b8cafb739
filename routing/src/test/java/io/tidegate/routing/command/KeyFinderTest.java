package io.tidegate.routing.command;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares the keys that the table finds with those that a live Redis 7.0.15 finds ({@code COMMAND GETKEYS}). */
class KeyFinderTest {

    private static final CommandTable TABLE = CommandTable.builtin();
    private static final int FUZZED_COMMANDS = 20_000;

    private static @Nullable LiveRedis redis;

    @BeforeAll
    static void start(@TempDir Path directory) throws IOException {
        redis = new LiveRedis(directory);
    }

    @AfterAll
    static void stop() throws IOException {
        requireNonNull(redis).close();
    }

    /** The keys of a command, as words. */
    private static List<String> keys(List<String> words) {
        TextArgs args = new TextArgs(words);
        List<String> keys = new ArrayList<>();
        CommandSpec spec = requireNonNull(TABLE.find(args), () -> "unknown: " + words);
        int found = spec.keys(args, arg -> keys.add(words.get(arg)));
        assertThat(keys).as("%s", words).hasSize(found);
        return keys;
    }

    /** The same in the server's opinion; null if it finds the command malformed. */
    private static @Nullable List<String> serverKeys(List<String> words) throws IOException {
        List<String> call = new ArrayList<>(List.of("COMMAND", "GETKEYS"));
        call.addAll(words);
        Object reply = requireNonNull(redis).connection().call(call);
        if (reply instanceof RespConnection.Failure failure) {
            return failure.text().contains("no key arguments") ? List.of() : null;
        }
        return RespConnection.list(reply).stream().map(String.class::cast).toList();
    }

    /** Every command of the table that Redis 7.0.15 has and that has keys, with as few arguments as it takes. */
    @Test
    void findsWhatTheServerFindsInEveryCommandWithKeys() throws IOException {
        List<String> compared = new ArrayList<>();
        for (CommandFacts facts : CommandFactsFromServer.flat(
                CommandFactsFromServer.facts(requireNonNull(redis).connection()))) {
            if (!facts.keySpecs().isEmpty()) {
                List<String> words = example(facts);
                assertThat(keys(words)).as("%s", words).isEqualTo(serverKeys(words));
                compared.add(facts.name());
            }
        }
        assertThat(compared).hasSizeGreaterThan(150);
    }

    /** All different words, but where a spec wants a count of keys (one) or a keyword. */
    private static List<String> example(CommandFacts facts) {
        List<String> words = new ArrayList<>(List.of(facts.name().split("\\|", -1)));
        int length = Math.max(Math.abs(facts.arity()), words.size());
        while (words.size() < length) {
            words.add("w" + words.size());
        }
        for (KeySpec spec : facts.keySpecs()) {
            if (spec.begin() instanceof KeySpec.Index index) {
                pad(words, index.pos());
            }
            if (spec.find() instanceof KeySpec.KeyNum keyNum && spec.begin() instanceof KeySpec.Index index) {
                set(words, index.pos() + keyNum.keyNumIndex(), "1");
                pad(words, index.pos() + keyNum.firstKey());
            }
            if (spec.begin() instanceof KeySpec.Keyword keyword && keyword.startFrom() > 0) {
                set(words, Math.max(keyword.startFrom(), words.size()), keyword.keyword());
                pad(words, words.size() + 1);
            }
        }
        return words;
    }

    private static void set(List<String> words, int at, String word) {
        pad(words, at);
        words.set(at, word);
    }

    private static void pad(List<String> words, int last) {
        while (words.size() <= last) {
            words.add("w" + words.size());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bitop and dest a b c",
                "blmpop 0 2 a b left count 2",
                "blpop a b c 0",
                "bzmpop 0 2 a b min",
                "copy a b db 1 replace",
                "eval s 0 x y",
                "eval s 2 a b x y",
                "evalsha_ro s 1 a b",
                "fcall f 3 a b c d",
                "georadius k 1 2 3 m store d",
                "GEORADIUS k 1 2 3 m withdist STOREDIST d",
                "georadius k 1 2 3 m count 1 asc",
                "georadiusbymember k m 3 km asc store d",
                "geosearchstore d s frommember m byradius 1 m",
                "lcs a b idx",
                "lmpop 2 a b left",
                "memory usage k samples 5",
                "mget a b c",
                "migrate h 1 k 0 5",
                "migrate h 1  0 5 keys a b",
                "migrate h 1  0 5 copy replace auth keys keys a b",
                "migrate h 1  0 5 auth2 keys keys KEYS a b",
                "mset a 1 b 2 c 3",
                "msetnx a 1 b 2",
                "object help",
                "pfdebug getreg k",
                "pfmerge d a b",
                "sintercard 2 a b limit 1",
                "sort k",
                "sort k by nosort get # limit 0 5 store d",
                "sort k STORE d1 store d2",
                "sort k get store by store alpha store d",
                "sort_ro k by w_* get #",
                "spublish c m",
                "ssubscribe c d",
                "subscribe c",
                "xadd s nomkstream maxlen 5 * f v",
                "xgroup create s g $ mkstream",
                "xinfo stream s full",
                "xread streams a b 0 0",
                "xread count 5 block 0 streams a 0",
                "xreadgroup group streams c count 1 streams a b > >",
                "xreadgroup group g streams block 1 noack streams a >",
                "zdiffstore d 2 a b",
                "zinter 2 a b weights 1 2",
                "zmpop 1 a max",
                "zrangestore d s 0 1",
                "zunionstore d 3 a b c aggregate max",
            })
    void findsWhatTheServerFinds(String command) throws IOException {
        List<String> words = List.of(command.split(" ", -1));
        assertThat(keys(words)).isEqualTo(serverKeys(words));
    }

    /** Commands that 7.0.15 does not know; expected by their documentation. */
    @ParameterizedTest
    @CsvSource({
        "msetex 2 a 1 b 2 ex 5, a b",
        "json.mget a b $, a b",
        "json.mset a $ 1 b $ 2, a b",
        "json.debug memory k $, k",
        "ts.madd a 1 2 b 3 4, a b",
        "ts.createrule a b aggregation avg 5, a b",
        "cms.merge d 2 a b weights 1 2, d a b",
        "vsim k ele e, k",
        "hgetex k ex 5 fields 1 f, k",
        "delifeq k v, k",
        "ft.search i q, ''",
    })
    void findsTheKeysOfLaterCommands(String command, String keys) {
        assertThat(String.join(" ", keys(List.of(command.split(" ", -1))))).isEqualTo(keys);
    }

    /**
     * Whatever a client sends, nothing is taken for a key that the server does not take for one. Redis has a second way
     * to look at XREAD and MIGRATE that finds keys even in some that are malformed; elsewhere we find as many.
     */
    @Test
    void agreesWithTheServerOnRandomArguments() throws IOException {
        long seed = 20_261_121L;
        Random random = new Random(seed);
        List<CommandSpec> specs = TABLE.all();
        String[] pool = {
            "",
            "0",
            "1",
            "2",
            "3",
            "-1",
            "keys",
            "STORE",
            "store",
            "Streams",
            "block",
            "count",
            "group",
            "by",
            "get",
            "limit",
            "auth",
            "auth2",
            "storedist",
            "a",
            "b",
            "c"
        };
        int understood = 0;
        for (int i = 0; i < FUZZED_COMMANDS; i++) {
            CommandSpec spec = specs.get(random.nextInt(specs.size()));
            List<String> words = new ArrayList<>(List.of(spec.name().split("\\|", -1)));
            for (int more = random.nextInt(10); more > 0; more--) {
                words.add(pool[random.nextInt(pool.length)]);
            }
            List<String> ours = keys(words);
            List<String> theirs = serverKeys(words);
            if (theirs != null) {
                understood++;
                assertThat(theirs).as("seed %d: %s", seed, words).containsAll(ours);
                if (!spec.name().matches("xread(group)?|migrate")) {
                    assertThat(ours).as("seed %d: %s", seed, words).isEqualTo(theirs);
                }
            }
        }
        assertThat(understood).isGreaterThan(FUZZED_COMMANDS / 10);
    }

    /** A server's facts may be anything, and so may a client's arguments. */
    @Test
    void staysWithinTheCommandWhateverTheSpecs() {
        long seed = 42L;
        Random random = new Random(seed);
        String[] pool = {"", "0", "1", "01", "+1", "-1", "3", "999999999", "99999999999999999999", "K", "k"};
        for (int i = 0; i < FUZZED_COMMANDS; i++) {
            KeySpec spec = new KeySpec(List.of("RW"), randomBegin(random), randomFind(random));
            List<String> words = new ArrayList<>();
            for (int more = random.nextInt(8); more >= 0; more--) {
                words.add(pool[random.nextInt(pool.length)]);
            }
            KeyFinder.of("anything", List.of(spec, spec))
                    .keys(
                            new TextArgs(words),
                            arg -> assertThat(arg)
                                    .as("seed %d: %s of %s", seed, spec, words)
                                    .isBetween(1, words.size() - 1));
        }
    }

    private static KeySpec.Begin randomBegin(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> new KeySpec.Index(randomInt(random));
            case 1 -> new KeySpec.Keyword("K", randomInt(random));
            default -> KeySpec.Unknown.UNKNOWN;
        };
    }

    private static KeySpec.Find randomFind(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> new KeySpec.Range(randomInt(random), randomInt(random), randomInt(random));
            case 1 -> new KeySpec.KeyNum(randomInt(random), randomInt(random), randomInt(random));
            default -> KeySpec.Unknown.UNKNOWN;
        };
    }

    private static int randomInt(Random random) {
        return random.nextInt(20) == 0 ? random.nextInt() : random.nextInt(9) - 3;
    }
}
