package io.tidegate.routing.sim;

import io.tidegate.routing.sim.Simulation.Summary;
import io.tidegate.routing.sim.Violation.Invariant;
import java.util.Objects;
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
        Simulation simulation = new Simulation(seed, fault);
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

    /** What broke, how to see it again, and what led to it. */
    String story() {
        return Objects.requireNonNull(violation).getMessage() + "\n" + simulation + " (again: -Dtidegate.sim.seed="
                + simulation.seed() + ")\n" + simulation.truth.trace();
    }
}
