package io.tidegate.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyErrorTest {
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNBLOCKED_BY_DEMOTION")
    void readsTheFirstWord(ReplyError error) {
        assertThat(classify("-" + error.name() + " and some words\r\n")).isEqualTo(error);
        assertThat(classify("-" + error.name() + "\r\n")).isEqualTo(error);
    }

    @ParameterizedTest
    @CsvSource({
        "-READONLY You can't write against a read only replica., READONLY",
        "-MOVED 3999 127.0.0.1:6381, MOVED",
        "'-UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)', UNBLOCKED_BY_DEMOTION",
        "-UNBLOCKED client unblocked via CLIENT UNBLOCK, UNBLOCKED",
        "'-UNBLOCKED (master -> replica?) and more', UNBLOCKED",
        "-OOM command not allowed when used memory > 'maxmemory'., OOM"
    })
    void readsWhatServersSay(String line, ReplyError error) {
        assertThat(classify(line + "\r\n")).isEqualTo(error);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-READONLYX no\r\n",
                "-READONL\r\n",
                "-readonly\r\n",
                "- READONLY\r\n",
                "-\r\n",
                "-",
                "-READONLY",
                "-BUSYKEY x\r\n",
                "-WRONGTYPE x\r\n",
                "-ERR: x\r\n",
                "-ASK\tx\r\n"
            })
    void takesNothingElseForOne(String line) {
        assertThat(classify(line)).isEqualTo(ReplyError.OTHER);
    }

    @Test
    void readsFromAnywhereAndNotBehindTheEnd() {
        ByteBuf buf = Unpooled.wrappedBuffer(Buffers.latin1(":1\r\n-ASK 1 x:1\r\n"));
        assertThat(ReplyError.classify(buf, 4, buf.writerIndex())).isEqualTo(ReplyError.ASK);
        assertThat(ReplyError.classify(buf, 4, 8)).isEqualTo(ReplyError.OTHER);
        assertThat(ReplyError.classify(buf, 4, 9)).isEqualTo(ReplyError.ASK);
    }

    @Test
    void exactlyNineProveThatNothingWasExecuted() {
        assertThat(Arrays.stream(ReplyError.values()).filter(ReplyError::provesNotExecuted))
                .containsExactlyInAnyOrder(
                        ReplyError.READONLY,
                        ReplyError.LOADING,
                        ReplyError.MASTERDOWN,
                        ReplyError.CLUSTERDOWN,
                        ReplyError.TRYAGAIN,
                        ReplyError.NOREPLICAS,
                        ReplyError.MOVED,
                        ReplyError.ASK,
                        ReplyError.UNBLOCKED_BY_DEMOTION);
    }

    private static ReplyError classify(String line) {
        return ReplyError.classify(Unpooled.wrappedBuffer(Buffers.latin1(line)), 0, line.length());
    }
}
