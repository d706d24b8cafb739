package io.tidegate.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.bench.load.Traffic;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SetupTest {
    @Test
    void planSaysHowLongItTakes() {
        Setup setup = setup(List.of(50), List.of(0), List.of(16), List.of(1, 16), 5);
        // 60 measurements of 3.5 s, 27 s to warm up in six parts that have a lead of half a second each, a second for
        // the keys.
        assertThat(setup.planned(3)).isEqualTo(Duration.ofSeconds(210 + 27 + 3 + 1));
    }

    @Test
    void everyNumberIsMeasuredWithEveryOther() {
        assertThat(Setup.cases(List.of(1, 50), List.of(0), List.of(16, 1024), List.of(1, 16)))
                .containsExactly(
                        new Traffic(1, 1, 16, 0),
                        new Traffic(1, 16, 16, 0),
                        new Traffic(1, 1, 1024, 0),
                        new Traffic(1, 16, 1024, 0),
                        new Traffic(50, 1, 16, 0),
                        new Traffic(50, 16, 16, 0),
                        new Traffic(50, 1, 1024, 0),
                        new Traffic(50, 16, 1024, 0));
        assertThat(setup(List.of(1, 50), List.of(0, 20), List.of(1024, 16), List.of(1), 1)
                        .valueBytes())
                .containsExactly(1024, 16);
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatThrownBy(() -> setup(List.of(50), List.of(0), List.of(16), List.of(), 5))
                .hasMessageContaining("cases: none");
        assertThatThrownBy(() -> setup(List.of(50), List.of(0), List.of(16), List.of(1, 1), 5))
                .hasMessageContaining("twice");
        assertThatThrownBy(() -> setup(List.of(50), List.of(0), List.of(16), List.of(1), 0))
                .hasMessageContaining("rounds");
        assertThatThrownBy(() -> setup(List.of(0), List.of(0), List.of(16), List.of(1), 5))
                .hasMessageContaining("connections");
    }

    private static Setup setup(
            List<Integer> connections,
            List<Integer> setPercents,
            List<Integer> valueBytes,
            List<Integer> pipelines,
            int rounds) {
        return new Setup(Setup.cases(connections, setPercents, valueBytes, pipelines), rounds, 3_000, 9_000, true, 0);
    }
}
