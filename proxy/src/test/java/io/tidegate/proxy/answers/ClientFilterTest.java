package io.tidegate.proxy.answers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.protocol.Limits;
import io.tidegate.protocol.RequestScanner;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.request.RequestArgs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** MAXAGE, as Redis since 7.4 and Valkey since 8.0 have it; the server that tests begin does not know it. */
class ClientFilterTest {
    private static ClientFilter parse(String command, boolean knowsMaxAge) throws ClientFilter.Invalid {
        ByteBuf bytes = Unpooled.buffer();
        RespWriter.command(bytes, command.split(" ", -1));
        RequestScanner scanner = new RequestScanner(Limits.redisDefaults());
        scanner.next(bytes, 0, bytes.writerIndex());
        return ClientFilter.parse(new RequestArgs(scanner).at(scanner, bytes), knowsMaxAge);
    }

    @Test
    void whereItIsKnownItIsTaken() throws Exception {
        assertThat(parse("CLIENT KILL MAXAGE 60 ID 7", true))
                .extracting(ClientFilter::ageSecondsMin, ClientFilter::id)
                .containsExactly(60L, 7L);
    }

    @ParameterizedTest
    @CsvSource({
        "MAXAGE 60, false, ERR syntax error",
        "MAXAGE 0, true, ERR maxage should be greater than 0",
        "MAXAGE -1, true, ERR maxage should be greater than 0",
        "MAXAGE x, true, ERR maxage is not an integer or out of range",
        "ID 0, true, ERR client-id should be greater than 0",
        "ID x, true, ERR client-id should be greater than 0"
    })
    void whatIsWrongIsSaidAsServersDo(String filter, boolean knowsMaxAge, String answer) {
        assertThatThrownBy(() -> parse("CLIENT KILL SKIPME no " + filter, knowsMaxAge))
                .isInstanceOfSatisfying(
                        ClientFilter.Invalid.class,
                        invalid -> assertThat(invalid.answer()).isEqualTo(answer));
    }
}
