package io.tidegate.routing.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.sim.Simulation.Summary;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every seed keeps the promises; and if a promise could not be kept, some seed would tell. */
class SimulationTest {
    private static final long SEEDS = Long.getLong("tidegate.sim.seeds", 10_000);
    private static final @Nullable Long ONE_SEED = Long.getLong("tidegate.sim.seed");
    private static final PlantedFault PLANTED =
            PlantedFault.valueOf(System.getProperty("tidegate.sim.planted", "NONE"));
    private static final Set<String> WITHOUT =
            Set.of(System.getProperty("tidegate.sim.without", "nothing").split(","));

    /** How many seeds a planted fault may take; the hardest to see show in one of three hundred. */
    private static final long SEEDS_PER_FAULT = 600;

    @Test
    void everySeedKeepsThePromises() {
        if (ONE_SEED != null) {
            assertThat(broken(Run.of(ONE_SEED, PLANTED, WITHOUT))).isEmpty();
            return;
        }
        List<Summary> summaries = LongStream.rangeClosed(1, SEEDS)
                .parallel()
                .mapToObj(seed -> Run.of(seed, PlantedFault.NONE))
                .peek(run -> assertThat(broken(run)).isEmpty())
                .map(Run::summary)
                .toList();

        assertSomethingHappened(summaries);
    }

    /** What it took to break a promise once, before it was mended. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = "64787 proxy-1-client-0,proxy-1-client-1,proxy-1-client-2,proxy-1-client-3,fault-0,fault-2")
    void whatBrokeAPromiseOnceDoesNot(long seed, String without) {
        assertThat(broken(Run.of(seed, PlantedFault.NONE, Set.of(without.split(",")))))
                .isEmpty();
    }

    /** The story of a run that failed, as short as it gets. */
    private static Optional<String> broken(Run run) {
        return run.failed() ? Optional.of(run.shrunk().story()) : Optional.empty();
    }

    @Test
    void aStoryIsShrunkToWhatItTakes() {
        Run broken = LongStream.iterate(1, seed -> seed + 1)
                .mapToObj(seed -> Run.of(seed, PlantedFault.REPLAYS_UNCERTAIN))
                .filter(Run::failed)
                .findFirst()
                .orElseThrow();

        Run shrunk = broken.shrunk();

        assertThat(shrunk.violated()).isEqualTo(broken.violated());
        assertThat(shrunk.parts()).hasSizeLessThan(broken.parts().size());
        assertThat(shrunk.parts())
                .as("what it takes: leave out any of these, and nothing breaks")
                .allSatisfy(part -> assertThat(shrunk.without(part))
                        .matches(less -> !less.failed() || less.violated() != broken.violated()));
        assertThat(shrunk.story()).contains("-Dtidegate.sim.without=");
    }

    /** Promises are easily kept where nothing goes wrong, or nothing is done. */
    private static void assertSomethingHappened(List<Summary> summaries) {
        assertThat(summaries.stream().mapToInt(Summary::promotions).sum()).isGreaterThan(summaries.size() / 3);
        assertThat(summaries.stream().mapToInt(Summary::uncertain).sum()).isPositive();
        assertThat(summaries.stream().mapToInt(Summary::kept).sum()).isGreaterThan(summaries.size() / 10);
        assertThat(summaries.stream().mapToInt(Summary::sentAgain).sum())
                .as("writes that were provably gone")
                .isGreaterThan(summaries.size() / 100);
        assertThat(summaries.stream().mapToInt(Summary::notExecuted).sum()).isPositive();
        assertThat(summaries.stream().filter(Summary::divided).count()).isLessThanOrEqualTo(1 + summaries.size() / 100);
        int done = summaries.stream().mapToInt(Summary::done).sum();
        assertThat(summaries.stream().mapToInt(Summary::replicaReads).sum()).isGreaterThan(done / 5);
        assertThat(summaries.stream().mapToInt(Summary::strongByReplica).sum()).isGreaterThan(done / 200);
    }

    @Test
    void aSeedIsARun() {
        for (long seed = 1; seed <= 5; seed++) {
            Summary first = new Simulation(seed, PlantedFault.NONE).run();
            Summary second = new Simulation(seed, PlantedFault.NONE).run();

            assertThat(second).isEqualTo(first);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aPlantedFaultIsNoticed(PlantedFault fault) {
        Run caught = LongStream.rangeClosed(1, SEEDS_PER_FAULT)
                .parallel()
                .mapToObj(seed -> Run.of(seed, fault))
                .filter(Run::failed)
                .findFirst()
                .orElseThrow(() -> new AssertionError(fault + " went unnoticed in " + SEEDS_PER_FAULT + " seeds"));

        assertThat(caught.violated()).as(caught.story()).isIn(fault.caughtBy());
    }
}
