package io.tidegate.proxy.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class ReasonsTest {
    @Test
    void theFirstCauseIsTheReason() {
        Throwable cause = new ConnectException("Connection refused: /127.0.0.1:1");
        assertThat(Reasons.of(new CompletionException(new IOException("Unable to connect", cause))))
                .isEqualTo("Connection refused: /127.0.0.1:1");
        assertThat(Reasons.of(new ConnectException("finishConnect(..) failed with error(-111): Connection refused")))
                .isEqualTo("Connection refused");
        assertThat(Reasons.of(new IOException())).isEqualTo("IOException");
    }

    @Test
    void aReasonIsOneShortLine() {
        assertThat(Reasons.printable("a\r\nb\tc ")).isEqualTo("a b c");
        assertThat(Reasons.printable("x".repeat(1_000))).hasSize(201).endsWith("…");
        assertThat(Reasons.printable(null)).isEmpty();
    }
}
