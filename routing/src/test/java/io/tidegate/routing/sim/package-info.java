/**
 * A world in which everything fails, in virtual time and from one seed: the real {@link
 * io.tidegate.routing.engine.RoutingEngine} and the real {@link io.tidegate.routing.Router} among simulated Redis nodes,
 * sentinels, networks and clients. The contract's invariants are checked at every event that could break one. A seed is a
 * run, step by step: no threads, no clock, no hash order that matters.
 *
 * <h2>Use</h2>
 *
 * {@code mvn verify} runs 150 seeds. {@code -Dtidegate.sim.seeds=5000} runs more, {@code
 * -Dtidegate.sim.seed=42} runs that one, and prints the end of its story if an invariant breaks; a failure names its seed.
 * {@code -Dtidegate.sim.mutants-all=true -Dtidegate.sim.mutant-seeds=5000} looks for the mutants that are hard to find, too.
 *
 * <h2>Who is who</h2>
 *
 * <ul>
 *   <li>{@link io.tidegate.routing.sim.EventQueue} is time; {@link io.tidegate.routing.sim.SimProcess} is whatever can
 *       crash, freeze and thaw; {@link io.tidegate.routing.sim.SimNetwork} and {@link
 *       io.tidegate.routing.sim.SimConnection} are TCP with delays, cuts and losses. A message is a closure that runs
 *       inside the process that gets it.
 *   <li>{@link io.tidegate.routing.sim.SimNode} is a Redis server as replication.c has it, its data a {@link
 *       io.tidegate.routing.sim.Log}. {@link io.tidegate.routing.sim.SimSentinel} and {@link
 *       io.tidegate.routing.sim.SentinelFailover} follow sentinel.c of Redis 7, with its constants, its drifting clock and
 *       its tilt.
 *   <li>{@link io.tidegate.routing.sim.SimProxy} drives the engine as the control plane does, {@link
 *       io.tidegate.routing.sim.SimDataPlane} is the data plane as a model: hold, send, park, release, uncertain. {@link
 *       io.tidegate.routing.sim.SimClient} is a session that remembers what it was told.
 *   <li>{@link io.tidegate.routing.sim.Scenario} says what goes wrong, {@link io.tidegate.routing.sim.Simulation} puts a
 *       world together and runs it: quiet, faults, peace.
 *   <li>{@link io.tidegate.routing.sim.Truth} knows what really happened, {@link io.tidegate.routing.sim.Invariants}
 *       compares it with what the proxies believed and did.
 *   <li>{@link io.tidegate.routing.sim.PlantedFault} puts a mistake around the engine or into the data plane; the tests
 *       demand that each is noticed. {@link io.tidegate.routing.sim.Mutant} takes a safeguard out of the engine itself, by
 *       another class of the same name in a loader of its own; most of them must be noticed, too.
 *   <li>{@link io.tidegate.routing.sim.Operator} is a person at the sentinels: forced failovers, {@code SENTINEL RESET} and
 *       {@code SET}, a sentinel removed, a replica added, the primary restarted on an empty disk, {@code CLIENT KILL}.
 * </ul>
 *
 * <h2>What is checked</h2>
 *
 * <p>With the names of the contract, I1 to I8, I10 and I11. Three are stronger than they sound. I4 and I11 look
 * back: when an election turns out to have counted (its leader acknowledged the promotion), everything that any proxy had
 * proven or acknowledged for the replaced primary is compared with the instant of that election. I11 looks into the
 * replicas: at every table, each replica that may serve must hold all that its as-of claims, entry by entry. I7 asks what
 * each released read has seen, not what the router meant.
 *
 * <h2>What is not in it</h2>
 *
 * <p>Operators who send REPLICAOF by hand, clocks of sentinels that step, more than one shard, static
 * topologies, pipelining within a session (that is in {@code RouterModelTest}), the real data plane (that is in the proxy's
 * integration tests). A forced failover counts against I4 only where the proxies had heard its announcement, as the
 * contract says.
 *
 * <p>Where the contract covers less, less is checked, and this is all of it. After a sentinel was reconfigured an election
 * counts against I4 only if every proxy had asked it about its settings by then, and against I11 and I7 (a primary's
 * answers) only if that was 20 s before. Once a sentinel has lost its state (or was reset between a promotion and the switch that follows, and so
 * forgot whom it promoted), neither the elections nor the fence (I2 across
 * proxies, I3 towards an announced failover, I4, I11's evidence) are checked for the rest of that run; order, at most once,
 * bounded waiting, as-of within a claim, and that all ends well still are. A node that a reset made every sentinel forget
 * need not serve in the end: nobody tells it whom to follow.
 */
@NullMarked
package io.tidegate.routing.sim;

import org.jspecify.annotations.NullMarked;
