package io.tidegate.routing.sim;

import static io.tidegate.routing.sim.EventQueue.MILLIS;
import static io.tidegate.routing.sim.EventQueue.SECONDS;

import io.tidegate.routing.RandomSource;
import java.util.ArrayList;
import java.util.List;

/**
 * What goes wrong, by lot: a few faults one after the other and overlapping, each with an end. A fault is an entry of
 * {@link Fault}; how often each is drawn is its weight.
 */
final class Scenario {
    private final Simulation world;
    private final RandomSource random;
    private final EventQueue queue;
    private final Operator operator;

    private enum Fault {
        CRASH_PRIMARY(3),
        CRASH_NODE(1),
        CRASH_SENTINEL(1),
        FREEZE_PRIMARY(3),
        FREEZE_NODE(1),
        FREEZE_SENTINEL(1),
        FREEZE_PROXY(1),
        SLEEP_THROUGH_AN_ELECTION(2),
        ISOLATE_PRIMARY(3),
        ISOLATE_SENTINEL(1),
        CUT_PROXY_OFF_SENTINELS(2),
        CUT_SENTINELS_OFF_PRIMARY(3),
        CUT_REPLICATION(2),
        CUT_AT_RANDOM(1),
        CUT_IN_TWO(3),
        LOSE_CONNECTIONS(2),
        SLOW_REPLICA(3),
        ELECT_BEHIND_A_SLOW_WAY(4),
        ELECT_OUT_OF_HEARING(4),
        SLOW_WAY_TO_NODES(4),
        CUT_ONE_WAY(3),
        SLOW_LINKS(1),
        FORCE_FAILOVER(3),
        RESET_SENTINELS(2),
        SET_DOWN_AFTER(2),
        SET_QUORUM(2),
        REMOVE_SENTINEL(1),
        ADD_REPLICA(1),
        RESTART_PRIMARY_EMPTY(2),
        KILL_CLIENTS(2),
        LOSE_SENTINEL_STATE(1);

        private static final List<Fault> BY_WEIGHT = byWeight();
        private final int weight;

        Fault(int weight) {
            this.weight = weight;
        }

        private static List<Fault> byWeight() {
            List<Fault> all = new ArrayList<>();
            for (Fault fault : values()) {
                for (int i = 0; i < fault.weight; i++) {
                    all.add(fault);
                }
            }
            return all;
        }
    }

    Scenario(Simulation world, RandomSource random) {
        this.world = world;
        this.random = random;
        this.operator = new Operator(world, random);
        this.queue = world.queue;
    }

    /** Puts {@code faults} faults between two instants. */
    void plan(int faults, long fromNanos, long toNanos) {
        for (int i = 0; i < faults; i++) {
            Fault fault = Fault.BY_WEIGHT.get(random.next(Fault.BY_WEIGHT.size()));
            queue.at(fromNanos + millis((toNanos - fromNanos) / MILLIS), () -> strike(fault));
        }
        for (long at = fromNanos; at < toNanos; at += 3 * SECONDS) {
            queue.at(at + millis(3000), () -> any(world.nodes).save());
        }
    }

