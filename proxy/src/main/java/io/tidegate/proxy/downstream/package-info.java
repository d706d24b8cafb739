/**
 * The clients' side: listening sockets, what stands at their door, and the adapter from Netty's events to a {@link
 * io.tidegate.proxy.dispatch.Session}. A connection passes through a {@code Doorway}: the limit of all ({@link
 * io.tidegate.proxy.downstream.Admission}), the header of a load balancer where one is due, the limit of the address that is
 * known then, TLS. From there on the session's loop looks who is late. A channel stays on the event loop that accepted it,
 * and so does everything done for it.
 *
 * <p>Backpressure: a session that cannot send its commands on stops reading once it has a bounded number of bytes
 * ({@link io.tidegate.proxy.dispatch.Session}); a client that does not read its replies is not dispatched for above
 * {@code outputBytesHigh} and disconnected above {@code outputBytesMax}. A client that closes only its sending side (as a
 * shell pipe does) still gets what it asked for.
 */
@NullMarked
package io.tidegate.proxy.downstream;

import org.jspecify.annotations.NullMarked;
