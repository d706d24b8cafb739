package io.tidegate.routing.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeySpecTextTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1:RO,access",
                "1..-1:RO",
                "1..-1/2:OW,update",
                "1..+1:RO,access",
                "2#0+1:RO,access",
                "1#0+1/2:OW,update",
                "STREAMS@1..-1%2:RO,access",
                "KEYS@-2..-1:RW,access,delete,incomplete",
                "STORE@6:OW,update",
                "?:RO,access",
            })
    void printsWhatItRead(String text) {
        assertThat(KeySpecText.parse(text)).hasToString(text);
    }

    @Test
    void readsEveryPart() {
        assertThat(KeySpecText.parse("STREAMS@1..-1/3%2:RO,access"))
                .isEqualTo(new KeySpec(
                        List.of("RO", "access"), new KeySpec.Keyword("STREAMS", 1), new KeySpec.Range(-1, 3, 2)));
        assertThat(KeySpecText.parse("2#0+1:RW"))
                .isEqualTo(new KeySpec(List.of("RW"), new KeySpec.Index(2), new KeySpec.KeyNum(0, 1, 1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "1..2:RO", "a:RO", "1#1:RO"})
    void refusesWhatIsNone(String text) {
        assertThatThrownBy(() -> KeySpecText.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
