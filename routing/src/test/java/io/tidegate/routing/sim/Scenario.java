package io.tidegate.routing.sim;

import static io.tidegate.routing.sim.EventQueue.MILLIS;
import static io.tidegate.routing.sim.EventQueue.SECONDS;

import io.tidegate.routing.RandomSource;
import io.tidegate.routing.sim.Strike.Fault;
import java.util.List;

/** What goes wrong, by lot: a few {@link Strike}s one after the other and overlapping, and peace in the end. */
final class Scenario {
    private final Simulation world;
    private final RandomSource random;

    Scenario(Simulation world, RandomSource random) {
        this.world = world;
        this.random = random;
    }

    /** Puts {@code faults} faults between two instants. */
    void plan(int faults, long fromNanos, long toNanos) {
        for (int i = 0; i < faults; i++) {
            List<Fault> all = world.faults();
            Fault fault = all.get(random.next(all.size()));
            Strike strike = new Strike(world, fault, new RandomSource(random.next()));
            long atNanos = within(fromNanos, toNanos);
            if (world.has("fault-" + i)) {
                world.queue.at(atNanos, strike::happen);
            }
        }
        if (world.clocksStep() && world.has("steps")) {
            Strike strike = new Strike(world, Fault.ELECT_BY_STEPPED_CLOCKS, new RandomSource(random.next()));
            world.queue.at(fromNanos, strike::happen);
        }
        if (!world.heldDownBy().isEmpty() && world.has("old-answer")) {
            Strike strike = new Strike(world, Fault.ELECT_ON_AN_OLD_ANSWER, new RandomSource(random.next()));
            world.queue.at(fromNanos, strike::happen);
        }
        for (long at = fromNanos; at < toNanos; at += 3 * SECONDS) {
            int node = random.next(world.nodes.size());
            world.queue.at(
                    within(at, at + 3 * SECONDS), () -> world.nodes.get(node).save());
        }
    }

    private long within(long fromNanos, long toNanos) {
        return fromNanos + random.next((int) ((toNanos - fromNanos) / MILLIS)) * MILLIS;
    }

    /** Everything runs and everybody reaches everybody again. */
    void makePeace() {
        world.truth.note("peace");
        world.pace.makePeace();
        world.network.heal();
        world.processes().forEach(process -> {
            if (process.frozen()) {
                process.thaw();
            }
            if (!process.alive() && !world.removed.contains(process)) {
                process.restart();
            }
        });
        world.nodes.forEach(node -> node.delayFeed(0));
    }
}
