/**
 * The admin port: HTTP for probes, for Prometheus and for people with curl.
 *
 * <p>{@link io.tidegate.proxy.admin.AdminServer} listens, on one event loop of its own so that a slow scrape never
 * delays a client; {@code AdminHandler} answers; {@code TopologyJson} is what {@code /topology} shows, {@link
 * io.tidegate.proxy.admin.Json} how it is written; {@link io.tidegate.proxy.admin.AdminSources} are the functions it asks, so
 * that this package knows nobody who serves clients.
 *
 * <table>
 * <caption>What it answers</caption>
 * <tr><th>path<th>200 if<th>meant for
 * <tr><td>{@code /}<td>always<td>people with a browser: the console, {@code ConsoleFiles}, which asks {@code /topology} and
 *     {@code /metrics} once a second and keeps the last two minutes itself, so that the proxy keeps nothing for it
 * <tr><td>{@code /livez}<td>the control plane has not failed, and no thread is stuck ({@code Pulse})<td>restarting it: never
 *     because of what happens behind it
 * <tr><td>{@code /readyz}<td>every listener is bound, and {@code Readiness} says so: by default from when a primary was
 *     found<td>sending it clients
 * <tr><td>{@code /availability}<td>the primary takes writes, and on request a replica is close to it<td>monitoring, choosing
 *     among sites
 * <tr><td>{@code /metrics}<td>always<td>Prometheus
 * <tr><td>{@code /topology}<td>always<td>people and scripts
 * <tr><td>{@code /slowlog}, {@code /hotkeys}, {@code /bigreplies}, {@code /sessions}, {@code /config}<td>always<td>the same; keys only where the
 *     port is on loopback, as names may tell something of somebody
 * <tr><td>{@code /explain}<td>the question is one<td>the same: {@code PROXY EXPLAIN} for a new client
 * </table>
 *
 * <p>Once ready, a proxy stays ready until it stops, unless {@code admin.ready} says otherwise. During a failover it holds requests; taking it out of service then
 * would make errors of a pause, and all proxies of a shard would leave together.
 *
 * <p>Everything is bounded: one request per connection, of a limited size, within a limited time, on a limited number of
 * connections, of which the oldest makes room for the next. With {@code admin.tls} they begin with a handshake ({@link
 * io.tidegate.proxy.tls.Door}), within that time, too. Nothing shows a secret. Nothing changes anything but {@code POST /actions/…} ({@code Actions}), for whoever
 * brings {@code admin.token} in the header Authorization ({@code Gatekeeper}): the page of another site cannot set that.
 */
@NullMarked
package io.tidegate.proxy.admin;

import org.jspecify.annotations.NullMarked;
