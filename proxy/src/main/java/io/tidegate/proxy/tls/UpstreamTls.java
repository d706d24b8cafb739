package io.tidegate.proxy.tls;

import org.jspecify.annotations.Nullable;

/** TLS towards servers; null = none. */
public record UpstreamTls(
        @Nullable TlsClient nodes, @Nullable TlsClient sentinels) {
    public static final UpstreamTls NONE = new UpstreamTls(null, null);

    /** For connections that are opened from now on. */
    public void handshakeNanosMax(long changed) {
        if (nodes != null) {
            nodes.handshakeNanosMax(changed);
        }
        if (sentinels != null) {
            sentinels.handshakeNanosMax(changed);
        }
    }
}
