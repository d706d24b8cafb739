package io.tidegate.proxy.request;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.protocol.Limits;
import io.tidegate.protocol.RequestScanner;
import org.junit.jupiter.api.Test;

class RequestArgsTest {
    private static RequestArgs args(String word) {
        RequestScanner scanner = new RequestScanner(Limits.redisDefaults());
        ByteBuf buffer = Unpooled.copiedBuffer("*1\r\n$" + word.length() + "\r\n" + word + "\r\n", ISO_8859_1);
        scanner.next(buffer, 0, buffer.writerIndex());
        return new RequestArgs(scanner).at(scanner, buffer);
    }

    @Test
    void aWordIsTheSameInCapitalsOrNot() {
        assertThat(args("SkipMe").is(0, "SKIPME")).isTrue();
        assertThat(args("skipme").is(0, "SKIPME")).isTrue();
    }

    @Test
    void anotherWordIsNot() {
        assertThat(args("skip").is(0, "SKIPME")).isFalse();
        assertThat(args("skipmex").is(0, "SKIPME")).isFalse();
        assertThat(args("skipma").is(0, "SKIPME")).isFalse();
        assertThat(args("skipme").is(1, "SKIPME")).isFalse();
    }

    /** Unicode has a long s, of two bytes, and a sign of its own for Kelvin; a server compares bytes. */
    @Test
    void norIsOneWhoseLettersOnlyUnicodeTakesForTheSame() {
        assertThat(args("\u00c5\u00bfkip").is(0, "SKIP")).isFalse();
        assertThat(args("s\u00e2\u0084\u00aaip").is(0, "SKIP")).isFalse();
    }

    @Test
    void aLongWordIsShownUpToSomeLength() {
        assertThat(args("a".repeat(100)).shown(0, 10)).isEqualTo("a".repeat(10));
        assertThat(args("ab").shown(0, 10)).isEqualTo("ab");
    }

    @Test
    void itIsShownUpToANul() {
        assertThat(args("ab\0cd").shown(0, 10)).isEqualTo("ab");
        assertThat(args("ab\0cd").shown(0)).isEqualTo("ab");
    }
}
