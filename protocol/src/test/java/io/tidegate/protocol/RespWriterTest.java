package io.tidegate.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RespWriterTest {
    private final ByteBuf out = Buffers.empty();

    @AfterEach
    void release() {
        out.release();
    }

    @Test
    void writesLines() {
        RespWriter.simpleString(out, "OK");
        RespWriter.simpleString(out, "");
        RespWriter.error(out, "ERR Protocol error: expected '$', got '\u00ff'");
        assertThat(written()).isEqualTo("+OK\r\n+\r\n-ERR Protocol error: expected '$', got '\u00ff'\r\n");
    }

    @Test
    void writesTextForHumansAsTheProtocolHasIt() {
        RespWriter.verbatim(out, "a\n", Protocol.RESP2);
        RespWriter.verbatim(out, "a\n", Protocol.RESP3);
        assertThat(written()).isEqualTo("$2\r\na\n\r\n=6\r\ntxt:a\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\rb", "a\nb", "\r\n"})
    void refusesALineEndInALine(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> RespWriter.simpleString(out, text));
        assertThatIllegalArgumentException().isThrownBy(() -> RespWriter.error(out, text));
        assertThat(out.isReadable()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                1,
                -1,
                9,
                10,
                -10,
                99,
                100,
                12345678901L,
                Integer.MIN_VALUE,
                Long.MAX_VALUE,
                Long.MIN_VALUE,
                1_000_000_000_000_000_000L
            })
    void writesIntegers(long value) {
        RespWriter.integer(out, value);
        assertThat(written()).isEqualTo(":" + value + "\r\n");
    }

    @Test
    void writesStrings() {
        RespWriter.bulk(out, "");
        RespWriter.bulk(out, "a\r\nb");
        RespWriter.bulk(out, "\u00e4\u20ac");
        RespWriter.bulk(out, new byte[] {0, (byte) 0xFF});
        assertThat(written())
                .isEqualTo("$0\r\n\r\n$4\r\na\r\nb\r\n$5\r\n\u00c3\u00a4\u00e2\u0082\u00ac\r\n$2\r\n\0\u00ff\r\n");
    }

    @Test
    void writesAPartOfABufferAndLeavesItAsItWas() {
        ByteBuf source = Buffers.of("xxabcyy");
        try {
            source.readerIndex(2).writerIndex(5);
            RespWriter.bulk(out, source);
            assertThat(written()).isEqualTo("$3\r\nabc\r\n");
            assertThat(source.readerIndex()).isEqualTo(2);
            assertThat(source.writerIndex()).isEqualTo(5);
            assertThat(source.refCnt()).isEqualTo(1);
        } finally {
            source.release();
        }
    }

    @Test
    void fallsBackInResp2() {
        RespWriter.nullValue(out, Protocol.RESP2);
        RespWriter.nullArray(out, Protocol.RESP2);
        RespWriter.mapHeader(out, 1 << 30, Protocol.RESP2);
        RespWriter.setHeader(out, 3, Protocol.RESP2);
        RespWriter.pushHeader(out, 2, Protocol.RESP2);
        RespWriter.bool(out, true, Protocol.RESP2);
        RespWriter.bool(out, false, Protocol.RESP2);
        RespWriter.doubleValue(out, 3.141, Protocol.RESP2);
        assertThat(written()).isEqualTo("$-1\r\n*-1\r\n*2147483648\r\n*3\r\n*2\r\n:1\r\n:0\r\n$5\r\n3.141\r\n");
    }

    @Test
    void usesTheTypesOfResp3() {
        RespWriter.nullValue(out, Protocol.RESP3);
        RespWriter.nullArray(out, Protocol.RESP3);
        RespWriter.arrayHeader(out, 4);
        RespWriter.mapHeader(out, 5, Protocol.RESP3);
        RespWriter.setHeader(out, 3, Protocol.RESP3);
        RespWriter.pushHeader(out, 2, Protocol.RESP3);
        RespWriter.bool(out, true, Protocol.RESP3);
        RespWriter.bool(out, false, Protocol.RESP3);
        assertThat(written()).isEqualTo("_\r\n_\r\n*4\r\n%5\r\n~3\r\n>2\r\n#t\r\n#f\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "3.141, 3.141",
        "1, 1",
        "-0.0, -0",
        "0.1, 0.1",
        "-17.5, -17.5",
        "1e300, 1.0E300",
        "12345678, 1.2345678E7",
        "NaN, nan",
        "Infinity, inf",
        "-Infinity, -inf",
        "4.9e-324, 4.9E-324"
    })
    void writesDoublesSoThatTheyAreReadTheSame(double value, String text) {
        RespWriter.doubleValue(out, value, Protocol.RESP3);
        assertThat(written()).isEqualTo("," + text + "\r\n");
        assertThat(RespValues.read(out, 0, out.writerIndex())).isEqualTo(new RespValue.Real(value));
    }

    @Test
    void writesCommands() {
        RespWriter.command(out, "SET", "k\u00e4", "");
        RespWriter.command(out, new byte[] {'X'}, new byte[] {'\n'});
        assertThat(written())
                .isEqualTo("*3\r\n$3\r\nSET\r\n$3\r\nk\u00c3\u00a4\r\n$0\r\n\r\n*2\r\n$1\r\nX\r\n$1\r\n\n\r\n");
    }

    private String written() {
        return Buffers.text(out);
    }
}
