package io.tidegate.proxy.upstream;

import io.tidegate.protocol.Limits;
import io.tidegate.proxy.tls.TlsClient;
import org.jspecify.annotations.Nullable;

/**
 * What upstream connections are told. Of a reload only {@code service} may be another.
 *
 * @param service the proxy's own account; {@link Identity#SERVICE} itself where the servers ask for no password
 * @param connectNanosMax for the TCP connection and again for the greeting
 * @param replyNanosMax how long a server may owe replies and stay silent
 * @param refusalNanosMax how long a replaced primary may take to refuse what it was sent before
 * @param pendingBytesMax per connection; above it sessions wait
 * @param idlePinnedMax connections kept for reuse by pinned sessions, per node, key and loop
 * @param connectionsMax upstream connections per event loop, shared and pinned; beyond that the one unused for longest is
 *     closed, or if all are in use, no other is opened
 * @param attemptsMax of these being opened at a time to try credentials of clients
 * @param tls how nodes are spoken to; null = in plaintext
 */
public record UpstreamSettings(
        Identity service,
        Limits limits,
        long connectNanosMax,
        long replyNanosMax,
        long refusalNanosMax,
        long pendingBytesMax,
        int idlePinnedMax,
        int connectionsMax,
        int attemptsMax,
        @Nullable TlsClient tls) {}
