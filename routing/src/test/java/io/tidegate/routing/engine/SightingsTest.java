package io.tidegate.routing.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.Instants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SightingsTest {
    private final Sightings sightings = new Sightings();

    @Test
    void nothingWasReachedBeforeTheFirst() {
        assertThat(sightings.reached(0)).isEqualTo(Instants.FOREVER);
    }

    @Test
    void anOffsetWasReachedByTheFirstSightingAtOrBeyondIt() {
        sightings.add(10, 100);
        sightings.add(20, 200);
        sightings.add(30, 200);
        assertThat(sightings.reached(99)).isEqualTo(10);
        assertThat(sightings.reached(100)).isEqualTo(10);
        assertThat(sightings.reached(101)).isEqualTo(20);
        assertThat(sightings.reached(200)).isEqualTo(20);
        assertThat(sightings.reached(201)).isEqualTo(Instants.FOREVER);
    }

    /** Of sightings every instant, whose offset is ten times that: exact near the end, never too early anywhere. */
    @ParameterizedTest
    @ValueSource(ints = {255, 256, 257, 400, 10_000})
    void thinningIsNeverTooEarlyAndLeavesTheEndAsItWas(int count) {
        for (int i = 1; i <= count; i++) {
            sightings.add(i, 10L * i);
        }
        for (int i = 1; i <= count; i++) {
            assertThat(sightings.reached(10L * i)).isBetween((long) i, (long) count);
        }
        for (int i = count - Limits.SIGHTINGS_MAX / 2 + 1; i <= count; i++) {
            assertThat(sightings.reached(10L * i)).isEqualTo(i);
        }
    }
}
