/**
 * The running proxy: event loops that carry bytes, and beside them a control plane that knows who is primary. It has
 * the threads, sockets, clock and settings that {@code io.tidegate.protocol} (where does a frame end?) and
 * {@code io.tidegate.routing} (where may this command go?) do without.
 *
 * <p>A request runs inwards. {@code downstream} reads a client's bytes and keeps its replies in order; {@code dispatch}
 * asks the router about each command and sends, holds or answers it; {@code upstream} writes it on a connection to a
 * server and finds the reply's end. All three are on one event loop per client, with that loop's own connections
 * ({@code loop}), so a request never changes thread and nothing on its way takes a lock.
 *
 * <p>{@code control} asks sentinels and servers, feeds the routing engine on a thread of its own, and publishes what it
 * decides as one immutable table; the loops read it through one volatile field. {@code metrics} counts, {@code admin}
 * tells operators over HTTP, {@code config} reads what was asked for, {@code cli} is the command line and
 * {@code local} starts real servers for the demo and the tests. A package knows only those further in;
 * {@code ArchitectureTest} has the order.
 *
 * <p>{@link io.tidegate.proxy.Clock} is where time comes from: whoever stamps an instant was handed one, and no other
 * class asks the system.
 */
@NullMarked
package io.tidegate.proxy;

import org.jspecify.annotations.NullMarked;
