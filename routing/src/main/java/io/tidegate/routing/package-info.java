/**
 * The pure core: which node may have a request, and how anybody knows. No I/O, no threads, no clock, no logging, no
 * randomness of its own: time and random numbers are arguments, so that a simulation can run a day of faults in a second,
 * and the same seed gives the same day.
 *
 * <h2>The flow</h2>
 *
 * <pre>
 *  sentinels, nodes --events--> engine.RoutingEngine --Publish--> RoutingTable --volatile--> Router --node id--> dispatch
 *                               (one writer, all state)           (immutable)                (one per event loop)
 *                                        ^                                                          |
 *                                        +------------- suspicion, evidence wanted -----------------+
 * </pre>
 *
 * <p>The <em>control plane</em> ({@link io.tidegate.routing.engine}) turns what nodes and sentinels say into claims,
 * evidence and freshness. Its only result is the {@link io.tidegate.routing.RoutingTable}: one immutable value through one
 * volatile field. The <em>data plane</em> reads the table once per batch, <em>after</em> the batch was read from its
 * sockets (whoever heard of another event loop's acknowledgement has then a table at least as new), and asks {@link
 * io.tidegate.routing.Router} for each run of commands. {@link io.tidegate.routing.command} says what a command is:
 * whether it writes, what keys it has, what it does to a session.
 *
 * <h2>Evidence</h2>
 *
 * <p>Nothing here asks whether a node <em>is</em> primary or fresh, only up to which instant that is proven. Instants are
 * nanoseconds of the proxy's own monotonic clock ({@link io.tidegate.routing.Instants}), rounded against ourselves: a
 * query counts from before it was written, a reply from after it was read. There are two kinds of evidence:
 *
 * <ul>
 *   <li>the <em>as-of</em> of a replica: it holds everything the primary had executed before that instant;
 *   <li>the <em>confirmation</em> of a claim (node, epoch), and the <em>lease</em> that confirms in advance: nobody had
 *       replaced the primary by that instant.
 * </ul>
 *
 * <p>Every decision compares one of them with the instant that a rule names. Unknown is earlier than everything, so what is
 * not known can never be taken for fresh, and no branch has to think of it.
 *
 * <h2>Levels</h2>
 *
 * <p>A {@link io.tidegate.routing.ReadLevel} names the instant that a replica's as-of must reach: {@code eventual} a fixed
 * age, {@code bounded(d)} an age counted from the request's arrival, {@code session} what the session wrote and saw ({@link
 * io.tidegate.routing.Causality}), {@code strong} more than a replica can prove. Where no replica reaches it the primary
 * serves, and where no primary answers the request waits; {@link io.tidegate.routing.RouteReason} has a word for each case,
 * and {@link io.tidegate.routing.Explanation} tells it node by node.
 *
 * <h2>Acknowledgements</h2>
 *
 * <p>A reply read at r is released when the evidence that its rule names reaches r; {@link io.tidegate.routing.Durability}
 * is that comparison. Evidence of the claim is always part of it. Where a listener asks for more, so is what the replicas
 * hold that may be <em>promoted</em>: all that sentinels or the primary name, heard or not, but for those that say over the
 * connection of now that their priority is 0. One that is not heard has as-of unknown.
 *
 * <p><b>{@code replicated(all)}.</b> Claim: a write acknowledged under it is part of the data after every failover to one of
 * the replicas that were known. Proof: let the reply of process P be read at r, and let each of them have as-of at least r
 * under P's history. P executed the write before r. So each of them holds it, in P's history, at an offset that it had
 * applied. A replica that is promoted keeps what it had applied. One that follows the new primary is made equal to it, and
 * so holds it, too. By induction over failovers whoever is promoted holds it, as long as each is one of those, or has been
 * made equal to one of them since.
 *
 * <p>Each premise has its place. The instant r is taken after the reply was read, so the write lies before it; the sample
 * behind an as-of is stamped before the primary was asked, and read under evidence, so what it covers is no dead branch
 * ({@link io.tidegate.routing.engine}). As-of is void under another history and over another connection. It is compared for
 * the very process that replied: after a restart the same claim may stand for a process that forgot the write, and new
 * samples of that one say nothing about it. Where nobody may be promoted, nobody else has it: that is never enough.
 *
 * <p><b>{@code replicated(n)}</b> with fewer than all: n replicas hold the write, and a failover may choose another. A
 * sentinel prefers by priority before it looks at offsets, and chooses among those that it can reach. It survives for
 * certain only as long as one of the n is chosen, or less than all the others can be.
 *
 * <p><b>{@code max-loss(d)}.</b> Each of all has as-of at least r - d, so whoever is promoted holds everything acknowledged
 * that P had executed before r - d: of what was acknowledged up to some moment, at most what was executed in the last d
 * before the last acknowledgement is lost.
 *
 * <p>The premises that are not ours: a promoted replica has what it had applied (it was not started again in between with
 * less on its disk), and the set is as known. A replica joins it when a list names it or when it is heard to have a
 * priority again, within about a second; until then it might be promoted without the write.
 *
 * <p>Not in time is {@code UNDERREPLICATED}: it ran under a proven claim, and so many have it. Nothing is taken back.
 *
 * <h2>Reading order</h2>
 *
 * <ol>
 *   <li>{@link io.tidegate.routing.RoutingTable}: all that the two planes share.
 *   <li>{@link io.tidegate.routing.Router} and {@link io.tidegate.routing.Causality}: the levels.
 *   <li>{@link io.tidegate.routing.ProbePacer}: how often freshness must be asked for.
 *   <li>{@link io.tidegate.routing.engine}: where claims, leases and as-of come from.
 *   <li>{@link io.tidegate.routing.command}: the one list of commands.
 *   <li>the tests' {@code sim} package: servers, sentinels and a network that fail by seed around the real engine and the
 *       real router, and the invariants checked after every event.
 * </ol>
 */
@NullMarked
package io.tidegate.routing;

import org.jspecify.annotations.NullMarked;
