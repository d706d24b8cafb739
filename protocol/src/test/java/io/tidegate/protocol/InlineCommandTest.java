package io.tidegate.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RequestScanner.Status;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InlineCommandTest {
    private final ByteBuf line = Buffers.empty();
    private final ByteBuf out = Buffers.empty();

    @AfterEach
    void release() {
        line.release();
        out.release();
    }

    /** In what is expected, | is between arguments. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '@',
            value = {
                "PING; PING",
                "  set   key    value  ; set|key|value",
                "a \"b c\" d; a|b c|d",
                "a 'b c' d; a|b c|d",
                "a \"\" ''; a||",
                "fo\"ob\"; foob",
                "fo'o b'; foo b",
                "\"it's\" 'say \"it\"'; it's|say \"it\"",
                "\"\\x41\\x7a\"; Az",
                "\"\\x4\\xzz\\x\"; x4xzzx",
                "\"\\\"\\\\\\q\"; \"\\q",
                "'\\'\\n\\\\x'; '\\n\\\\x",
                "a\\n\\x41; a\\n\\x41",
                "\\; \\"
            })
    void splitsAsRedisDoes(String text, String args) {
        String[] expected = args.strip().split("\\|", -1);
        assertThat(convert(text)).containsExactly(expected);
        assertThat(convert(text + "\n")).containsExactly(expected);
        assertThat(convert(text + "\r\n")).containsExactly(expected);
    }

    @Test
    void knowsEscapesAndBlanksThatCannotBeSeen() {
        assertThat(convert("\"\\n\\r\\t\\b\\a\\xfF\\x00\"")).containsExactly("\n\r\t\b\u0007\u00ff\0");
        assertThat(convert("a\tb\rc\nd")).containsExactly("a", "b", "c", "d");
        // These two begin no argument and end none but behind a quote.
        assertThat(convert("\u000ba\u000bb\fc \"d\"\f\u000b")).containsExactly("a\u000bb\fc", "d");
        assertThat(convert("\u00e4\u00ff")).containsExactly("\u00e4\u00ff");
        assertThat(convert(" \t\r\n")).isEmpty();
        assertThat(convert("\n")).isEmpty();
        assertThat(convert("")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"a", "'a", "a \"", "\"a\"b", "'a'b", "\"a\"'b'", "\"a\\", "\"a\\\"", "'a\\'", "a b\"c'd"})
    void refusesQuotesThatDoNotMatch(String text) {
        line.clear().writeBytes(Buffers.latin1(text + "\r\n"));
        out.clear();
        assertThat(InlineCommand.convert(line, 0, line.writerIndex(), out)).isFalse();
        assertThat(out.isReadable()).isFalse();
    }

    @Test
    void readsOnlyWhatItIsGivenAndAppends() {
        line.writeBytes(Buffers.latin1("xxPING\r\nyy"));
        out.writeBytes(Buffers.latin1("before"));
        assertThat(InlineCommand.convert(line, 2, 8, out)).isTrue();
        assertThat(Buffers.text(out)).isEqualTo("before*1\r\n$4\r\nPING\r\n");
        assertThat(line.readerIndex()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatIsQuotedComesOutAsItWas(long seed) {
        RespGenerator generator = new RespGenerator(seed);
        for (int i = 0; i < 200; i++) {
            List<String> args = new ArrayList<>();
            StringBuilder text = new StringBuilder("name");
            for (int j = generator.number(4); j > 0; j--) {
                String arg = generator.text();
                args.add(arg);
                text.append(' ').append(generator.number(2) == 0 ? quoted(arg) : hexadecimal(arg));
            }
            args.add(0, "name");
            assertThat(convert(text + "\r\n")).as("seed %d, line %d", seed, i).isEqualTo(args);
        }
    }

    /** The arguments of the command that a line is turned into. */
    private List<String> convert(String text) {
        line.clear().writeBytes(Buffers.latin1(text));
        out.clear();
        assertThat(InlineCommand.convert(line, 0, line.writerIndex(), out)).isTrue();
        assertThat(out.writerIndex()).isLessThanOrEqualTo(4 * text.length() + 16);
        RequestScanner scanner = new RequestScanner(Limits.redisDefaults());
        Status status = scanner.next(out, 0, out.writerIndex());
        assertThat(scanner.end()).isEqualTo(out.writerIndex());
        List<String> args = new ArrayList<>();
        for (int i = 0; status == Status.COMMAND && i < scanner.argCount(); i++) {
            args.add(out.toString(scanner.argOffset(i), scanner.argLength(i), StandardCharsets.ISO_8859_1));
        }
        return args;
    }

    private static String quoted(String arg) {
        String text = arg.replace("\\", "\\\\").replace("\"", "\\\"");
        return '"' + text.replace("\n", "\\n").replace("\r", "\\r").replace("\0", "\\x00") + '"';
    }

    private static String hexadecimal(String arg) {
        StringBuilder text = new StringBuilder("\"");
        for (byte b : Buffers.latin1(arg)) {
            text.append(String.format("\\x%02X", b));
        }
        return text.append('"').toString();
    }
}
