package io.tidegate.routing.sim;

import static io.tidegate.routing.sim.EventQueue.MILLIS;

import io.tidegate.routing.RandomSource;
import java.util.List;

/** What people do to a running shard, in good faith and in bad moments. */
final class Operator {
    private static final int NODES_MAX = 4;

    private final Simulation world;
    private final RandomSource random;

    Operator(Simulation world, RandomSource random) {
        this.world = world;
        this.random = random;
    }

    /** {@code SENTINEL FAILOVER}. */
    void forceFailover() {
        at(any(world.remaining()), SimSentinel::forceFailover);
    }

    /** {@code SENTINEL RESET}, on one or, one after the other, on all. */
    void reset() {
        onOneOrAll(SimSentinel::reset);
    }

    /** {@code SENTINEL SET mymaster down-after-milliseconds}. */
    void setDownAfter() {
        long downAfterMillis = 500L + random.next(1500);
        onOneOrAll(sentinel -> sentinel.set(sentinel.settings.withDownAfter(downAfterMillis)));
    }

    /** {@code SENTINEL SET mymaster quorum}. */
    void setQuorum() {
        int quorum = 1 + random.next(world.sentinels.size());
        onOneOrAll(sentinel -> sentinel.set(sentinel.settings.withQuorum(quorum)));
    }

    /** As the document says: stop it for good, then reset the others, with time in between. */
    void removeSentinel() {
        if (!world.removed.isEmpty()) {
            return;
        }
        SimSentinel gone = any(world.sentinels);
        world.removed.add(gone);
        gone.failover.forgotten();
        if (gone.alive()) {
            gone.crash();
        }
        long afterMillis = 500;
        for (SimSentinel other : world.remaining()) {
            afterMillis += random.next(3000);
            world.queue.after(afterMillis * MILLIS, () -> at(other, SimSentinel::reset));
        }
    }

    void addReplica() {
        if (world.nodes.size() < NODES_MAX) {
            world.addReplica();
        }
    }

    /** The primary is restarted so fast that nobody calls it down, and its disk is a new one. */
    void restartPrimaryEmpty() {
        SimNode primary = world.primary();
        if (primary.alive()) {
            primary.crash();
            primary.wipe();
            world.queue.after(random.next(400) * MILLIS, () -> {
                if (!primary.alive()) {
                    primary.restart();
                }
            });
        }
    }

    /** {@code CLIENT KILL}, on any node. */
    void killClients() {
        SimNode node = any(world.nodes);
        node.inside(node.life(), node::killClients);
    }

    /**
     * A sentinel starts again without its configuration file. Nothing is promised about elections from here on; that
     * nothing runs twice, that answers come and that all ends well still is.
     */
    void loseSentinelState() {
        SimSentinel sentinel = any(world.remaining());
        if (sentinel.alive()) {
            sentinel.crash();
        }
        world.truth.lostState(sentinel);
        sentinel.loseState();
        world.queue.after(random.next(3000) * MILLIS, () -> {
            if (!sentinel.alive() && !world.removed.contains(sentinel)) {
                sentinel.restart();
            }
        });
    }

    private interface Deed {
        void on(SimSentinel sentinel);
    }

    private void onOneOrAll(Deed deed) {
        if (random.next(3) == 0) {
            at(any(world.remaining()), deed);
            return;
        }
        long afterMillis = 0;
        for (SimSentinel sentinel : world.remaining()) {
            world.queue.after(afterMillis * MILLIS, () -> at(sentinel, deed));
            afterMillis += random.next(1000);
        }
    }

    private static void at(SimSentinel sentinel, Deed deed) {
        sentinel.inside(sentinel.life(), () -> deed.on(sentinel));
    }

    private <T> T any(List<T> all) {
        return all.get(random.next(all.size()));
    }
}
