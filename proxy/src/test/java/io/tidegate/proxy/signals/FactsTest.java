package io.tidegate.proxy.signals;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.protocol.Protocol;
import org.junit.jupiter.api.Test;

class FactsTest {
    private final Facts facts = new Facts()
            .add("text", "two \"words\"")
            .add("to", (String) null)
            .add("count", 7)
            .add("lasted-millis", 1.5)
            .add("phases", new Facts().add("end", 0.25))
            .unknown("most");

    @Test
    void areAMapInResp3() {
        assertThat(written(Protocol.RESP3))
                .isEqualTo("%6 $4 text $11 two \"words\" $2 to _ $5 count :7 $13 lasted-millis ,1.5 $6 phases %1 $3 end"
                        + " ,0.25 $4 most _ ");
    }

    @Test
    void areNamesAndValuesInTurnInResp2() {
        assertThat(written(Protocol.RESP2))
                .isEqualTo(
                        "*12 $4 text $11 two \"words\" $2 to $-1 $5 count :7 $13 lasted-millis $3 1.5 $6 phases *2 $3"
                                + " end $4 0.25 $4 most $-1 ");
    }

    @Test
    void areOneLineInTheLog() {
        assertThat(facts)
                .hasToString(
                        "text=\"two 'words'\" to=unknown count=7 lasted-millis=1.500 phases={end=0.250} most=unknown");
    }

    private String written(Protocol protocol) {
        ByteBuf out = Unpooled.buffer();
        facts.write(out, protocol);
        return out.toString(UTF_8).replace("\r\n", " ");
    }
}
