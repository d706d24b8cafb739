/**
 * The servers' side: connections to Redis processes, each known to belong to one process in one role before a client's
 * command goes over it.
 *
 * <p>A {@link io.tidegate.proxy.upstream.Run} is the unit: consecutive commands of one session, sent as one piece of the
 * client's own bytes, entered once in the connection's queue, answered as one piece where the replies arrive together. A
 * pipeline of 64 commands costs one entry.
 *
 * <p>A connection carries the epoch under which it was opened and the run id that the server gave; {@link
 * io.tidegate.proxy.upstream.Upstreams} closes it when the routing table moves on, and what it then owes is for the
 * session to judge. Nothing here resends anything.
 */
@NullMarked
package io.tidegate.proxy.upstream;

import org.jspecify.annotations.NullMarked;
