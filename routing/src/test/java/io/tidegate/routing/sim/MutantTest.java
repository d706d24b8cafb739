package io.tidegate.routing.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever takes a safeguard out of the engine is told so by a seed. */
class MutantTest {
    private static final long SEEDS = Long.getLong("tidegate.sim.mutant-seeds", 200);
    private static final boolean ALL = Boolean.getBoolean("tidegate.sim.mutants-all");

    /** Those that found mutants before are tried first: a world of its own loader begins cold, and is slow. */
    private static final long[] LUCKY = {4, 6, 32, 50, 54, 101, 125, 175, 179, 418, 875, 1012, 1355};

    static Stream<Mutant> mutants() {
        return Arrays.stream(Mutant.values()).filter(mutant -> ALL || !mutant.rare());
    }

    /** What it takes more to find than this world often makes happen at once is told as a story. */
    @ParameterizedTest
    @EnumSource
    void aMutantSpoilsAStory(Mutant mutant) {
        assertThat(mutant.storySpoilt())
                .as(mutant + ", which every story bears")
                .isNotNull();
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void aMutantIsNoticed(Mutant mutant) {
        LongFunction<@Nullable String> world = mutant.world();
        List<String> found = Stream.of(LongStream.of(LUCKY), LongStream.rangeClosed(1, SEEDS))
                .flatMap(seeds -> seeds.parallel().mapToObj(world).filter(Objects::nonNull).findAny().stream())
                .limit(1)
                .toList();

        assertThat(found)
                .as(mutant + ", which broke nothing in " + SEEDS + " seeds")
                .isNotEmpty();
        assertThat(found.get(0))
                .as("an invariant, with the seed that broke it")
                .startsWith("I")
                .contains("seed ");
    }
}
