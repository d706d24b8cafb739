/**
 * The clients' side: listening sockets, connection limits, and the adapter from Netty's events to a {@link
 * io.tidegate.proxy.dispatch.Session}. A channel stays on the event loop that accepted it, and so does everything done
 * for it.
 *
 * <p>Backpressure: a session that cannot send its commands on stops reading once it has a bounded number of bytes
 * ({@link io.tidegate.proxy.dispatch.Session}); a client that does not read its replies is not dispatched for above
 * {@code outputBytesHigh} and disconnected above {@code outputBytesMax}. A client that closes only its sending side (as a
 * shell pipe does) still gets what it asked for.
 */
@NullMarked
package io.tidegate.proxy.downstream;

import org.jspecify.annotations.NullMarked;
