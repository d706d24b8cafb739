package io.tidegate.proxy.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.protocol.Limits;
import io.tidegate.protocol.RequestScanner;
import io.tidegate.protocol.RespWriter;
import io.tidegate.routing.command.BlockingTimeout;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RemainingTest {
    private static final long MS = 1_000_000;

    @ParameterizedTest
    @CsvSource({
        "5, false, 1500, 3.500",
        "2.25, false, 1000, 1.250",
        "1e1, false, 1000, 9.000",
        "5000, true, 1500, 3500",
        // What is over may not become "for ever".
        "1, false, 1000, 0.001",
        "1, false, 99999, 0.001",
        "10, true, 10, 1",
        "0.0005, false, 0, 0.001",
        // For ever stays so, and what is no timeout is for the server to say.
        "0, false, 1000,",
        "-1, false, 1000,",
        "0, true, 1000,",
        "soon, false, 1000,",
        "inf, false, 1000,",
    })
    void takesOffWhatIsOver(String timeout, boolean inMillis, long waitedMillis, String remaining) {
        assertThat(Remaining.shorter(timeout, inMillis, waitedMillis * MS)).isEqualTo(remaining);
    }

    @ParameterizedTest
    @CsvSource({
        "LAST, BLPOP 1 2 10, BLPOP 1 2 9.000",
        "LAST, BLMOVE a b LEFT LEFT 0, BLMOVE a b LEFT LEFT 0",
        "FIRST, BLMPOP 10 1 k LEFT, BLMPOP 9.000 1 k LEFT",
        "OPTION, XREAD COUNT 5 block 1500 STREAMS block 1500, XREAD COUNT 5 block 500 STREAMS block 1500",
        "OPTION, XREADGROUP GROUP block c BLOCK 2000 STREAMS s >, XREADGROUP GROUP block c BLOCK 1000 STREAMS s >",
        "OPTION, XREAD STREAMS BLOCK 9, XREAD STREAMS BLOCK 9",
        "OPTION_BEHIND_KEY, TS.READ block 5 BLOCK 2000 1, TS.READ block 5 BLOCK 1000 1",
        "OPTION_BEHIND_KEY, TS.READ block 2000, TS.READ block 2000",
        "FIFTH, BLMOVEM a b LEFT LEFT 10 COUNT 2, BLMOVEM a b LEFT LEFT 9.000 COUNT 2",
        "FIFTH, BLMOVEM a b LEFT LEFT, BLMOVEM a b LEFT LEFT",
        "NONE, WAIT 1 5000, WAIT 1 5000",
    })
    void changesNothingButTheTimeout(BlockingTimeout where, String command, String expected) {
        ByteBuf request = encoded(command);
        RequestScanner scanner = new RequestScanner(Limits.redisDefaults());
        assertThat(scanner.next(request, 0, request.writerIndex())).isEqualTo(RequestScanner.Status.COMMAND);
        ByteBuf out = Unpooled.buffer();
        Remaining.write(new RequestArgs(scanner).at(scanner, request), where, 1_000 * MS, out);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo(encoded(expected).toString(StandardCharsets.UTF_8));
    }

    private static ByteBuf encoded(String command) {
        ByteBuf out = Unpooled.buffer();
        RespWriter.command(out, command.split(" "));
        return out;
    }
}
