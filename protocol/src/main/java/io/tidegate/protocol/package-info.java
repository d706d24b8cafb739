/**
 * The Redis protocol, RESP2 and RESP3, as a proxy needs it: where frames begin and end, and little else.
 *
 * <h2>What is here</h2>
 *
 * <ul>
 *   <li>{@link io.tidegate.protocol.RequestScanner}: the boundaries of requests, and of a request its name and where its
 *       arguments are. {@link io.tidegate.protocol.InlineCommand} turns a typed line into a request in RESP.
 *   <li>{@link io.tidegate.protocol.ReplyScanner}: the boundaries of replies and pushes. {@link
 *       io.tidegate.protocol.ReplyError} is what an error reply says, and whether it proves that nothing was executed.
 *   <li>{@link io.tidegate.protocol.RespWriter}: the replies that the proxy gives by itself, and the commands that it
 *       sends by itself; {@link io.tidegate.protocol.RespValues} reads what is answered to those.
 *   <li>{@link io.tidegate.protocol.Limits}: how much a peer may announce.
 * </ul>
 *
 * <p>It knows nothing of connections, commands, keys or nodes; buffers of Netty are its only dependency.
 *
 * <h2>Nothing is decoded</h2>
 *
 * <p>A proxy passes on the bytes it was given. It has to know where a frame ends, so as to pair requests with replies,
 * and of a request its name and keys. To build strings and lists out of the rest would cost more than everything else
 * it does, and could only lose: what is not decoded cannot be encoded differently. So the scanners yield positions.
 * Lengths let them hop over payloads; what they do look at, they look at once, eight bytes at a time where they can
 * ({@code Swar}), and they allocate nothing per frame.
 *
 * <h2>Window and stream</h2>
 *
 * <p>The two directions differ in what must be kept. A <em>request</em> can be routed only when it is complete: which
 * upstream it goes to depends on its name and keys. So its bytes are kept in a window, one contiguous buffer from the
 * first byte of the unfinished request on, and every argument has a position in it. The window's owner grows, compacts
 * or replaces it at will between two reads; that is why the scanner remembers positions relative to the request's first
 * byte, and asks with each call where that byte is now. A <em>reply</em> goes to where its request came from, so it can
 * be passed on while it arrives, whatever its size. It is scanned as a stream: a chunk that was scanned is never needed
 * again.
 *
 * <h2>Ownership</h2>
 *
 * <p>Buffers are borrowed by every method of this package. None is retained or released, no reader index is used or
 * moved; only {@code RespWriter} and {@code InlineCommand} append, to the buffer named {@code out}. A scanner belongs to
 * one connection and thus to one thread.
 *
 * <h2>What is malformed</h2>
 *
 * <p>Requests are judged as Redis judges them, oddities included, and refused with its words; tests ask a running
 * server. To be stricter would break clients that work today; to be laxer would let the proxy and a server disagree
 * about where a request ends, on a connection that many clients share. Replies are judged by the RESP3 specification,
 * strictly in whatever decides where a frame ends: a scanner in doubt would give one client's data to another.
 */
@NullMarked
package io.tidegate.protocol;

import org.jspecify.annotations.NullMarked;
