package io.tidegate.proxy.tls;

import org.jspecify.annotations.Nullable;

/** TLS towards servers; null = none. */
public record UpstreamTls(
        @Nullable TlsClient nodes, @Nullable TlsClient sentinels) {
    public static final UpstreamTls NONE = new UpstreamTls(null, null);
}
