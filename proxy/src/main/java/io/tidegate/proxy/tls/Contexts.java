package io.tidegate.proxy.tls;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.tidegate.proxy.config.TidegateConfig.TlsClientAuth;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Makes Netty's contexts: which protocols, which ciphers, and who is believed. */
final class Contexts {
    /** BoringSSL where its library is there for this machine. */
    static final SslProvider PROVIDER = OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;

    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    /** With forward secrecy and authenticated encryption alone; what a provider does not have is left out. */
    private static final List<String> CIPHERS = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    private Contexts() {}

    static SslContext server(Material material, Material.@Nullable Own own, TlsClientAuth clients)
            throws GeneralSecurityException {
        if (own == null) {
            throw new GeneralSecurityException("a listener with TLS has no certificate");
        }
        SslContextBuilder builder = SslContextBuilder.forServer(own.key(), own.chainArray())
                .clientAuth(
                        switch (clients) {
                            case NONE -> ClientAuth.NONE;
                            case OPTIONAL -> ClientAuth.OPTIONAL;
                            case REQUIRED -> ClientAuth.REQUIRE;
                        });
        return built(builder, material);
    }

    /** {@code verifyName}: whether certificates must name the server, beside being signed by an authority. */
    static SslContext client(Material material, Material.@Nullable Own own, boolean verifyName)
            throws GeneralSecurityException {
        SslContextBuilder builder =
                SslContextBuilder.forClient().endpointIdentificationAlgorithm(verifyName ? "HTTPS" : null);
        if (own != null) {
            builder.keyManager(own.key(), own.chainArray());
        }
        return built(builder, material);
    }

    private static SslContext built(SslContextBuilder builder, Material material) throws GeneralSecurityException {
        X509Certificate[] authorities = material.authorities();
        if (authorities != null) {
            builder.trustManager(authorities);
        }
        try {
            return builder.sslProvider(PROVIDER)
                    .protocols(PROTOCOLS)
                    .ciphers(CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                    .build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new GeneralSecurityException("cannot be used together: " + e.getMessage(), e);
        }
    }
}
