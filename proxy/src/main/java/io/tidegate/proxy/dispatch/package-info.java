/**
 * From a frame to its reply. Read {@link io.tidegate.proxy.dispatch.Session} first: its two invariants (all commands in
 * flight are on one connection; every byte from the first undelivered command on is kept, or that command is an upload)
 * make the rest simple.
 *
 * <ul>
 *   <li>{@code Dispatcher} moves a session forward: frame, command table, router, run.
 *   <li>{@code Targets} finds the connection that a command goes over, as the router says.
 *   <li>{@code Fate} says what becomes of a command that a server refused, or whose reply did not come; read it second.
 *   <li>{@code Doubts} about what may have run: held while a new claim may settle them; {@code LostReplicas} about a read that
 *       may have stopped whoever it was sent to. {@code LateReplies}: refusals by a primary that was replaced meanwhile.
 *   <li>{@code Waiting} keeps sessions that cannot go on (no primary, a fence, a full connection, no place for another
 *       one, a primary with enough reads that no replica could serve, a replica about to be fresh enough): a hold is a
 *       session whose position stands still, within limits of time and number. {@code DrainRate} limits how fast they
 *       go on after a failover; {@code DryRun} counts what holding would do where nothing is held.
 *   <li>{@code Delivery} lets a session's replies out in their order, and sets aside what has to wait.
 *   <li>{@code Parking} keeps replies that are not yet proven, until evidence, a newer claim or the time limit decides. A
 *       newer claim lets go what its history provably took over, and the rest is superseded. {@code OverdueReads}: those
 *       that the time limit does not end, as they can be asked again.
 *   <li>{@code Rewinds} moves a session back after a refusal, a lost connection or a superseded claim, or from behind
 *       somebody else's big reply.
 *   <li>{@code BigReplies}, {@code SlowReader}: who is kept apart from the others, and what becomes of a client that does
 *       not keep up.
 *   <li>{@code Drain}, {@code Farewell}: how sessions end, so that the last reply is not lost.
 *   <li>{@code HouseKeeping}: what is done once a second, {@code Sweep} among it: with {@code Lateness} it finds clients that
 *       let the proxy wait for too long.
 *   <li>{@code Uploads}, {@code Upload}: commands that are too large to be kept and go on as they come.
 *   <li>{@code Pins}: sessions with a connection of their own. {@code Pipes}, {@code Relay}: those that are pipes to it;
 *       {@code MonitorLines}: what of it is not shown; {@code OwnAnswers}: what the proxy says in between. {@code
 *       Transactions}, {@code Transaction}: MULTI to EXEC; {@code OwnParts} is what the proxy answers in between, {@code
 *       ExecReply} where it does.
 *   <li>{@code Subscriptions}, {@code HubLink}, {@code Listening}: the clients that subscribe, over one connection per user;
 *       {@link io.tidegate.proxy.pubsub.Hub} knows who has what.
 *   <li>{@code Scripts}: those that a node lacks are sent ahead of the calls that need them.
 *   <li>{@code Scans}, {@code ScanCursor}: a cursor goes back to the process that gave it, or the scan begins anew.
 *   <li>{@code ClientFigures}: what the server says of clients, put right.
 *   <li>{@code Redirects}, {@code Redirect}, {@code TrackingSink}: invalidations of one client's keys that go to another.
 *       {@code Frames} cuts what comes there, or for subscribers, into frames.
 *   <li>{@code Renames}: names that nobody knows, on servers that have renamed commands.
 *   <li>{@code Rights}: which commands a listener lets through.
 *   <li>{@code Standing}: who a session is, what it speaks and in which database it is, changed when the primary agrees.
 *   <li>{@code Inquiries} ask the primary or all event loops on behalf of a session, {@code Questions} the control plane, while
 *       it waits. {@code Pause} keeps sessions as a client asked, {@code PausedFunctions} finds out which functions only read,
 *       {@code ReplyMode} knows whose replies nobody wants.
 *   <li>{@code Answers}: how the proxy's own replies take their turn; {@code ErrorReply}: its own errors. {@code ClientLine},
 *       {@code SessionFacts}, {@code Explain}: a session, and where its commands would go, as somebody is shown it.
 * </ul>
 *
 * <p>What the proxy answers by itself is not here but in {@code answers}, which the {@link
 * io.tidegate.proxy.dispatch.Answerer} of each event loop stands for: here it is decided when it is asked. Of a session it
 * sees an {@link io.tidegate.proxy.dispatch.Asker}, and nothing else of it is public but what its socket reports and what
 * others may see of it.
 *
 * <p>The control plane is reached through {@link io.tidegate.proxy.signals.ControlSignals} only, and reaches in through
 * {@link io.tidegate.proxy.dispatch.DataPlane#publish}; nothing here knows sentinels or probes. Everything but those two
 * runs on the event loop that owns the session.
 *
 * <p><b>Order.</b> A session changes its upstream connection only when all its replies are out. A read therefore never
 * overtakes an earlier write of its own pipeline, nor a write an earlier read, whichever nodes serve them; the price is
 * one round trip where a pipeline turns from a replica to the primary.
 */
@NullMarked
package io.tidegate.proxy.dispatch;

import org.jspecify.annotations.NullMarked;
