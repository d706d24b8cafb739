package io.tidegate.bench.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpusTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"0-1|1|0", "0-63|1|0", "3,7|7|3", "2-3,9|3|2", "0,4-7|4|0"})
    void takesTheFirstTwoThatItMayUse(String allowed, String proxy, String others) {
        String status =
                "Name:\tjava\nCpus_allowed:\tff\nCpus_allowed_list:\t" + allowed + "\nMems_allowed_list:\t0-1\n";
        assertThat(Cpus.of(status)).isEqualTo(new Cpus(proxy, others));
    }

    @Test
    void pinsNothingWithoutAChoice() {
        assertThat(Cpus.of("Cpus_allowed_list:\t5\n")).isEqualTo(Cpus.ANY);
        assertThat(Cpus.of("Name:\tjava\n")).isEqualTo(Cpus.ANY);
        assertThat(Cpus.pinned("", List.of("redis-server"))).containsExactly("redis-server");
        assertThat(Cpus.pinned("1", List.of("redis-server"))).containsExactly("taskset", "-c", "1", "redis-server");
    }
}
