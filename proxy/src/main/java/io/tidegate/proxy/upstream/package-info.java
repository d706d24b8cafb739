/**
 * The servers' side: connections to Redis processes, each known to belong to one process in one role before a client's
 * command goes over it.
 *
 * <p>A {@link io.tidegate.proxy.upstream.Run} is the unit: consecutive commands of one session, sent as one piece of the
 * client's own bytes, entered once in the connection's queue, answered as one piece where the replies arrive together. A
 * pipeline of 64 commands costs one entry. {@code ReplyReader} matches replies to runs.
 *
 * <p>A connection carries the epoch under which it was opened and the run id that the server gave; {@link
 * io.tidegate.proxy.upstream.Upstreams} closes it when the routing table moves on, and what it then owes is for the
 * session to judge. Nothing here resends anything. One to a primary that was replaced, alive and well, is kept for a while if
 * it owes replies to writes: it may refuse them, which proves that they did not run ({@code UpstreamConnection#retire}).
 *
 * <p><b>Big replies.</b> All sessions of a loop share one connection, so a reply of 100 MB would keep everybody waiting who
 * is behind it, and a client that reads it slowly would either keep them waiting longer or have it piled up here. So a
 * connection on which more than {@code ReplySize.BIG_BYTES} of one reply come is set {@link
 * io.tidegate.proxy.upstream.Apart apart}: what is sent from then on goes over another one, which is opened at once or was
 * apart before and is free again. Whose commands are behind the big reply already is told ({@link
 * io.tidegate.proxy.upstream.ReplySink#onBlocked}): reads are asked again over the other connection, and their replies on
 * this one are dropped; writes wait, since nothing is ever sent twice that may have run. They are few, because a session
 * that got one big reply begins its next turns on a connection apart, where nobody comes behind it. If there is no other
 * connection to be had, all go on sharing the one.
 *
 * <p>With nobody else behind, a client's own pace is enough: its session {@link
 * io.tidegate.proxy.upstream.UpstreamConnection#pause pauses} the connection while the client has not taken what it was
 * sent, TCP tells the server, and a reply of any size passes in a few buffers' memory. While a write of somebody else is
 * behind, the reply is read at full speed, and a client that leaves too much of it unread is dropped. A big reply for
 * which nobody waits any more is not read to its end; its connection is closed.
 *
 * <p>What it cannot help against: a server runs one command at a time, so a <em>slow command</em> holds up all its
 * connections alike, and so does the copying of a 100 MB value into its reply. Another connection would gain something
 * only from commands that the server puts aside while it goes on with other clients. Those that block by nature have a
 * connection of their own. There remain writes deferred by {@code CLIENT PAUSE … WRITE} (and by a server's own {@code
 * FAILOVER}, which uses it): reads behind one on a shared connection wait until the pause is over, although the server
 * would answer them elsewhere. And commands of modules that work on in threads of their own are indistinguishable from
 * slow ones here.
 */
@NullMarked
package io.tidegate.proxy.upstream;

import org.jspecify.annotations.NullMarked;
