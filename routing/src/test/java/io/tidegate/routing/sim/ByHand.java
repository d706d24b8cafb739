package io.tidegate.routing.sim;

import static io.tidegate.routing.sim.EventQueue.MILLIS;

import io.tidegate.routing.RandomSource;
import java.util.List;

/** What people do to a shard without sentinels: they promote, redirect, clone and tell proxies whom to believe. */
final class ByHand {
    private static final long LATE_MILLIS = 3000;

    private final Simulation world;
    private final RandomSource random;

    ByHand(Simulation world, RandomSource random) {
        this.world = world;
        this.random = random;
    }

    /** A replica is promoted, and the others, the old primary too unless it is left to itself, follow it: some time later. */
    void promote(boolean oldToo) {
        SimNode old = world.primary();
        SimNode next = otherThan(old);
        if (!next.alive()) {
            return;
        }
        next.obey(null);
        world.agreeOn(next);
        for (SimNode node : world.nodes) {
            if (node != next && (oldToo || node != old)) {
                world.queue.after(random.next((int) LATE_MILLIS) * MILLIS, () -> {
                    if (world.primary() == next) {
                        node.obey(next.address);
                    }
                });
            }
        }
    }

    /** A replica is made a primary of its own for a backup, and a replica again after that. */
    void cloneOne() {
        SimNode clone = otherThan(world.primary());
        clone.obey(null);
        world.queue.after(random.next((int) LATE_MILLIS) * MILLIS, () -> {
            if (world.primary() != clone) {
                clone.obey(world.primary().address);
            }
        });
    }

    /** A replica falls behind, the other one is made its replica, and the primary's again after that. */
    void chain() {
        SimNode behind = otherThan(world.primary());
        behind.delayFeed(2 * LATE_MILLIS * MILLIS);
        world.queue.after(2 * LATE_MILLIS * MILLIS, () -> behind.delayFeed(0));
        for (SimNode node : world.nodes) {
            if (node != behind && node != world.primary()) {
                world.queue.after(LATE_MILLIS / 2 * MILLIS, () -> follow(node, behind));
                world.queue.after(2 * LATE_MILLIS * MILLIS, () -> follow(node, world.primary()));
            }
        }
    }

    private void follow(SimNode node, SimNode leader) {
        if (node != leader && node != world.primary()) {
            node.obey(leader.address);
        }
    }

    /**
     * The primary is made a replica of a node that came back empty, and then of another such one that it does not reach at
     * once. Nobody hears either until the primary was turned; then all hear the first.
     */
    void turn() {
        SimNode turned = world.primary();
        List<SimNode> strangers =
                world.nodes.stream().filter(node -> node != turned).toList();
        if (strangers.size() < 2) {
            return;
        }
        SimNode first = strangers.get(0);
        SimNode second = strangers.get(1);
        strangers.forEach(stranger -> {
            world.proxies.forEach(proxy -> world.network.partition(proxy, stranger));
            estrange(stranger);
        });
        turned.obey(first.address);
        world.queue.after(LATE_MILLIS / 2 * MILLIS, () -> {
            world.network.partition(turned, second);
            turned.obey(second.address);
            world.proxies.forEach(proxy -> world.network.mend(proxy, first));
        });
        world.queue.after(LATE_MILLIS * MILLIS, () -> {
            world.pace.hurry();
            world.network.mend(turned, second);
        });
        world.queue.after((2 * LATE_MILLIS + random.next((int) LATE_MILLIS)) * MILLIS, world.network::heal);
    }

    /** A node comes back on an empty disk, as a primary of nobody's data. */
    void estrange() {
        estrange(otherThan(world.primary()));
    }

    private void estrange(SimNode node) {
        if (node.alive()) {
            node.crash();
            node.wipe();
            node.restart();
            node.obey(null);
        }
    }

    /** {@code PROXY FENCE RELEASE} for the node that is meant to be primary. */
    void release() {
        world.proxies.forEach(proxy -> proxy.inside(proxy.life(), () -> proxy.release(world.primary().address)));
    }

    /** In the end somebody puts everything in order. */
    void putInOrder(boolean released) {
        SimNode primary = world.primary();
        if (!primary.primary()) {
            primary.obey(null);
        }
        for (SimNode node : world.nodes) {
            if (node != primary && !primary.address.equals(node.follows())) {
                node.obey(primary.address);
            }
        }
        if (released) {
            release();
        }
    }

    private SimNode otherThan(SimNode primary) {
        List<SimNode> others =
                world.nodes.stream().filter(node -> node != primary).toList();
        return others.get(random.next(others.size()));
    }
}
