package io.tidegate.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReplySizeTest {
    private final ReplySize size = new ReplySize();

    @Test
    void aValueOf64KiBIsNotBig() {
        size.scanned(false, 10_000);
        assertThat(size.turnsBig(64 * 1024)).isFalse();
        assertThat(size.big()).isFalse();
    }

    @Test
    void aLongStringIsBigFromItsFirstByte() {
        size.scanned(false, 1);
        assertThat(size.turnsBig(ReplySize.BIG_BYTES)).isTrue();
        size.scanned(true, 1);
        assertThat(size.turnsBig(ReplySize.BIG_BYTES - 1)).as("again").isFalse();
        assertThat(size.big()).isTrue();
    }

    @Test
    void anAggregateIsBigWhenSoMuchOfItHasCome() {
        size.scanned(false, 1);
        for (int bytes = 1; bytes < ReplySize.BIG_BYTES; bytes += 1_024) {
            assertThat(size.turnsBig(0)).isFalse();
            size.scanned(true, 1_024);
        }
        assertThat(size.turnsBig(0)).isTrue();
    }

    @Test
    void theNextReplyBeginsAnew() {
        size.scanned(false, 1);
        assertThat(size.turnsBig(ReplySize.BIG_BYTES)).isTrue();
        size.scanned(false, 1);
        assertThat(size.big()).isFalse();
        assertThat(size.turnsBig(0)).isFalse();
    }
}
