package io.tidegate.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SetupTest {
    @Test
    void planSaysHowLongItTakes() {
        Setup setup = new Setup(50, List.of(1, 16), 16, 0, 5, 3_000, 9_000, 0);
        // 60 measurements of 3.5 s, 27 s to warm up in six parts that have a lead of half a second each, a second for
        // the keys.
        assertThat(Comparison.planned(setup, 3)).isEqualTo(Duration.ofSeconds(210 + 27 + 3 + 1));
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatThrownBy(() -> new Setup(50, List.of(), 16, 0, 5, 3_000, 9_000, 0))
                .hasMessageContaining("pipelines");
        assertThatThrownBy(() -> new Setup(50, List.of(1), 16, 0, 0, 3_000, 9_000, 0))
                .hasMessageContaining("rounds");
        assertThatThrownBy(() -> new Setup(0, List.of(1), 16, 0, 5, 3_000, 9_000, 0))
                .hasMessageContaining("connections");
    }
}
