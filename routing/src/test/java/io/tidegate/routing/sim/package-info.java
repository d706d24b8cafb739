/**
 * A world in which everything fails, in virtual time and from one seed: the real {@link
 * io.tidegate.routing.engine.RoutingEngine} and the real {@link io.tidegate.routing.Router} among simulated Redis nodes,
 * sentinels, networks and clients. The contract's invariants are checked at every event that could break one. A seed is a
 * run, step by step: no threads, no clock, no hash order that matters.
 *
 * <h2>Use</h2>
 *
 * {@code mvn verify} runs 10,000 seeds, at about 12 ms of a core each. {@code -Dtidegate.sim.seeds=1000000} is the long
 * mode, {@code -Dtidegate.sim.kind=1} makes all worlds such that people decide, {@code 3} such that sentinels do. A seed that breaks an invariant is shrunk ({@code Run.shrunk}): faults, clients, processes and the time before the
 * first fault are left out one after the other while the same invariant breaks. Printed is the end of the shortest story,
 * with the properties that show it again: {@code -Dtidegate.sim.seed=42 -Dtidegate.sim.without=fault-0,proxy-2}. {@code
 * -Dtidegate.sim.mutants-all=true -Dtidegate.sim.mutant-seeds=5000} looks for the mutants that are hard to find, too; what
 * takes more to happen at once than chance brings about is told as a story of the engine's tests ({@code Stories}), of which
 * each mutant must spoil one.
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
 *   <li>{@link io.tidegate.routing.sim.Scenario} says what goes wrong when, {@link io.tidegate.routing.sim.Strike} how;
 *       {@link io.tidegate.routing.sim.Simulation} puts a world together and runs it: quiet, faults, peace.
 *   <li>{@link io.tidegate.routing.sim.Truth} knows what really happened, {@link io.tidegate.routing.sim.Invariants}
 *       compares it with what the proxies believed and did.
 *   <li>{@link io.tidegate.routing.sim.PlantedFault} puts a mistake around the engine or, as a {@link
 *       io.tidegate.routing.sim.Slip}, into the data plane; the tests demand that each is noticed. {@link io.tidegate.routing.sim.Mutant} takes a safeguard out of the engine itself, by
 *       another class of the same name in a loader of its own; most of them must be noticed, too.
 *   <li>In one world of eight a sentinel has called the primary down all along; in another one nobody votes: {@link
 *       io.tidegate.routing.sim.ByHand} is whoever promotes, redirects, clones
 *       and releases there, {@link io.tidegate.routing.sim.PromisesByHand} what a proxy is held to.
 *   <li>{@link io.tidegate.routing.sim.Operator} is a person at the sentinels: forced failovers, {@code SENTINEL RESET} and
 *       {@code SET}, a sentinel removed, a replica added, the primary restarted on an empty disk, {@code CLIENT KILL}.
 * </ul>
 *
 * <h2>The model and the real thing</h2>
 *
 * <p>{@code sentinel-scripts.txt} has what sentinels say while the primary is killed, a failover is forced, and another one,
 * all are reset and the primary is killed, a leader crashes between its election and the promotion or after that, and starts
 * again. {@code SentinelModelTest} plays these scripts to {@code SimSentinel}, {@code SentinelScriptsIT} in the proxy's tests
 * to Redis, and both must say that, in that order.
 *
 * <p>The model was held against sentinel.c of 7.0.15 line by line. It is not the same, on purpose, in these: one connection
 * to a node, not one for commands and one for PUBLISH, and nothing is queued on one that is being opened, which takes no
 * more than 400 ms; INFO that is not answered is asked again after 300 ms, not at each turn, and a hello counts as sent when
 * it is sent; other sentinels are known by address, and of them and of replicas no priority, no announced address and no
 * {@code master_link_down_time} counts for the choice of whom to promote (so worse replicas are promoted than Redis would);
 * of equally many votes for two anyone may be followed; what SENTINEL RESET forgets is forgotten in the file at once; a timer
 * that came due while the process was stopped fires before what arrived meanwhile is read; and there is no {@code
 * master-reboot-down-after-period}, which the contract does not cover, no SENTINEL MONITOR and REMOVE, no scripts and no
 * second shard.
 *
 * <h2>What is checked</h2>
 *
 * <p>With the names of the contract, I1 to I8, I10 and I11, and I13 ReplicatedWritesSurvive: what was acknowledged as held
 * by all replicas survives. Sessions here have one command at a time and no connection of their own, so I9 (pinned stays) and I12 (a session's order under replay) are checked where there are such: in the proxy's
 * tests of pinned sessions and of replay, and in the fault drills. Three are stronger than they sound. I4 and I11 look
 * back: when an election turns out to have counted (its leader acknowledged the promotion), everything that any proxy had
 * proven or acknowledged for the replaced primary is compared with the instant of that election. I11 looks into the
 * replicas: at every table, each replica that may serve must hold all that its as-of claims, entry by entry. I7 asks what
 * each released read has seen, not what the router meant. Three things
 * count against a proxy whether or not harm comes of them: that it sends a write though it was told of a vote after that had
 * elected somebody (I3); that something is proven of the time after a pause of its process before a sentinel was asked again
 * (I11); that a claim is proven of a process that no sentinel has met, at the address of one that all of them speak to (I11).
 * {@link io.tidegate.routing.sim.Heard} is what it was told. In every other world a replica may serve strong reads by read-index;
 * there as elsewhere {@link io.tidegate.routing.sim.StrongReads} holds strong reads and acknowledged writes to linearizability.
 *
 * <h2>What is not in it</h2>
 *
 * <p>Clocks of sentinels step beyond their TILT trigger, or, in worlds of a wide margin, within that; not by anything in
 * between, which the contract excludes. Operators who send REPLICAOF by hand to nodes that sentinels watch, more than one
 * shard, pipelining within a session (that is in {@code RouterModelTest}), the real data plane (that is in the proxy's
 * integration tests). A forced failover counts against I4 only where the proxies had heard its announcement, as the
 * contract says.
 *
 * <p>Where the contract covers less, less is checked, and this is all of it. Where nobody votes, REPLICAOF comes by hand and ends
 * no connection, so a node's word is believed until the next one. What a primary answers as a replica is not asked for
 * freshness if all that the proxy has heard, as it passes the answer on, is that it is primary; nor is what a replica answers, nor what its as-of
 * covers, out of data that another node gave it after all that the proxy has heard of it by then; nor is a strong read asked
 * for what its primary lost as a replica in between. An election being none, I4 counts from when a proxy heard of the other
 * primary. After a sentinel was reconfigured an election
 * counts against I4 only if every proxy had asked it about its settings by then, and against I11 and I7 (a primary's
 * answers) only if that was 20 s before. Once a sentinel has lost its state (or was reset, or removed for good, between a
 * promotion and the switch that follows, and so forgot whom it promoted), neither the elections nor the fence (I2 across
 * proxies, I3 towards an announced failover, I4, I11's evidence) are checked for the rest of that run; order, at most once,
 * bounded waiting, as-of within a claim, and that all ends well still are. A node that a reset made every sentinel forget
 * need not serve in the end: nobody tells it whom to follow. If such a node says primary, writes may stay held for good:
 * votes may have made it one, and only a person can say. So they may if a sentinel was removed for good that had said last
 * that it knows no other and that its own vote is enough: whether it elects itself, nobody can hear any more. As-of is not looked into while a node has ended its connection and
 * the proxy has yet to hear of that: as-of is what was proven over that connection, and no table can be withdrawn before its
 * end has arrived. What a session is let see in that time is checked as ever, by I7, which knows no such exception. What a
 * primary's process lost when it was a replica in between is not asked of a session's reads of it: the contract's
 * guarantees are relative to an epoch, and another one lay there.
 */
@NullMarked
package io.tidegate.routing.sim;

import org.jspecify.annotations.NullMarked;
