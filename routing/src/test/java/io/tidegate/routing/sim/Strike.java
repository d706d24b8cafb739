package io.tidegate.routing.sim;

import static io.tidegate.routing.sim.EventQueue.MILLIS;
import static io.tidegate.routing.sim.EventQueue.SECONDS;

import io.tidegate.routing.RandomSource;
import java.util.ArrayList;
import java.util.List;

/**
 * One thing that goes wrong, with an end. It has a random source of its own, so that it goes wrong in the same way when
 * others are left out.
 */
final class Strike {
    private final Simulation world;
    private final Fault fault;
    private final RandomSource random;
    private final EventQueue queue;
    private final Operator operator;
    private final ByHand byHand;

    /** What can go wrong; how often each is drawn is its weight. */
    enum Fault {
        CRASH_PRIMARY(3),
        CRASH_TWO_PRIMARIES(2),
        CRASH_NODE(1),
        CRASH_SENTINEL(1),
        FREEZE_PRIMARY(3),
        FREEZE_PRIMARY_TILL_ELECTION(4),
        FREEZE_NODE(1),
        FREEZE_SENTINEL(1),
        FREEZE_PROXY(1),
        SLEEP_THROUGH_AN_ELECTION(2),
        FORCE_FAILOVER_UNAWARES(4),
        ISOLATE_PRIMARY(3),
        ISOLATE_SENTINEL(1),
        CUT_PROXY_OFF_SENTINELS(2),
        CUT_SENTINELS_OFF_PRIMARY(3),
        CUT_REPLICATION(2),
        CUT_AT_RANDOM(1),
        CUT_IN_TWO(3),
        LOSE_CONNECTIONS(2),
        CLOG_CONNECTIONS(3),
        SLOW_REPLICA(3),
        ELECT_BEHIND_A_SLOW_WAY(4),
        ELECT_OUT_OF_HEARING(4),
        MISLEAD_PROXY(2),
        /** Only where a sentinel has called the primary down from the beginning. */
        ELECT_ON_AN_OLD_ANSWER(0),
        /** Only where the margin of a lease covers it. */
        ELECT_BY_STEPPED_CLOCKS(0),
        SLOW_WAY_TO_NODES(4),
        CUT_ONE_WAY(3),
        SLOW_LINKS(1),
        TILT_SENTINELS(2),
        FORCE_FAILOVER(3),
        RESET_SENTINELS(2),
        SET_DOWN_AFTER(2),
        SET_QUORUM(2),
        REMOVE_SENTINEL(1),
        ADD_REPLICA(1),
        RESTART_PRIMARY_EMPTY(2),
        KILL_CLIENTS(2),
        LOSE_SENTINEL_STATE(1),
        // Where nobody votes.
        PROMOTE(0),
        PROMOTE_AND_DEMOTE(0),
        CLONE(0),
        ESTRANGE(0),
        CHAIN(0),
        TURN_FROM_STRANGER_TO_STRANGER(0),
        RELEASE(0),
        PROMOTE_PAST_READS(0),
        PROMOTE_PAST_ALL(0);

        static final List<Fault> BY_WEIGHT = byWeight();

        /** Where nobody votes: more by hand than by chance. */
        static final List<Fault> BY_HAND = byHand();

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

        private static List<Fault> byHand() {
            List<Fault> all = new ArrayList<>(List.of(
                    CRASH_PRIMARY,
                    CRASH_PRIMARY,
                    CRASH_NODE,
                    FREEZE_PRIMARY,
                    FREEZE_NODE,
                    FREEZE_PROXY,
                    ISOLATE_PRIMARY,
                    CUT_REPLICATION,
                    CUT_AT_RANDOM,
                    CUT_IN_TWO,
                    LOSE_CONNECTIONS,
                    CLOG_CONNECTIONS,
                    SLOW_REPLICA,
                    SLOW_WAY_TO_NODES,
                    CUT_ONE_WAY,
                    SLOW_LINKS,
                    RESTART_PRIMARY_EMPTY,
                    KILL_CLIENTS,
                    CLONE,
                    CLONE,
                    ESTRANGE,
                    CHAIN,
                    TURN_FROM_STRANGER_TO_STRANGER,
                    RELEASE,
                    PROMOTE_PAST_READS,
                    PROMOTE_PAST_ALL));
            for (int i = 0; i < 6; i++) {
                all.add(PROMOTE);
                all.add(PROMOTE_AND_DEMOTE);
            }
            return all;
        }
    }

