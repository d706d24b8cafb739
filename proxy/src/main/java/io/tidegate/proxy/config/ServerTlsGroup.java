package io.tidegate.proxy.config;

import static io.tidegate.proxy.config.Applies.NEW_CONNECTIONS;

import io.tidegate.proxy.config.TidegateConfig.TlsClientAuth;
import java.nio.file.Path;

/** How one port of Tidegate's speaks TLS: the same settings for each. */
record ServerTlsGroup(
        Setting<Path> certificate, Setting<Path> key, Setting<Path> clientCa, Setting<TlsClientAuth> clientAuth) {
    /** @param port path of the map in which {@code tls} is */
    static ServerTlsGroup of(Part part, String port) {
        String tls = port + ".tls.";
        return new ServerTlsGroup(
                part.required(
                        tls + "certificate",
                        NEW_CONNECTIONS,
                        Kinds.file(),
                        "With it the port speaks TLS (1.2 and 1.3) and nothing else: its certificate, the chain behind it, in"
                                + " PEM. Followed: a renewed file is used for new connections within some seconds."),
                part.required(
                        tls + "key",
                        NEW_CONNECTIONS,
                        Kinds.file(),
                        "Its private key in PEM, without a passphrase; followed likewise."),
                part.optional(
                        tls + "client-ca",
                        NEW_CONNECTIONS,
                        Kinds.file(),
                        "Authorities in PEM, one of which must have signed a client's certificate; followed likewise."),
                part.of(
                        tls + "client-auth",
                        NEW_CONNECTIONS,
                        Kinds.choice(TlsClientAuth.class),
                        "none",
                        "Whether clients are asked for a certificate: `required` lets nobody in without, `optional` nobody"
                                + " with a wrong one."));
    }

    /** Whether nobody comes in without a certificate that is believed. */
    boolean certified(Values values, int index) {
        return values.has(Values.path(certificate, index)) && values.known(clientAuth, index) == TlsClientAuth.REQUIRED;
    }
}
