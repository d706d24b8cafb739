package io.tidegate.proxy.scripts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of a script's first line. */
class ScriptFlagsTest {
    private static boolean noWrites(String script) {
        byte[] source = script.getBytes(UTF_8);
        return ScriptFlags.noWrites(source.length, index -> source[index]);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#!lua flags=no-writes",
                "#!lua flags=no-writes\nreturn 1",
                "#!lua flags=allow-stale,no-writes \r\nreturn 1",
                "#!lua  name=x flags=no-writes\n",
            })
    void itPromisesNotToWrite(String script) {
        assertThat(noWrites(script)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "#",
                "#!lua",
                "#!lua\nflags=no-writes",
                "#!lua flags=allow-stale\nreturn 'flags=no-writes'",
                "#!luaflags=no-writes\n",
                "#!lua flags=no-writes-at-all\n",
                "#!python flags=no-writes\n",
                "return 1 -- #!lua flags=no-writes",
                " #!lua flags=no-writes",
            })
    void itDoesNot(String script) {
        assertThat(noWrites(script)).isFalse();
    }

    @Test
    void anEndlessLineSaysNothing() {
        assertThat(noWrites("#!lua " + " ".repeat(2_000) + "flags=no-writes\n")).isFalse();
    }
}