    Strike(Simulation world, Fault fault, RandomSource random) {
        this.world = world;
        this.fault = fault;
        this.random = random;
        this.operator = new Operator(world, random);
        this.byHand = new ByHand(world, random);
        this.queue = world.queue;
    }

    void happen() {
        world.truth.note("fault " + fault);
        world.pace.hurry();
        switch (fault) {
            case CRASH_PRIMARY -> crash(world.primary());
            case CRASH_TWO_PRIMARIES -> crashTwoPrimaries();
            case CRASH_NODE -> crash(any(world.nodes));
            case CRASH_SENTINEL -> crash(any(world.sentinels));
            case FREEZE_PRIMARY -> freeze(world.primary(), 6000);
            case FREEZE_PRIMARY_TILL_ELECTION -> freezeTillElection(world.primary());
            case FREEZE_NODE -> freeze(any(world.nodes), 4000);
            case FREEZE_SENTINEL -> freeze(any(world.sentinels), 4000);
            case FREEZE_PROXY -> freeze(any(world.proxies), 3000);
            case SLEEP_THROUGH_AN_ELECTION -> {
                freeze(any(world.proxies), 8000);
                cut(List.of(world.primary()), world.sentinels);
            }
            case FORCE_FAILOVER_UNAWARES -> forceFailoverUnawares();
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
            case CLOG_CONNECTIONS -> world.network.clogConnections(1 + random.next(8), millis(3000));
            case SLOW_REPLICA -> slow(any(world.nodes));
            case ELECT_BEHIND_A_SLOW_WAY -> {
                slow(any(world.proxies), world.sentinels);
                cut(List.of(world.primary()), world.sentinels);
            }
            case ELECT_OUT_OF_HEARING -> electOutOfHearing();
            case MISLEAD_PROXY -> mislead(any(world.proxies));
            case ELECT_ON_AN_OLD_ANSWER -> electOnAnOldAnswer();
            case ELECT_BY_STEPPED_CLOCKS -> electBySteppedClocks();
            case SLOW_WAY_TO_NODES -> slow(any(world.proxies), world.nodes);
            case CUT_ONE_WAY -> deafen(some(world.processes()), some(world.processes()));
            case SLOW_LINKS -> some(world.processes()).forEach(one -> slow(one, some(world.processes())));
            case TILT_SENTINELS -> some(world.sentinels).forEach(this::stepFar);
            case FORCE_FAILOVER -> operator.forceFailover();
            case RESET_SENTINELS -> operator.reset();
            case SET_DOWN_AFTER -> operator.setDownAfter();
            case SET_QUORUM -> operator.setQuorum();
            case REMOVE_SENTINEL -> operator.removeSentinel();
            case ADD_REPLICA -> operator.addReplica();
            case RESTART_PRIMARY_EMPTY -> operator.restartPrimaryEmpty();
            case KILL_CLIENTS -> operator.killClients();
            case LOSE_SENTINEL_STATE -> operator.loseSentinelState();
            case PROMOTE -> byHand.promote(false);
            case PROMOTE_AND_DEMOTE -> byHand.promote(true);
            case CLONE -> byHand.cloneOne();
            case ESTRANGE -> byHand.estrange();
            case CHAIN -> byHand.chain();
            case TURN_FROM_STRANGER_TO_STRANGER -> byHand.turn();
            case RELEASE -> byHand.release();
            case PROMOTE_PAST_READS, PROMOTE_PAST_ALL -> {
                stall(fault == Fault.PROMOTE_PAST_ALL);
                byHand.promote(random.next(2) == 0);
            }
        }
    }

    private void electOutOfHearing() {
        SimSentinel heard = any(world.sentinels);
        List<SimSentinel> others =
                world.sentinels.stream().filter(sentinel -> sentinel != heard).toList();
        world.proxies.forEach(proxy -> cut(List.of(proxy), others));
        cut(List.of(world.primary()), others);
    }

    /** While a proxy is stopped, for hardly longer than a lease would be used, and what it is owed comes late. */
    private void forceFailoverUnawares() {
        SimProxy proxy = any(world.proxies);
        slow(proxy, world.nodes);
        freezeFor(proxy, 200 * MILLIS + millis(600));
        queue.after(millis(300), operator::forceFailover);
    }

