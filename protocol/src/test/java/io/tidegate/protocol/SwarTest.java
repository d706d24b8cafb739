package io.tidegate.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SwarTest {
    @Test
    void readsEveryNumber() {
        for (int i = 0; i < 10_000; i++) {
            String digits = Integer.toString(i);
            assertThat(Swar.decimal((int) word(digits + "\r\n"), digits.length()))
                    .isEqualTo(i);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"01", "00", "-1", "+1", "1 ", " 1", "1/", ":1", "1\u00b1", "1\u0000", "\u00ff", "12a4", "0x12"})
    void takesNothingElseForANumber(String text) {
        assertThat(Swar.decimal((int) word(text), text.length())).isEqualTo(-1);
    }

    @Test
    void takesNoByteButADigitForOne() {
        for (int b = 0; b < 256; b++) {
            for (int i = 0; i < 4; i++) {
                byte[] text = Buffers.latin1("1111");
                text[i] = (byte) b;
                boolean digit = b >= '0' && b <= '9' && !(i == 0 && b == '0');
                int expected = digit ? Integer.parseInt(new String(text, StandardCharsets.US_ASCII)) : -1;
                assertThat(Swar.decimal((int) word(text), 4))
                        .as("%d at %d", b, i)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void readsTwoDigitsAsItReadsAnyAndNothingElse() {
        for (int i = 0; i < 1 << 24; i++) {
            int word = '$' | i << 8;
            boolean twoDigits = Swar.firstCarriageReturn(word) == 3;
            int expected = twoDigits ? Swar.decimal(word >>> 8, 2) : -1;
            if (Swar.twoDigits(word) != expected) {
                assertThat(Swar.twoDigits(word)).as("%x", word).isEqualTo(expected);
            }
        }
    }

    @Test
    void findsTheFirstCarriageReturnAmongAnything() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = new byte[8];
            for (int j = 0; j < 8; j++) {
                bytes[j] = (byte) (random.nextInt(4) == 0 ? '\r' - 1 + random.nextInt(3) : random.nextInt(256));
            }
            int first = 0;
            while (first < 8 && bytes[first] != '\r') {
                first++;
            }
            assertThat(Swar.firstCarriageReturn(word(bytes))).isEqualTo(first);
        }
    }

    @Test
    void makesCapitalsSmallAndNothingElse() {
        for (int b = 0; b < 256; b++) {
            for (int neighbour : new int[] {0, 'A', 0xFF}) {
                long word = neighbour | (long) b << 8 | (long) neighbour << 16;
                int small = b >= 'A' && b <= 'Z' ? b + 32 : b;
                assertThat(Swar.lowerCase(word) >>> 8 & 0xFF).isEqualTo(small);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "9, 9",
        "10, 10",
        "-1, -1",
        "-10, -10",
        "2147483648, 2147483648",
        "9223372036854775807, 9223372036854775807",
        "-9223372036854775807, -9223372036854775807",
        // The one that INVALID occupies.
        "-9223372036854775808, -9223372036854775807"
    })
    void readsLongNumbers(String text, long number) {
        assertThat(decimal(text)).isEqualTo(number);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "+",
                "-0",
                "00",
                "01",
                "-01",
                "+1",
                " 1",
                "1 ",
                "1a",
                "--1",
                "9223372036854775808",
                "-9223372036854775809",
                "10000000000000000000",
                "99999999999999999999",
                "100000000000000000000"
            })
    void refusesWhatRedisRefusesInANumber(String text) {
        assertThat(decimal(text)).isEqualTo(Decimal.INVALID);
    }

    private static long decimal(String text) {
        ByteBuf buf = Unpooled.copiedBuffer("<" + text + ">", StandardCharsets.US_ASCII);
        return Decimal.parse(buf, 1, 1 + text.length());
    }

    private static long word(String text) {
        return word(Buffers.latin1(text));
    }

    private static long word(byte[] bytes) {
        long word = 0;
        for (int i = 0; i < bytes.length; i++) {
            word |= (bytes[i] & 0xFFL) << (8 * i);
        }
        return word;
    }
}
