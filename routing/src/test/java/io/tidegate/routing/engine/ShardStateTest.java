package io.tidegate.routing.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.RoutingTable.WriteGate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShardStateTest {

    @ParameterizedTest
    @CsvSource(useHeadersInDisplayName = true, textBlock = """
                    STATE,        ADOPTED, DOUBT,        SUCCESSOR,    CONFLICT, REASSURED, WITHDRAWN
                    SEEKING,      SERVING, SEEKING,      SEEKING,      SPLIT,    SEEKING,   SEEKING
                    SERVING,      SERVING, FENCED,       CUTTING_OVER, SPLIT,    SERVING,   SERVING
                    FENCED,       SERVING, FENCED,       CUTTING_OVER, SPLIT,    SERVING,   FENCED
                    CUTTING_OVER, SERVING, CUTTING_OVER, CUTTING_OVER, SPLIT,    SERVING,   CUTTING_OVER
                    SPLIT,        SERVING, SPLIT,        SPLIT,        SPLIT,    SERVING,   SEEKING
                    """)
    void goesWhereTheTableSays(
            ShardState state,
            ShardState adopted,
            ShardState doubt,
            ShardState successor,
            ShardState conflict,
            ShardState reassured,
            ShardState withdrawn) {
        assertThat(state.on(Sign.ADOPTED)).isEqualTo(adopted);
        assertThat(state.on(Sign.DOUBT)).isEqualTo(doubt);
        assertThat(state.on(Sign.SUCCESSOR)).isEqualTo(successor);
        assertThat(state.on(Sign.CONFLICT)).isEqualTo(conflict);
        assertThat(state.on(Sign.REASSURED)).isEqualTo(reassured);
        assertThat(state.on(Sign.WITHDRAWN)).isEqualTo(withdrawn);
    }

    @Test
    void onlyServingOpensTheGate() {
        for (ShardState state : ShardState.values()) {
            assertThat(state.gate().open()).as("gate of %s", state).isEqualTo(state == ShardState.SERVING);
        }
        assertThat(ShardState.SEEKING.gate()).isEqualTo(WriteGate.NO_CLAIM);
        assertThat(ShardState.CUTTING_OVER.gate()).isEqualTo(WriteGate.CUTTING_OVER);
    }
}