    /** The address of the primary leads this proxy to another process, which calls itself primary, too. */
    private void mislead(SimProxy proxy) {
        SimNode primary = world.primary();
        SimNode stray = world.stray(primary.address);
        world.network.detour(proxy, stray);
        world.network.loseConnections(proxy, primary);
        queue.after(SECONDS + millis(7000), world.network::heal);
    }

    /**
     * A sentinel that has called the primary down all along takes that back; another one, which was told so just before, is
     * held up, and elects itself on the strength of it. What proxies hear of that comes late.
     */
    private void electOnAnOldAnswer() {
        SimNode primary = world.primary();
        SimSentinel elected = world.sentinels.get(1);
        world.network.partition(primary, elected);
        queue.after(500 * MILLIS, () -> electOnceDown(elected, primary));
    }

    private void electOnceDown(SimSentinel elected, SimNode primary) {
        if (world.pace.peace()) {
            return;
        }
        if (!elected.primary.down) {
            queue.after(10 * MILLIS, () -> electOnceDown(elected, primary));
            return;
        }
        long heldUpNanos = SECONDS + millis(900);
        queue.after(10 * MILLIS, () -> {
            freezeFor(elected, heldUpNanos);
            world.heldDownBy().forEach(sentinel -> world.network.mend(primary, sentinel));
        });
        queue.after(heldUpNanos, () -> world.proxies.forEach(proxy -> cut(List.of(proxy), world.sentinels)));
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

    /** And its successor, soon after it was promoted. */
    private void crashTwoPrimaries() {
        crash(world.primary());
        crashNextAfter(world.truth.effective().size());
    }

    private void crashNextAfter(int promotions) {
        queue.after(50 * MILLIS, () -> {
            if (world.pace.peace()) {
                return;
            }
            if (world.truth.effective().size() > promotions) {
                world.pace.hurry();
                queue.after(millis(1500), () -> {
                    if (!world.pace.peace()) {
                        crash(world.primary());
                    }
                });
            } else {
                crashNextAfter(promotions);
            }
        });
    }

    /** Sentinels call the primary down before the time that they promised, and the proxies hear late of it. */
    private void electBySteppedClocks() {
        SimNode primary = world.primary();
        long answerNanos = 1200 * MILLIS;
        freezeFor(primary, answerNanos); // then all pings are answered at once, right before the end
        queue.after(answerNanos + 20 * MILLIS, () -> crash(primary));
        long promisedNanos = answerNanos + world.sentinels.get(0).settings.downAfterMillis() * MILLIS;
        world.proxies.forEach(proxy -> queue.after(promisedNanos - 500 * MILLIS, () -> slow(proxy, world.sentinels)));
        for (SimSentinel sentinel : world.sentinels) {
            long byMillis = (Simulation.STEP_NANOS_MAX - 100 * MILLIS + millis(100)) / MILLIS;
            queue.after(promisedNanos - Simulation.STEP_NANOS_MAX - millis(60), () -> step(sentinel, byMillis));
        }
    }

    /** So far that a sentinel notices, at its next tick: forwards beyond its trigger, or backwards over that tick. */
    private void stepFar(SimSentinel sentinel) {
        long ahead = 2100L + random.next(6000);
        long back = -150L - random.next(3000);
        step(sentinel, random.next(2) == 0 ? ahead : back);
    }

    private void step(SimSentinel sentinel, long byMillis) {
        world.truth.note("the clock of " + sentinel + " steps by " + byMillis + " ms");
        sentinel.clock.step(byMillis);
    }

    private void freeze(SimProcess process, int millis) {
        freezeFor(process, millis(millis));
    }

    /** Just long enough to be called down: it is back before, while or after its successor is elected. */
    private void freezeTillElection(SimProcess primary) {
        long downAfterMillis = any(world.remaining()).settings.downAfterMillis();
        freezeFor(primary, downAfterMillis * MILLIS + millis(2500));
    }

    private void freezeFor(SimProcess process, long nanos) {
        if (process.alive() && !process.frozen()) {
            process.freeze();
            int life = process.life();
            queue.after(nanos, () -> {
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

    /** What clients want comes late to replicas, or to all, and probes do not. */
    private void stall(boolean all) {
        for (SimProxy proxy : world.proxies) {
            for (SimConnection connection : proxy.dataPlane.connections(all)) {
                connection.clog(false);
                queue.after(SECONDS + millis(2000), connection::unclog);
            }
        }
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
