package io.tidegate.bench.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ProbesTest {
    private static final String SET = "calls=900,usec=1800,usec_per_call=2.00,rejected_calls=0,failed_calls=0";
    private static final String ROLE = "calls=30,usec=60,usec_per_call=2.00,rejected_calls=0,failed_calls=0";
    private static final String INFO = "calls=4,usec=200,usec_per_call=50.00,rejected_calls=0,failed_calls=0";

    @Test
    void areRoleAndInfoAndNothingElse() {
        assertThat(Probes.of(Map.of("cmdstat_set", SET, "cmdstat_role", ROLE, "cmdstat_info", INFO)))
                .isEqualTo(new Probes(34, 260));
        assertThat(Probes.of(Map.of("cmdstat_set", SET, "cmdstat_info", INFO))).isEqualTo(new Probes(4, 200));
    }

    @Test
    void areCountedFromAnEarlierInstant() {
        assertThat(new Probes(34, 260).since(new Probes(4, 200))).isEqualTo(new Probes(30, 60));
    }

    @Test
    void areNotGuessed() {
        assertThatThrownBy(() -> Probes.of(Map.of("cmdstat_role", "many")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("cmdstat_role: 'many' (expected: calls=N,usec=N,…)");
    }
}
