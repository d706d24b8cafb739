package io.tidegate.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpreadTest {
    @Test
    void isTheMedianBetweenTheLeastAndTheMost() {
        assertThat(Spread.of(List.of(9.0, 1.0, 2.0))).isEqualTo(new Spread(2, 1, 9));
        assertThat(Spread.of(List.of(9.0, 1.0, 2.0, 4.0))).isEqualTo(new Spread(3, 1, 9));
        assertThat(Spread.of(List.of(5.0))).isEqualTo(new Spread(5, 5, 5));
        assertThatThrownBy(() -> Spread.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void comparesRoundByRound() {
        // Twice as much in every round, on a machine that was four times as slow in the last.
        assertThat(Spread.ofRatios(List.of(20.0, 40.0, 10.0), List.of(10.0, 20.0, 5.0)))
                .isEqualTo(new Spread(2, 2, 2));
        assertThatThrownBy(() -> Spread.ofRatios(List.of(1.0), List.of(1.0, 2.0)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0.24449, 0.244",
        "0.00012345, 0.000123",
        "0.5, 0.500",
        "7, 7.00",
        "7.128, 7.13",
        "50, 50.0",
        "12.96, 13.0",
        "999.6, 1000",
        "1170342, 1170000",
        "NaN, –",
        "Infinity, –"
    })
    void showsThreeDigits(double value, String text) {
        assertThat(Spread.digits(value)).isEqualTo(text);
    }

    @Test
    void showsOneValueAsOne() {
        assertThat(new Spread(7, 7, 7)).hasToString("7.00");
        assertThat(new Spread(7, 6.5, 8.021)).hasToString("7.00 [6.50–8.02]");
    }
}
