/**
 * The control plane of one shard: who is primary, how far that is proven, and how fresh each replica is. {@link
 * io.tidegate.routing.engine.RoutingEngine} is a step function over {@link io.tidegate.routing.engine.Event}s; its output
 * is {@link io.tidegate.routing.engine.Action}s, of which the {@link io.tidegate.routing.RoutingTable} it publishes is
 * the one that matters.
 *
 * <h2>Where things are</h2>
 *
 * <ul>
 *   <li><b>Facts.</b> {@code NodeView} and {@code SentinelView}: what one process said over its current connection.
 *       {@code Nodes}, {@code Identities}: all of them, bounded, each sentinel counted once. {@code SentinelMessage}: what
 *       a message on a sentinel's subscription does to what is known, as a table.
 *   <li><b>Who is primary.</b> {@code Claims}: the claim in use and its histories. {@code SentinelArbiter}, helped by {@code
 *       NamedClaims}, {@code Successors} and {@code Elections}, where sentinels vote; {@code StaticArbiter}, with {@code Contenders}, where nobody does. {@code FenceRequests}: what operators say;
 *       {@code ActiveFence}: what is done to a replaced primary that returns; {@code SecondPrimaries}: when one is told of. {@code
 *       ShardState}: the state machine that their {@code Sign}s move. {@code Doubt}: what new proof must reach to reopen
 *       the gate.
 *   <li><b>How far it is proven.</b> {@code Electorate}, {@code Ballots}, {@code Proof}: confirmation and lease, derived
 *       below.
 *   <li><b>What is odd.</b> {@code WarningKind}: all of it, by name. {@code SentinelFindings} looks, {@code Warnings} tells
 *       once. Nothing here listens to them: what they are found in has made proofs rarer already.
 *   <li><b>Who may serve reads.</b> {@code History}, {@code AsOf}, {@code ReplicaHealth}, {@code Replicas}.
 * </ul>
 *
 * <h2>Instants</h2>
 *
 * An answer proves something about the time at which it was given, which lies between the writing of the query and the
 * reading of the answer. Proofs reach no further than the writing, and begin no earlier than the reading, whichever is
 * worse for us. All instants are on this process's clock; what a sentinel measured enters only as a duration.
 *
 * <h2>Adoption</h2>
 *
 * A claim (P, E) is used once a majority of the N sentinels supports it, no sentinel that is heard names a higher epoch,
 * and P itself, asked after the first sentinel named the claim, says primary. A sentinel <em>supports</em> (P, E) by a
 * report that names P at config-epoch E, sees role {@code master} and no other run id than our own connection sees (none, just
 * after a switch, contradicts nothing; it stays empty for up to 10 s), shows no failover in progress before the promotion
 * is done, and no vote above E that may still elect somebody. The epoch in use only grows. If a vote above E is known by
 * then, of one that the majority does without, writes are held as they are when such a vote is heard later: until a
 * confirmation reaches the instant at which it was seen.
 *
 * <p>A sentinel that says {@code +switch-master} to P supports (P, E), too, until it is heard again, if its last report was of an
 * epoch below E: it turned to P after that report was asked for, having told of all its votes, and with it of any above E,
 * before. Its support reaches back to when that report was asked for, no further. The message names no epoch. It is that
 * of whoever told the sentinel of P; some sentinel must report (P, E) itself, and were the other's epoch another, it would
 * still be P that it has turned to, which is all that a confirmation rests on besides the votes.
 *
 * <h2>Sending ahead</h2>
 *
 * Between the leader's {@code +promoted-slave} and the moment at which the others name the node too, 40 to 150 ms were
 * seen. A client that listens to sentinels connects and writes at the first {@code +switch-master} in that time. So that it
 * is not earlier than we are, the node that the leader names is a {@code Successor}: once it says primary, with a history
 * that branched off the one in use, connections of its claim to be are opened and held writes are sent. Nothing that it
 * answers is acknowledged, or read, before its claim is adopted and evidence reaches the instant of the reply: a majority
 * must support it in a way that reaches that instant, as for any reply. What is gained is the time to connect, to
 * send and to execute, and nothing is believed earlier than before.
 *
 * <p>If the claim is never adopted (a leader that crashed after the promotion is overruled within 15 s or so) these writes are
 * uncertain: they may have run, on a branch that dies. They are no more than the one node was sent, and are sent nowhere
 * else. While a failover in a later epoch, or a vote for one, is known, and once the limit {@code ahead} of 2 s is over, the
 * successor is sent nothing more: a leader that the others do not hear would have all of it lost. Epochs do not go
 * back by this: the epoch in use is that of the claim adopted last.
 *
 * <h2>Confirmation</h2>
 *
 * Claim: if k = N - v + 1 supporters answered queries written at or after r, where v is the fewest votes that elect a
 * leader, then nobody was elected to replace (P, E) before r. Proof: a leader elected before r, in an epoch above E, had
 * the votes of v sentinels before r. Sets of k and v among N share a member. That member had voted before its query was
 * written; a sentinel's vote is stored before it is told and is only ever replaced by one of a higher epoch; so its answer
 * showed a vote above E, and it was no supporter unless that vote was settled. v is the majority of N; where a sentinel
 * counts fewer sentinels than others do, it is the majority of that smaller number or that sentinel's quorum, whichever
 * is larger.
 *
 * <p>A vote is settled by what {@code Elections} lists. A sentinel reports only its last vote, so one that was not heard
 * as it was cast may hide others; {@code Ballots} keeps those as votes for nobody knows whom, settled by nothing less than
 * the denial of every sentinel. A sentinel that is told to watch the shard anew, or that another one has taken the place
 * of, knows nothing of the votes it cast; they stand all the same. Nor is a sentinel forgotten that nobody lists any more and
 * that is lost, while such a vote of its stands: N would forget it, too, and with it how many votes elect a leader.
 *
 * <p>No clock enters this proof.
 *
 * <h2>Lease</h2>
 *
 * A sentinel that answers, to a query written at t, that the primary's last good reply to its ping is x old, cannot hold
 * the primary down before t - x + down-after. Claim: if k = N - q + 1 sentinels (q: the smallest quorum) support the
 * claim, their instants t - x + down-after are all at least L, and none of them has held the primary down in the last 22 s
 * before its query was written, then nobody is elected before L, up to a margin for the drift between clocks. Proof: let
 * somebody be elected at e &lt; L, from a failover begun at s. At s some sentinel counted a quorum of q that held P down
 * within the 9 s before s: its own judgement, and answers of others, which it remembers for 5 s. A failover is judged
 * before old answers are cleared, in the same turn of the sentinel's timer, so if the sentinel was held up just before, by
 * anything less than the 2 s that trigger its TILT, it still counted answers of 7 s; and 2 s are for their way and for
 * timers. One of the k is among those counted, and held P down at some u in (s - 9 s, s]. Since it has told of no such thing
 * since it was first heard at c, and cannot before L, u &lt; c, so s &lt; c + 9 s. A failover that is not won within 10 s,
 * after at most 1 s of deliberate delay, is given up, and that too may be judged 2 s late: e &lt; c + 22 s (5 + 2 + 10 + 1 +
 * 2 + 2). So e lies before the writing of every one of the k queries. But the leader had q votes before e, one of them from
 * the k, whose answer would have shown it: a contradiction.
 *
 * <p>A sentinel in TILT neither clears old answers nor judges, and does both as it leaves, after 30 s at least. So while a
 * sentinel that is heard, be it one of the k or not, is in TILT, and for the same 22 s after, there is no lease; c is then
 * no earlier than the end of the TILT. Confirmation, which rests on votes alone, goes on.
 *
 * <p>Why 22 s and not the 9 s after which old down-answers are forgotten: a failover begun on such an answer may still be
 * in its election. A vote cast for it after the lease was given would be heard, but only after a network's delay, and the
 * lease would have been believed in between.
 *
 * <p>Sentinels whose unbroken word is not old enough are left out before the k are chosen, so that one whose connection
 * breaks time and again denies no lease that the others prove.
 *
 * <p>That a sentinel has not held the primary down "since it was first heard" rests on its subscription, which is in one
 * order with its answers on one connection: {@code +sdown} precedes any answer given after it. A broken connection, a
 * switch to another primary (whose sentinels keep old down-answers about the one before: a second failover within a second
 * of the first was seen on real servers for that reason), {@code +tilt}, {@code +set} and {@code +reset-master} begin a
 * new chain. After {@code +set} and {@code +monitor} the others' promises are worth nothing either, until it is known
 * which quorum they have to be enough for. Anything that may change an answer voids the sentinel's part in the lease until it has answered a query
 * written after that was heard.
 *
 * <p>The table's evidence reaches at most two ticks beyond the last tick. A process that was stopped therefore wakes up
 * without a lease, and every sentinel must be asked again before there is one.
 *
 * <h2>Opposition</h2>
 *
 * Votes do not cover {@code SENTINEL FAILOVER}, by which one sentinel fails over alone. So a sentinel that leads a
 * failover, or names a higher epoch, caps the evidence at the last instant of its own support, whatever the others
 * support, until it answers otherwise. From its {@code +try-failover} to the promotion 200 to 250 ms were seen, in which
 * the message must arrive. A leader that is not heard any more is believed to go on, until {@code abandoned-vote} passes or
 * a claim is adopted that it can do nothing against: of a later epoch than its failover's, since whomever it promotes after
 * that, nobody takes over; or of the very node that it had said it would promote ({@code +selected-slave}), since in that
 * failover it promotes nobody else, and has all others follow that node. The same holds
 * for a replica that turns primary out of the claim's history, which is how a failover shows that no sentinel told of: for
 * 5 s, in which its leader must have told the others, the sentinels' word for the claim is not taken.
 *
 * <p>Nor do votes cover {@code REPLICAOF} by hand. So while the claimed primary's own last word is that it is a replica, the
 * evidence reaches no further than its last word before that it is primary, whatever the sentinels confirm: nobody was elected,
 * but what is read after that may be another node's data.
 *
 * <p>The leader itself says how far it is. Let it answer, to a query written at u, that it names (P, E) and that its failover
 * has come to {@code wait_start}, {@code select_slave} or {@code send_slaveof_noone}. As it sends {@code SLAVEOF NO ONE} it
 * leaves the last of these, in one turn of its timer; so in this failover it had promoted nobody by u. Nor had it in one before,
 * since (P, E): where it saw the promotion it would name a later epoch; where it gave up before it saw any, neither it nor
 * anybody else ever names that node for it. So its failover caps the evidence at u and no earlier. The others must support the
 * claim as ever, and do not where they voted for this leader: hence it is good for a failover that was forced, and there it
 * is good for much. From the announcement to the promotion 150 to 250 ms were seen. Who has no lease has a reply of nearly each
 * client parked then, and all are proven in this time. What these clients write next is held, and can be sent ahead; else they
 * would still wait for the reply before.
 *
 * <h2>Other levels of trust</h2>
 *
 * {@code fence: confirm} uses no lease: evidence is confirmation alone, which no clock enters, and the sentinels are asked
 * for as long as a reply or a sample of the primary's offset waits for them. {@code fence: role} believes the claimed primary while our own connection is up and its last word on it was "primary":
 * evidence has then no end, and a reply costs nothing. A node replaced without our connection noticing is believed until
 * the next probe; when it says otherwise, or cannot be heard, evidence ends at the last query it answered as primary. A
 * static topology has nothing better, so {@code lease} and {@code confirm} mean {@code role} there. {@code fence: off} asks for no evidence.
 *
 * <h2>Where nobody votes</h2>
 *
 * Claims of a static topology rest on roles, run ids and histories ({@code StaticArbiter}). What is known then: a node that
 * says primary, and whose former history is the claimed primary's current one, was its replica and was promoted, or is a
 * clone of one that was. Either way others may write to it, so the claimed primary is fenced at once, and its own word is
 * capped at the last instant at which the other one still said replica. Only if the claimed one is out of reach for as long
 * as makes a node silent, or says replica itself, do writes move: it has then nothing to lose that the successor has not
 * left behind already.
 *
 * <p>Rules that keep this sound. (1) A word stands until its speaker takes it back: a successor out of reach is one still
 * ({@code Contenders}), or a flapping link would reopen the gate of a replaced primary. That it says replica again takes
 * back its own claim and no more: the claimed primary may have been its replica meanwhile, and have lost what it replied
 * then. So evidence stays capped, and the gate closed, until the claimed primary's INFO, asked for after that, names a
 * history of the claim's: who had followed another would name one that branched off that one's, which (4) is about. (2) Only the <em>current</em>
 * history makes a successor. A node that left an earlier one, before a restart or before a replid changed, lacks all that
 * was acknowledged since; it is a sibling, and siblings, like strangers, are for an operator to choose between. (3) An
 * address is no process. Another run id is another claim with an epoch of its own, at the same node: replies and
 * connections of the old process belong to the old epoch and prove nothing under the new one, whoever answers at that
 * address now. That covers restarts and endpoints that move alike. (4) Another history under the same run id is the same
 * primary: its offsets are void and nothing else; unless that history branched off one that the claim did not have, or off the
 * claim's before an offset that had been seen of it, since the process was then a replica of other data between two questions,
 * which is as good as a restart; and so is an offset that goes back within one history, which no primary does by itself. (5) Whoever was decided against, by a claim or by an operator, is no
 * rival any more, and a successor only with a history that it took up since.
 *
 * <p>An operator's word ({@code FenceRequests}) is taken for a node that says primary itself, asked after the operator
 * spoke. It overrules histories. It overrules sentinels only while they are split (two nodes for one epoch, or epochs that
 * went back), only for a node that one of them names, and only what they named by then ({@code OperatorsWord}): another
 * claim, a vote or a failover of theirs is heard as ever. Until enough of them agree again the node's own word is its
 * evidence, as under {@code fence: role}. Where the operator chooses the other node of an epoch that was used, the claim
 * gets the next epoch, since one epoch is used with one node only; should the sentinels give that epoch away later, they
 * are split once more.
 *
 * <h2>Not covered</h2>
 *
 * A forced {@code SENTINEL FAILOVER} on a sentinel that this process cannot hear, or hears more than 200 ms late. Steps of
 * a sentinel's clock below its TILT trigger and beyond the margin, and clocks that are slewed by more than the margin per
 * {@code down-after}. The end of a TILT of a sentinel that this process did not hear. A virtual machine that was suspended,
 * whose monotonic clock stood still meanwhile: it may wake with what was left of the two ticks. Sentinels that lost their state or were reconfigured
 * (quorum, {@code down-after}) out of hearing. {@code master-reboot-down-after-period}, which no command reports, below
 * {@code down-after}. A down-answer or a vote request that the network between two sentinels delays by more than a second
 * or ten. A leader that is stopped for longer than the limit {@code abandoned-vote} between its election and the
 * promotion, and goes on; the limit is no less than what the largest {@code failover-timeout} reported, and an election
 * before it, allow a leader that goes on all along. An operator who releases the fence while the leader lives. A primary that sentinels vote about and that somebody makes a replica of another data set, and back between two questions or
 * while a reply of before waits.
 *
 * <h2>Provably kept</h2>
 *
 * A reply that was read from R, which stood for the claim (P, E), just before a failover waits for a confirmation that never
 * comes, since the next thing to be proven is the successor's claim. Most such replies are about data that the successor
 * has. Let R's history be H, and let the successor S, adopted at a later epoch, say as primary that its history branched
 * off H and shares of it what lies at or below offset B. Let u1 be the latest instant before which a query to R was
 * written whose answer gave an offset of H at or below B; let u2 be the latest instant before which a query to S was written
 * that S answered as replica. Claim: a reply of R that was read at r &lt;= min(u1, u2), over a connection opened under
 * (P, E), may be passed on, though (P, E) is no longer in use. Proof: the command was executed before r. (1) So whatever it
 * did in H lies at or below the offset that R gave to a query written at u1 or later, and S has it. R may have left and
 * entered histories before; then this says nothing, and nothing is kept of a claim whose process was seen to change its
 * history. (2) S turned primary later than u2: it said replica after that. It may have been primary earlier, too, but what it
 * executed then died when it was made a replica of R once more, as it must have been to leave H now. So the command, be it a
 * read or one that changed nothing, was executed before anything that S has executed as primary of the data that live on,
 * and before anything that was acknowledged for S and lives on. With (1) it
 * stands where it was executed in the one history that lives on.
 *
 * <p>Unless somebody else was primary in between, X, in an epoch above E and below that of S, and has been forgotten by all:
 * what X acknowledged is lost, but had been acknowledged by then. Where sentinels vote there is no such X if the two epochs
 * are neighbours, since an epoch has one leader, who promotes one node (a forced failover, which nobody votes for, may share
 * its epoch with another; one that is out of hearing is not covered, here as elsewhere). Else u2 is the earliest of such instants of all
 * nodes but R.
 *
 * <p>A rule about replicas is asked of the replicas of S. Their as-ofs are from samples of S in its own history, at or
 * beyond B, so whoever has one holds all that is kept. When S is restarted, or changes its history, it may have forgotten
 * what it took over, and nothing is known to be kept from then on.
 *
 * <p>Where a reply waits for its claim while writes are held, R and all replicas are asked at once, so that u1 and u2 come
 * to lie behind the reply: from the announcement of a forced failover to the promotion that leaves 150 ms. No clock but
 * this process's own and no vote enters.
 *
 * <h2>Provably gone</h2>
 *
 * A write that was sent and not answered may have run. But let process R have stood for the claim (P, E) with history H,
 * and let an answer of R, read at r, have given offset o of H. A write whose first byte was written at s &gt;= r reached R
 * after that answer, so whatever it did in H lies beyond o. Let another node be adopted whose word as primary is that its
 * history branched off H and shares of it what lies below {@code second_repl_offset}. Claim: if o &gt;=
 * second_repl_offset - 1, the write is no part of the successor's data, and to send it there is no second time. Proof: the
 * successor's data are the shared beginning of H and what it executed itself as primary. The first ends at or before o,
 * and the write lies beyond; the second it was not part of, since it was sent to R alone. If R had left H by then (for
 * another history, or as a replica), the write is no part of H at all.
 *
 * <p>It may still reach R later, when R has become a replica of the successor and, after that, primary again of the data that
 * live on. Sentinels end all connections to a node as they give it another role. Elsewhere this process has reset the
 * connection by then, so that nothing is transmitted again: what is left is a packet that the network holds up for longer
 * than it takes people to do both, which is not covered.
 *
 * <p>Should R's branch turn out to be the one that lives on, after all (the sentinels go back, an operator decides), the
 * write that was sent again died with the successor's branch. It is in every history at most once. One that still waited
 * to be sent again then is not: R's branch holds it. So what is proven is proven for the claim that was adopted, and for
 * one that branched off it in turn, whose data begin in the same, unless that is R's: made a replica of the first and promoted
 * again before this process heard of either, R may have got the write then. For any other it may have run.
 *
 * <p>The table tells both of the claim replaced last, by one process and two instants ({@code Fork}); the offsets and
 * instants are R's alone ({@code Sightings}) and begin anew when R is restarted. Nothing is called gone when the same node
 * is primary again, whatever its history says: that it lost its newest data is what a restart is reported for. No clock
 * and no evidence enters: where R stood it stood, replaced or not.
 *
 * <h2>As-of</h2>
 *
 * A primary asked at S answers with an offset at or above all it had executed before S. A replica that is verified, by
 * INFO over its current connection, to be of the very history of that offset, and has applied at least that much, holds
 * everything the primary had executed before S. Whom it follows does not matter then; a change of whom it follows does,
 * and voids the verification, and so does a link to its primary that comes up: it may have been given all data anew. What
 * follows another replica may be of another history at any time, when that one is promoted; of it only the offset counts
 * that INFO gave together with the history. A sample counts only once evidence reaches the instant at which it was read.
 * Sentinels that turn a replica to another primary end its connections with that; one that the data plane opens anew, before
 * the control plane hears of it, is used only if the replica says there that it follows whom it followed ({@code
 * Replica.follows}): seed 49248 of the simulation read the data of a primary to be under the claim before.
 * As-of says what a replica holds at least. A session that has read of it may have seen more, and reads there on, as long as
 * its data can only have grown: so whatever may have given it others ({@code Replica.dataSet}) ends that.
 *
 * <h2>Loss</h2>
 *
 * A successor's history shares the old one up to an offset B, and of what the old primary executed it lacks exactly what
 * lies beyond B. How much of that was acknowledged to clients can be bounded from two series: the answers of the old
 * primary, and counts of the writes that were sent and acknowledged under its claim ({@link
 * io.tidegate.routing.engine.Acknowledged}), taken with every tick.
 *
 * <p>An answer asked for at S, read at T, of offset X: what was executed before S lies at or below X, and what was sent
 * after T, if it changed anything, lies beyond. Whether the old primary had been replaced by then does not matter, since
 * this is about its branch. So let S be of the last answer with X &lt;= B: a write whose reply was read before S was
 * executed before S, and survives. Hence <em>at most</em> those acknowledgements are lost that had not been given by S. And
 * let T be of the first answer with X &gt;= B: a write sent after T is gone. Of the writes acknowledged in the end no more
 * were sent by T than had been sent by T at all. Hence <em>at least</em> the difference is lost.
 *
 * <p>The counts err on the safe side, too: given by S are those of a count that had ended by S, sent by T those of a count
 * that had not begun before T. Without an answer at or below B nothing is known to survive, and the upper bound is not
 * known; without one at or beyond B nothing is known to be lost, and the lower one is 0. The first is so right after a
 * claim was adopted, the second whenever the primary dies between two probes. A write that changed nothing is counted
 * nevertheless; what others than this proxy wrote is not. Nor is an acknowledgement that is given after the claim was
 * replaced, because it is provably kept: it survives, so the upper bound holds without it, and of the others no more were
 * sent by T for that. The successor's account has none of it either, since under that claim it was never sent.
 */
@NullMarked
package io.tidegate.routing.engine;

import org.jspecify.annotations.NullMarked;
