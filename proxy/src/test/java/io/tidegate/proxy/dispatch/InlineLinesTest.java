package io.tidegate.proxy.dispatch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.protocol.Limits;
import io.tidegate.protocol.RequestScanner;
import org.junit.jupiter.api.Test;

final class InlineLinesTest {
    private static final String PING = "*1\r\n$4\r\nPING\r\n";
    private static final String ECHO = "*2\r\n$4\r\nECHO\r\n$1\r\na\r\n";

    @Test
    void allLinesAreUnfoldedInOneGoWhateverIsBetweenThem() {
        assertThat(unfolded("PING\r\n" + ECHO + "ECHO a\n\r\n*0\r\n" + PING + "PING\r\n", ""))
                .isEqualTo(PING + ECHO + ECHO + "\r\n*0\r\n" + PING + PING);
    }

    @Test
    void upToWhatIsNotThereYetOrCannotBeRead() {
        for (String rest : new String[] {"", "ECHO", "*2\r\n$4\r\nECHO\r\n$1", "ECHO 'a\r\n", "*x\r\nPING\r\n"}) {
            assertThat(unfolded("PING\r\n" + ECHO, rest)).as(rest).isEqualTo(PING + ECHO);
        }
    }

    @Test
    void aFirstLineThatCannotBeReadIsLeftWhereItIs() {
        assertThat(unfolded("", "ECHO 'a\r\nPING\r\n")).isEmpty();
    }

    /** What {@code lines} become, of which the first is one, with {@code rest} behind them. */
    private static String unfolded(String lines, String rest) {
        ByteBuf input = Unpooled.copiedBuffer(lines + rest, ISO_8859_1);
        ByteBuf commands = Unpooled.buffer();
        RequestScanner scanner = new RequestScanner(Limits.redisDefaults());
        assertThat(scanner.next(input, 0, input.writerIndex())).isEqualTo(RequestScanner.Status.INLINE);
        assertThat(InlineLines.unfold(scanner, input, 0, commands)).isEqualTo(lines.length());
        return commands.toString(ISO_8859_1);
    }
}
