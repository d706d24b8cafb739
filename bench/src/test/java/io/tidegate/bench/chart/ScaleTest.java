package io.tidegate.bench.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScaleTest {
    @Test
    void valuesNearOneAnotherAreShownFromZero() {
        Scale scale = Scale.of(40, 95, 300, 100);
        assertThat(scale.logarithmic()).isFalse();
        assertThat(scale.ticks()).containsExactly(0.0, 20.0, 40.0, 60.0, 80.0, 100.0);
        assertThat(scale.at(0)).isEqualTo(300);
        assertThat(scale.at(50)).isEqualTo(200);
        assertThat(scale.at(100)).isEqualTo(100);
    }

    @Test
    void valuesFarFromOneAnotherAreShownByRatio() {
        Scale scale = Scale.of(0.22, 9.9, 300, 100);
        assertThat(scale.logarithmic()).isTrue();
        assertThat(scale.ticks()).containsExactly(0.2, 0.5, 1.0, 2.0, 5.0, 10.0);
        assertThat(scale.at(0.2)).isEqualTo(300);
        assertThat(scale.at(10)).isEqualTo(100);
        assertThat(scale.at(Math.sqrt(2))).isCloseTo(200, within(1e-9));
    }

    @Test
    void manyDecadesHaveATickEach() {
        assertThat(Ticks.logarithmic(3, 40_000)).containsExactly(1.0, 10.0, 100.0, 1_000.0, 10_000.0, 100_000.0);
    }

    @ParameterizedTest
    @CsvSource({"0.07, 0.02, 4", "0.3, 0.05, 6", "6, 1, 6", "7, 2, 4", "1560, 500, 4"})
    void stepsAreRoundAndReachTheGreatest(double max, double step, int steps) {
        assertThat(Ticks.linear(max, 6)).hasSize(steps + 1).startsWith(0.0, step);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"0|0", "0.2|0.2", "1500|1,500", "2000000|2,000,000", "10|10", "999|999"})
    void ticksAreReadable(double tick, String text) {
        assertThat(Ticks.text(tick)).isEqualTo(text);
    }
}
