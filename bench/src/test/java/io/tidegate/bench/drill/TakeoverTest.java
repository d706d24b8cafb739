package io.tidegate.bench.drill;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class TakeoverTest {
    private static final String LOG = """
            15976:S 28 Nov 2026 19:36:39.780 * Connecting to MASTER 127.0.0.1:7998
            15976:M 28 Nov 2026 19:36:39.790 * MASTER MODE enabled (user request from 'id=5 addr=127.0.0.1:41702 db=0')
            15976:S 28 Nov 2026 19:36:41.000 * MASTER <-> REPLICA sync started
            15976:M 28 Nov 2026 19:36:42.007 * MASTER MODE enabled (user request from 'id=9 addr=127.0.0.1:41708 db=0')
            """;

    @Test
    void isEachOfTheLogInOrder() {
        assertThat(Takeover.of(LOG, ZoneOffset.UTC))
                .containsExactly(
                        Instant.parse("2026-11-28T19:36:39.790Z").toEpochMilli(),
                        Instant.parse("2026-11-28T19:36:42.007Z").toEpochMilli());
        assertThat(Takeover.of(LOG, ZoneId.of("America/New_York")))
                .last()
                .isEqualTo(Instant.parse("2026-11-29T00:36:42.007Z").toEpochMilli());
    }

    @Test
    void isNotThereWhereNobodyWasPromoted() {
        assertThat(Takeover.of(LOG.lines().findFirst().orElseThrow(), ZoneOffset.UTC))
                .isEmpty();
    }
}
