package io.tidegate.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BackoffsTest {
    private static final Slot ONE = slot(1);
    private static final Slot OTHER = slot(2);
    private static final String WORDS = "WRONGPASS invalid username-password pair or user is disabled.";

    private final Backoffs backoffs = new Backoffs();

    private static Slot slot(int node) {
        return new Slot(node, ConnectionKey.INITIAL);
    }

    @Test
    void eachFailureInARowWaitsTwiceAsLong() {
        assertThat(backoffs.waits(ONE, 0)).isFalse();
        backoffs.failed(ONE, null, 0);
        long first = firstNanosWithoutWait();
        backoffs.failed(ONE, null, 0);
        assertThat(firstNanosWithoutWait()).isEqualTo(2 * first);
        assertThat(backoffs.waits(OTHER, 0)).isFalse();
        for (int i = 0; i < 100; i++) {
            backoffs.failed(ONE, null, 0);
        }
        assertThat(backoffs.waits(ONE, Backoffs.NANOS_MAX)).isFalse();
    }

    private long firstNanosWithoutWait() {
        long millis = 0;
        while (backoffs.waits(ONE, TimeUnit.MILLISECONDS.toNanos(millis))) {
            millis++;
        }
        return millis;
    }

    @Test
    void whatWasRefusedIsToldUntilItIsNotSoAnyMore() {
        backoffs.failed(ONE, null, 0);
        assertThat(backoffs.anyRefused()).as("it could not be reached").isFalse();

        backoffs.failed(ONE, WORDS, 0);
        backoffs.failed(ONE, WORDS, 0);
        backoffs.failed(OTHER, WORDS, 0);
        assertThat(backoffs.refusal(ONE)).isEqualTo(WORDS);
        assertThat(backoffs.anyRefused()).isTrue();

        backoffs.opened(ONE);
        backoffs.opened(ONE);
        assertThat(backoffs.refusal(ONE)).isNull();
        assertThat(backoffs.anyRefused()).as("the other").isTrue();
        backoffs.forget(OTHER);
        backoffs.forget(OTHER);
        assertThat(backoffs.anyRefused()).isFalse();
    }

    @Test
    void whatIsOldIsForgotten() {
        backoffs.failed(ONE, WORDS, 0);
        backoffs.forgetOld(0);
        assertThat(backoffs.anyRefused()).isTrue();
        backoffs.forgetOld(3 * Backoffs.NANOS_MAX);
        assertThat(backoffs.anyRefused()).isFalse();
        assertThat(backoffs.refusal(ONE)).isNull();
    }
}