    /** Everything runs and everybody reaches everybody again. */
    void makePeace() {
        world.truth.note("peace");
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

    private void strike(Fault fault) {
        world.truth.note("fault " + fault);
        world.pace.hurry();
        switch (fault) {
            case CRASH_PRIMARY -> crash(world.primary());
            case CRASH_NODE -> crash(any(world.nodes));
            case CRASH_SENTINEL -> crash(any(world.sentinels));
            case FREEZE_PRIMARY -> freeze(world.primary(), 6000);
            case FREEZE_NODE -> freeze(any(world.nodes), 4000);
            case FREEZE_SENTINEL -> freeze(any(world.sentinels), 4000);
            case FREEZE_PROXY -> freeze(any(world.proxies), 3000);
            case SLEEP_THROUGH_AN_ELECTION -> {
                freeze(any(world.proxies), 8000);
                cut(List.of(world.primary()), world.sentinels);
            }
            case ISOLATE_PRIMARY -> cut(List.of(world.primary()), world.processes());
            case ISOLATE_SENTINEL -> cut(List.of(any(world.sentinels)), world.processes());
            case CUT_PROXY_OFF_SENTINELS -> cut(List.of(any(world.proxies)), some(world.sentinels));
            case CUT_SENTINELS_OFF_PRIMARY -> cut(List.of(world.primary()), some(world.sentinels));
            case CUT_REPLICATION -> cut(List.of(any(world.nodes)), world.nodes);
            case CUT_AT_RANDOM -> cut(some(world.processes()), some(world.processes()));
            case CUT_IN_TWO -> {
                List<SimProcess> one = some(world.processes());
                cut(
                        one,
                        world.processes().stream()
                                .filter(other -> !one.contains(other))
                                .toList());
            }
            case LOSE_CONNECTIONS -> world.network.loseConnections(1 + random.next(10));
            case SLOW_REPLICA -> slow(any(world.nodes));
            case ELECT_BEHIND_A_SLOW_WAY -> {
                slow(any(world.proxies), world.sentinels);
                cut(List.of(world.primary()), world.sentinels);
            }
            case ELECT_OUT_OF_HEARING -> {
                SimSentinel heard = any(world.sentinels);
                List<SimSentinel> others = world.sentinels.stream()
                        .filter(sentinel -> sentinel != heard)
                        .toList();
                world.proxies.forEach(proxy -> cut(List.of(proxy), others));
                cut(List.of(world.primary()), others);
            }
            case SLOW_WAY_TO_NODES -> slow(any(world.proxies), world.nodes);
            case CUT_ONE_WAY -> deafen(some(world.processes()), some(world.processes()));
            case SLOW_LINKS -> some(world.processes()).forEach(one -> slow(one, some(world.processes())));
            case FORCE_FAILOVER -> operator.forceFailover();
            case RESET_SENTINELS -> operator.reset();
            case SET_DOWN_AFTER -> operator.setDownAfter();
            case SET_QUORUM -> operator.setQuorum();
            case REMOVE_SENTINEL -> operator.removeSentinel();
            case ADD_REPLICA -> operator.addReplica();
            case RESTART_PRIMARY_EMPTY -> operator.restartPrimaryEmpty();
            case KILL_CLIENTS -> operator.killClients();
            case LOSE_SENTINEL_STATE -> operator.loseSentinelState();
        }
    }

    private void crash(SimProcess process) {
        if (process.alive()) {
            process.crash();
            queue.after(millis(8000), () -> {
                if (!process.alive() && !world.removed.contains(process)) {
                    process.restart();
                }
            });
        }
    }

    private void freeze(SimProcess process, int millis) {
        if (process.alive() && !process.frozen()) {
            process.freeze();
            int life = process.life();
            queue.after(millis(millis), () -> {
                if (process.life() == life && process.frozen()) {
                    process.thaw();
                }
            });
        }
    }

    private void cut(List<? extends SimProcess> some, List<? extends SimProcess> others) {
        for (SimProcess one : some) {
            for (SimProcess other : others) {
                if (one != other) {
                    world.network.partition(one, other);
                }
            }
        }
        queue.after(millis(8000), world.network::heal);
    }

    private void slow(SimProcess one, List<? extends SimProcess> others) {
        others.forEach(other -> world.network.slowDown(one, other));
        queue.after(millis(8000), world.network::heal);
    }

    private void slow(SimNode node) {
        node.delayFeed(millis(1500));
        queue.after(millis(5000), () -> node.delayFeed(0));
    }

    private void deafen(List<SimProcess> from, List<SimProcess> to) {
        for (SimProcess one : from) {
            for (SimProcess other : to) {
                if (one != other) {
                    world.network.deafen(one, other);
                }
            }
        }
        queue.after(millis(8000), world.network::heal);
    }

    private long millis(long most) {
        return random.next((int) most) * MILLIS;
    }

    private <T> T any(List<T> all) {
        return all.get(random.next(all.size()));
    }

    private <T> List<T> some(List<T> all) {
        List<T> some = new ArrayList<>();
        for (T each : all) {
            if (random.next(2) == 0) {
                some.add(each);
            }
        }
        return some;
    }
}
