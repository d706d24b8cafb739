package io.tidegate.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class LimitsTest {
    private static final Limits TIGHT = new Limits(64, 3, 64, 64, 1, 100, 64, 1);

    @Test
    void namesTheLimitThatIsOutOfBounds() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Limits(63, 3, 64, 64, 1, 64, 64, 1))
                .withMessage("bulkBytesMax: 63 (expected: 64..1073741824)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Limits(64, 0, 64, 64, 1, 64, 64, 1))
                .withMessageStartingWith("argsMax: 0 ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Limits(64, 1, 63, 64, 1, 64, 64, 1))
                .withMessageStartingWith("inlineBytesMax: 63 ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Limits(64, 1, 64, Integer.MAX_VALUE, 1, 64, 64, 1))
                .withMessageStartingWith("headerBytesMax: 2147483647 ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Limits(64, 1, 64, 64, 0, 64, 64, 1))
                .withMessageStartingWith("nestingDepthMax: 0 ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Limits(64, 1, 64, 64, 1, Integer.MAX_VALUE, 64, 1))
                .withMessageStartingWith("commandBytesMax: 2147483647 ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Limits(64, 1, 64, 64, 1, 64, Long.MAX_VALUE, 1))
                .withMessageStartingWith("replyBulkBytesMax: 9223372036854775807 ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Limits(64, 1, 64, 64, 1, 64, 64, 0))
                .withMessageStartingWith("replyElementsMax: 0 ");
    }

    @Test
    void boundsAnArgument() {
        assertThat(scan("*1\r\n$64\r\n")).isEmpty();
        assertThat(scan("*1\r\n$65\r\n")).containsExactly("MALFORMED ERR Protocol error: invalid bulk length");
    }

    @Test
    void boundsTheNumberOfArguments() {
        assertThat(scan("*3\r\n$1\r\na\r\n")).isEmpty();
        for (String count : List.of("*4\r\n$1\r\na\r\n", "*10\r\n$1\r\na\r\n", "*4\r\n")) {
            assertThat(scan(count)).containsExactly("MALFORMED ERR Protocol error: invalid multibulk length");
        }
    }

    @Test
    void boundsALine() {
        assertThat(scan("a".repeat(64))).isEmpty();
        assertThat(scan("a".repeat(64) + "\n")).containsExactly("INLINE 65");
        assertThat(scan("a".repeat(63) + "\r\n")).containsExactly("INLINE 65");
        assertThat(scan("a".repeat(64) + "\r\n"))
                .containsExactly("MALFORMED ERR Protocol error: too big inline request");
        assertThat(scan("*" + "1".repeat(63))).isEmpty();
        assertThat(scan("*" + "1".repeat(63) + "\r\n"))
                .containsExactly("MALFORMED ERR Protocol error: invalid multibulk length");
        assertThat(scan("*" + "1".repeat(64) + "\r\n"))
                .containsExactly("MALFORMED ERR Protocol error: too big mbulk count string");
        assertThat(scan("*1\r\n$" + "1".repeat(64) + "\r\n"))
                .containsExactly("MALFORMED ERR Protocol error: too big bulk count string");
    }

    @Test
    void boundsACommandAsAWhole() {
        String start = "*2\r\n$40\r\n" + "a".repeat(40) + "\r\n$";
        assertThat(scan(start + "42\r\n")).isEmpty();
        assertThat(scan(start + "42\r\n" + "b".repeat(42) + "\r\n"))
                .first()
                .asString()
                .startsWith("COMMAND 100 ");
        assertThat(scan(start + "43\r\n")).containsExactly("MALFORMED ERR Protocol error: too big command");
    }

    private static List<String> scan(String bytes) {
        return RequestLog.whole(TIGHT, Buffers.latin1(bytes));
    }
}
