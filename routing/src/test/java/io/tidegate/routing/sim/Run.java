package io.tidegate.routing.sim;

import io.tidegate.routing.sim.Simulation.Summary;
import io.tidegate.routing.sim.Violation.Invariant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One run of a seed and how it ended: with a summary or with a violation. */
final class Run {
    private final Simulation simulation;
    private final @Nullable Summary summary;
    private final @Nullable Violation violation;

    private Run(Simulation simulation, @Nullable Summary summary, @Nullable Violation violation) {
        this.simulation = simulation;
        this.summary = summary;
        this.violation = violation;
    }

    static Run of(long seed, PlantedFault fault) {
        return of(seed, fault, Set.of());
    }

    static Run of(long seed, PlantedFault fault, Set<String> without) {
        return of(new Simulation(seed, fault, without));
    }

    private static Run of(Simulation simulation) {
        try {
            return new Run(simulation, simulation.run(), null);
        } catch (Violation violation) {
            return new Run(simulation, null, violation);
        } catch (RuntimeException e) {
            throw new AssertionError(simulation + " ended with " + e + "\n" + simulation.truth.trace(), e);
        }
    }

    boolean failed() {
        return violation != null;
    }

    Summary summary() {
        return Objects.requireNonNull(summary);
    }

    Invariant violated() {
        return Objects.requireNonNull(violation).invariant();
    }

    /** What could be left out of the world of this run. */
    Set<String> parts() {
        return simulation.parts();
    }

    Run without(String part) {
        return of(simulation.withoutAlso(part));
    }

    /**
     * The smallest run of this seed that breaks the same invariant, as far as leaving out one part after the other leads:
     * of a run that failed.
     */
    Run shrunk() {
        Run smallest = this;
        for (boolean smaller = true; smaller; ) {
            smaller = false;
            for (String part : List.copyOf(smallest.parts())) {
                Run tried = smallest.without(part);
                if (tried.failed() && tried.violated() == violated()) {
                    smallest = tried;
                    smaller = true;
                }
            }
        }
        return smallest;
    }

    /** What broke, how to see it again, and what led to it. */
    String story() {
        return Objects.requireNonNull(violation).getMessage() + "\n" + simulation + " (again: "
                + simulation.replayedBy() + ")\n" + simulation.truth.trace();
    }
}
