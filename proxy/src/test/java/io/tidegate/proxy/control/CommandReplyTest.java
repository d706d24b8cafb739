package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.routing.command.CommandFacts;
import io.tidegate.routing.command.KeySpec;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Entries as servers send them, maps flattened; what a whole server says is read in {@code ControlPlaneIT}. */
class CommandReplyTest {
    private static final List<?> RANGE = List.of("type", "range", "spec", range());

    @Test
    void readsKeySpecsAndSubcommands() {
        Object get = List.of(
                "get",
                2L,
                List.of("readonly", "fast"),
                1L,
                1L,
                1L,
                List.of("@read"),
                List.of(),
                List.of(spec(List.of("type", "index", "spec", List.of("index", 1L)), RANGE)),
                List.of());
        Object client = List.of(
                "CLIENT",
                -2L,
                List.of("sentinel"),
                0L,
                0L,
                0L,
                List.of("@slow"),
                List.of(),
                List.of(),
                List.of(List.of(
                        "client|id", 2L, List.of("noscript"), 0L, 0L, 0L, List.of(), List.of(), List.of(), List.of())));
        assertThat(CommandReply.facts(Texts.list(get, client)))
                .containsExactly(
                        new CommandFacts(
                                "get",
                                2,
                                List.of("readonly", "fast"),
                                List.of(new KeySpec(
                                        List.of("RO", "access"), new KeySpec.Index(1), new KeySpec.Range(0, 1, 0))),
                                List.of("@read"),
                                List.of()),
                        new CommandFacts(
                                "client",
                                -2,
                                List.of("sentinel"),
                                List.of(),
                                List.of("@slow"),
                                List.of(new CommandFacts("client|id", 2, List.of("noscript"), List.of(), List.of()))));
    }

    @Test
    void readsEveryKindOfSearch() {
        List<?> keyword = List.of("type", "keyword", "spec", List.of("keyword", "STREAMS", "startfrom", 1L));
        List<?> keynum = List.of("type", "keynum", "spec", List.of("keynumidx", 0L, "firstkey", 1L, "keystep", 1L));
        List<?> unknown = List.of("type", "unknown", "spec", List.of());
        List<?> ofTheFuture = List.of("type", "glob", "spec", List.of("pattern", "*"));
        assertThat(readSpec(keyword, keynum))
                .isEqualTo(new KeySpec(
                        List.of("RO", "access"), new KeySpec.Keyword("STREAMS", 1), new KeySpec.KeyNum(0, 1, 1)));
        KeySpec nothing = new KeySpec(List.of("RO", "access"), KeySpec.Unknown.UNKNOWN, KeySpec.Unknown.UNKNOWN);
        assertThat(readSpec(unknown, unknown)).isEqualTo(nothing);
        assertThat(readSpec(ofTheFuture, ofTheFuture)).isEqualTo(nothing);
        assertThat(readSpec(unknown, List.of("type", "range", "spec", List.of("keystep", 0L))))
                .isEqualTo(nothing);
    }

    @Test
    void readsServersBefore7() {
        Object mset = List.of("mset", -3L, List.of("write", "denyoom"), 1L, -1L, 2L, List.of("@write"));
        Object ping = List.of("ping", -1L, List.of("fast"), 0L, 0L, 0L);
        assertThat(CommandReply.facts(Texts.list(mset, ping)))
                .containsExactly(
                        new CommandFacts(
                                "mset",
                                -3,
                                List.of("write", "denyoom"),
                                List.of(KeySpec.legacy(1, -1, 2)),
                                List.of("@write"),
                                List.of()),
                        new CommandFacts("ping", -1, List.of("fast"), List.of(), List.of()));
    }

    @Test
    void refusesEverythingElse() {
        for (Reply reply : List.of(
                Texts.error("NOPERM this user has no permissions"),
                Texts.list("get"),
                Texts.list(List.of()),
                Texts.list(List.of("get", "2", List.of(), 1L, 1L, 1L)),
                Texts.list(List.of("get", 2L, List.of(), Long.MAX_VALUE, 1L, 1L)))) {
            assertThatThrownBy(() -> CommandReply.facts(reply))
                    .as("%s", reply)
                    .isInstanceOf(Reply.UnreadableException.class);
        }
    }

    private static KeySpec readSpec(List<?> begin, List<?> find) {
        Object command =
                List.of("x", 1L, List.of(), 0L, 0L, 0L, List.of(), List.of(), List.of(spec(begin, find)), List.of());
        return CommandReply.facts(Texts.list(command)).get(0).keySpecs().get(0);
    }

    private static List<?> spec(List<?> begin, List<?> find) {
        return List.of("notes", "some", "flags", List.of("RO", "access"), "begin_search", begin, "find_keys", find);
    }

    private static List<?> range() {
        return List.of("lastkey", 0L, "keystep", 1L, "limit", 0L);
    }
}
