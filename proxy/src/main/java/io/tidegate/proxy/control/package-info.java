/**
 * The control plane: asks sentinels and nodes, lets the routing engine draw the conclusions, and hands the tables that
 * result to the event loops. {@link io.tidegate.proxy.control.ControlPlane} is its face. Nothing here decides who is
 * primary or which replica is fresh; that is {@link io.tidegate.routing.engine.RoutingEngine}'s, which is told facts
 * and has neither clock nor connection. Here are the clock and the connections, and no opinion.
 *
 * <h2>One thread, no queue</h2>
 *
 * {@code ControlLoop} is one event loop of Netty's, and Lettuce's connections ({@code Connector}) live on it. A reply
 * that was read becomes an event, the event a step of the engine, the step's actions are done, all before anything else
 * is read. So events reach the engine in the order in which they were read, and there is no queue between that could run
 * full: what is not read yet waits in the kernel's buffers, and its sender with it. The event loops of the data plane
 * leave what they have to say in slots ({@code Signals}), where a later signal takes the place of an earlier one, and
 * wake the loop once. An error of ours, in the engine or here, ends the control plane with a table that lets nothing
 * through: evidence from a broken instrument is none.
 *
 * <h2>Links</h2>
 *
 * {@code Link} is the watch over one address, its states and their limits are in its javadoc; {@code NodeLink} and {@code
 * SentinelLink} are the two kinds. A link is one connection to one process under a number of its own. Lettuce must not
 * reconnect behind it, or answers of two processes would be taken for those of one; a loss is reported, and after a
 * {@code Backoff} the next connection begins with a higher number and nothing known. One {@code Exchange} is outstanding
 * at a time. A wish that comes meanwhile is remembered, since what is outstanding was written before it and cannot
 * fulfil it, and many such wishes are one. How often a link asks has a floor, whoever wishes.
 *
 * <p>Instants are rounded against ourselves: the one of a query is taken before its first byte can be written, the one
 * of a reply after the read that brought its last. If this process is stopped in between, the interval is the longer and
 * proves the less.
 *
 * <p>A sentinel's queries and its subscription share one connection, which takes RESP3. That makes one order of both:
 * a report that was read before the message of a vote was given before the vote. {@code SentinelPipeline} is what is
 * asked in one go. A sentinel finds its vote by the primary's address as {@code SENTINEL MASTER} has it, which lags behind
 * whom it names while it reconfigures; so that address is asked under, and if {@code SENTINEL MASTER}, asked after the vote,
 * shows that it has moved, the pipeline is repeated instead of reported.
 *
 * <p>{@code Prober} says when nodes are asked for their offsets: the primary first, upon its answer the replicas, no more
 * often than {@link io.tidegate.routing.ProbePacer} finds that somebody needs. {@code CommandsReader} asks each new
 * primary for its commands, but not in the middle of a failover.
 *
 * <p>{@code TreeOutput}, {@code Reply}, {@code InfoReply}, {@code RoleReply}, {@code CommandReply} and {@code
 * SentinelPipeline} turn replies into the engine's facts. They are pure, and tested on texts captured from real servers.
 * A reply that cannot be read loses the link: half a fact is none.
 *
 * <h2>At rest</h2>
 *
 * While nobody asks for anything, this is all that goes on, and why:
 *
 * <ul>
 *   <li>A tick every 50 ms. A process that was stopped must wake up without a lease, so evidence is used only two ticks
 *       ahead, and that is as long as a stop may last unnoticed: less than a forced failover takes to promote somebody. A
 *       tick in which nothing was heard moves the evidence of the table and looks at nothing else. While the gate is shut
 *       ticks come twice as often, since questions come with them.
 *   <li>When no client has sent a byte for 30 s, ticks come as seldom as that allows, every 90 ms ({@code TickPace}).
 *   <li>A pipeline to each sentinel before its part in the lease ends ({@code LeasePace}), at least once a second. The lease
 *       therefore has no gap, whoever writes after however long a rest. Whatever happens between two pipelines is told by
 *       the subscription at once, and asked about at once; how often sentinels are asked at rest does not delay that.
 *   <li>One round of probes a second or, if that is less, four in {@code reads.max-lag}: what {@code eventual} needs. The
 *       other levels need nothing until somebody reads, and go to the primary until the next round. The round's questions
 *       are INFO where that is nearly due.
 * </ul>
 *
 * <h2>Changing the primary</h2>
 *
 * {@code Switchover} has another node promoted while the primary is paused: {@code SwitchoverPlan} judges what
 * {@code SwitchoverSurvey} found out, {@code SwitchoverSteps} says what is done in which order, for how long at the most, and
 * what is taken back; both are pure. {@code Promotion} is what differs by who does it: {@code SentinelPromotion} tells a
 * sentinel, {@code PrimaryPromotion}, where there is none, the primary itself. {@code Errands} are connections of its own; the one to the primary is {@code
 * MarkedPrimary}, which keeps two proxies from switching at once, and {@code PauseProof} says whether the pause still holds.
 * {@code SwitchoverLooks} is what is waited for. {@code WriteHold} keeps this proxy's writes
 * back meanwhile; the engine knows nothing of all this, and believes sentinels and nodes as ever.
 *
 * <p>{@code FAILOVER} waits for the replica's next word of how far it is, which comes once a second; {@code AckCall} has it come
 * at once. The other replicas are {@code MarkedReplicas}, and told whom to follow by {@code Repointing}. Who is stopped in the
 * middle of a switchover and goes on finds its marks alone, and so nobody promoted by another Tidegate since; or it finds them
 * gone, and can give no orders. If other proxies' clients wait for what the paused primary keeps back, and the sentinels have
 * promoted another node, one of those proxies makes it a replica ({@code Completion}). What an operator does by hand has no marks: against that there is the look before each order.
 *
 * <h2>What people see</h2>
 *
 * {@code NoticeLog} writes one line per notice of the engine, limited in rate by kind ({@code RateLimit}). Why a link was
 * lost goes to the engine as a fault ({@code Faults}), which makes a warning of it while it lasts. {@link
 * io.tidegate.proxy.control.NodeSurvey} asks nodes once what a proxy in service need not know, for {@code check --live}.
 * {@link io.tidegate.proxy.control.FailoverTimeline} puts notices together
 * with what the data plane counts ({@code Accounts}) to {@link io.tidegate.proxy.control.Failover}s; {@code FailoverFacts}
 * is how all who ask are told of one: clients, the admin port, the log. Text of a peer is cut to one short printable line ({@code Reasons}),
 * and no password is ever in it.
 */
@NullMarked
package io.tidegate.proxy.control;

import org.jspecify.annotations.NullMarked;
