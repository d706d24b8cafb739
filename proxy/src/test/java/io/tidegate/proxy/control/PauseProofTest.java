package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A pause of 100 with a margin of 10; instants are small numbers, since none has a unit here. */
class PauseProofTest {
    private final PauseProof proof = new PauseProof(100, 10);

    @Test
    void nothingIsProvenBeforeItWasAnswered() {
        assertThat(proof.holds(0)).isFalse();
    }

    @Test
    void itIsCountedFromWhenItWasSentAndLessTheMargin() {
        proof.paused(1_000, 1_040);
        assertThat(proof.holds(1_089)).isTrue();
        assertThat(proof.holds(1_090)).isFalse();
    }

    @Test
    void aRenewalThatIsAnsweredInTimeCarriesItOn() {
        proof.paused(1_000, 1_040);
        proof.paused(1_080, 1_089);
        assertThat(proof.holds(1_169)).isTrue();
        assertThat(proof.holds(1_170)).isFalse();
    }

    @Test
    void oneThatIsAnsweredTooLateMayHaveComeAfterAGap() {
        proof.paused(1_000, 1_040);
        proof.paused(1_080, 1_090);
        assertThat(proof.holds(1_091)).isFalse();
        proof.paused(1_095, 1_096);
        assertThat(proof.holds(1_097)).as("the gap stays one").isFalse();
    }

    @Test
    void answersInAnotherOrderTakeNothingBack() {
        proof.paused(1_050, 1_060);
        proof.paused(1_000, 1_070);
        assertThat(proof.holds(1_139)).isTrue();
    }
}
