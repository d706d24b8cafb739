package io.tidegate.proxy.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.protocol.ReplyError;
import io.tidegate.routing.command.CommandFacts;
import io.tidegate.routing.command.CommandSpec;
import io.tidegate.routing.command.CommandTable;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tables of {@link Fate}, row by row. */
class FateTest {
    private static final Set<ReplyError> BEFORE_EXECUTION = EnumSet.of(
            ReplyError.READONLY,
            ReplyError.LOADING,
            ReplyError.MASTERDOWN,
            ReplyError.NOREPLICAS,
            ReplyError.MOVED,
            ReplyError.ASK,
            ReplyError.CLUSTERDOWN,
            ReplyError.TRYAGAIN);

    private static final CommandTable TABLE = CommandTable.builtin()
            .withServerFacts(List.of(
                    new CommandFacts("my.set", -1, List.of("module", "write"), List.of(), List.of()),
                    new CommandFacts("my.any", -1, List.of("module"), List.of(), List.of())));

    @ParameterizedTest
    @EnumSource
    void eightErrorsOfACommandThatStandsAloneProveThatItDidNotRun(ReplyError error) {
        Fate expected = BEFORE_EXECUTION.contains(error) ? Fate.REFUSED : Fate.ANSWERED;
        assertThat(Fate.ofError(error, spec("set"), false, true)).isEqualTo(expected);
        assertThat(Fate.ofError(error, spec("get"), false, true)).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource
    void oneMoreProvesItOfACommandThatWaitedForData(ReplyError error) {
        boolean refused = BEFORE_EXECUTION.contains(error) || error == ReplyError.UNBLOCKED_BY_DEMOTION;
        for (String name : List.of("blpop", "bzmpop", "xread", "xreadgroup", "blmove")) {
            assertThat(Fate.ofError(error, spec(name), false, true)).isEqualTo(refused ? Fate.REFUSED : Fate.ANSWERED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void noErrorProvesAnythingOfTheseCommandsNorInATransaction(ReplyError error) {
        for (String name : List.of(
                "eval", "evalsha", "fcall", "publish", "my.set", "my.any", "wait", "waitaof", "exec", "multi")) {
            assertThat(Fate.ofError(error, spec(name), false, true)).as(name).isEqualTo(Fate.ANSWERED);
        }
        assertThat(Fate.ofError(error, spec("set"), true, true)).isEqualTo(Fate.ANSWERED);
        assertThat(Fate.ofError(error, spec("blpop"), true, true)).isEqualTo(Fate.ANSWERED);
        assertThat(Fate.ofError(error, null, false, true)).isEqualTo(Fate.ANSWERED);
    }

    /** It may be the script that says so, and it would say so again, for as long as the primary is asked. */
    @ParameterizedTest
    @EnumSource
    void whatAScriptThatOnlyReadsIsRefusedByAReplicaTheNextNodeIsAsked(ReplyError error) {
        Fate ofReplica = BEFORE_EXECUTION.contains(error) ? Fate.REFUSED : Fate.ANSWERED;
        for (String name : List.of("eval_ro", "evalsha_ro", "fcall_ro")) {
            assertThat(Fate.ofError(error, spec(name), false, false)).as(name).isEqualTo(ofReplica);
            assertThat(Fate.ofError(error, spec(name), false, true)).as(name).isEqualTo(Fate.ANSWERED);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "set, true",
        "get, true",
        "blpop, true",
        "exec, true",
        "eval, false",
        "eval_ro, false",
        "evalsha, false",
        "fcall, false",
        "fcall_ro, false",
        "my.set, false",
        "debug, false",
        "publish, false"
    })
    void onlyWhatAServerSaysItselfTellsOfIt(String name, boolean itself) {
        assertThat(Fate.errsInServersWords(spec(name))).isEqualTo(itself);
        assertThat(Fate.errsInServersWords(null)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"-READONLYX no", "-LOADINGS x", "-readonly x", "-ERR READONLY", "-MOVEDTO 1 a:1", "-ASKING"})
    void aCodeCountsAsAWholeWord(String line) {
        ByteBuf reply = Unpooled.copiedBuffer(line + "\r\n", StandardCharsets.US_ASCII);
        ReplyError error = ReplyError.classify(reply, 0, reply.writerIndex());
        assertThat(Fate.ofError(error, spec("set"), false, true)).isEqualTo(Fate.ANSWERED);
    }

    @ParameterizedTest
    @CsvSource({
        "get, REPEATABLE, REPEATABLE",
        "xread, REPEATABLE, REPEATABLE",
        "eval_ro, REPEATABLE, REPEATABLE",
        "set, UNCERTAIN, GONE",
        "blpop, UNCERTAIN, GONE",
        "xreadgroup, UNCERTAIN, GONE",
        "eval, UNCERTAIN, UNCERTAIN",
        "fcall, UNCERTAIN, UNCERTAIN",
        "publish, UNCERTAIN, UNCERTAIN",
        "pfcount, UNCERTAIN, UNCERTAIN",
        "wait, UNCERTAIN, UNCERTAIN",
        "my.set, UNCERTAIN, UNCERTAIN",
        "my.any, UNCERTAIN, UNCERTAIN"
    })
    void whatWasLostIsRepeatedOnlyIfNobodyCanTell(String name, Fate fate, Fate ifGone) {
        assertThat(Fate.ofLoss(spec(name), false, false)).isEqualTo(fate);
        assertThat(Fate.ofLoss(spec(name), false, true)).isEqualTo(ifGone);
    }

    @Test
    void whatAnExecMayHaveRunIsRepeatedAsAWholeOrNotAtAll() {
        for (String name : List.of("multi", "get", "set", "exec")) {
            assertThat(Fate.ofLoss(spec(name), true, false)).isEqualTo(Fate.UNCERTAIN);
            assertThat(Fate.ofLoss(spec(name), true, true)).isEqualTo(Fate.GONE);
        }
    }

    private static CommandSpec spec(String name) {
        return TABLE.all().stream()
                .filter(spec -> spec.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
