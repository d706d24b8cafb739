package io.tidegate.routing.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.Instants;
import org.junit.jupiter.api.Test;

class AsOfTest {
    private final AsOf asOf = new AsOf();

    @Test
    void onlyGrowsWithinAHistory() {
        History history = history(10, 100, 20, 200);
        asOf.reached(history, 200);
        assertThat(asOf.nanos()).isEqualTo(20);
        asOf.reached(history, 100);
        assertThat(asOf.nanos()).isEqualTo(20);
    }

    @Test
    void startsAnewInAnotherHistory() {
        asOf.reached(history(10, 100, 20, 200), 200);
        asOf.reached(history(30, 500, 40, 600), 200);
        assertThat(asOf.nanos()).isEqualTo(Instants.UNKNOWN);
    }

    @Test
    void isForgottenAsSoonAsAnotherHistoryIsInUse() {
        History history = history(10, 100, 20, 200);
        asOf.reached(history, 200);
        asOf.keepWithin(history);
        assertThat(asOf.nanos()).isEqualTo(20);
        asOf.keepWithin(history(10, 100, 20, 200));
        assertThat(asOf.nanos()).isEqualTo(Instants.UNKNOWN);
    }

    @Test
    void forgets() {
        History history = history(10, 100, 20, 200);
        asOf.reached(history, 200);
        asOf.forget();
        assertThat(asOf.nanos()).isEqualTo(Instants.UNKNOWN);
        asOf.reached(history, 100);
        assertThat(asOf.nanos()).isEqualTo(10);
    }

    private static History history(long firstNanos, long firstOffset, long secondNanos, long secondOffset) {
        History history = new History("p", "h1");
        history.sample(firstNanos, firstNanos, firstOffset);
        history.sample(secondNanos, secondNanos, secondOffset);
        history.prove(Instants.FOREVER);
        return history;
    }
}
