package io.tidegate.bench.alone;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void hasRowsAndColumnsAsTheyCameAndRatiosWithinRounds() {
        Table table = new Table("loops");
        for (double slow : new double[] {1, 1, 2}) {
            table.add("1", "CPU", 10 * slow);
            table.add("2", "CPU", 11 * slow);
            table.add("2", "clients", 5);
        }
        table.addRatio(List.of("2", "3"), "1", "CPU", "CPU × 1");

        assertThat(table.text()).isEqualTo("""
                | loops | CPU              | clients | CPU × 1 |
                | ----- | ---------------- | ------- | ------- |
                | 1     | 10.0 [10.0–20.0] | –       | –       |
                | 2     | 11.0 [11.0–22.0] | 5.00    | 1.10    |
                """);
    }
}
