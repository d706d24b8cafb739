package io.tidegate.proxy.config;

import static io.tidegate.proxy.config.Applies.RESTART;

import io.tidegate.proxy.config.TidegateConfig.Verify;
import java.nio.file.Path;
import java.util.Optional;

/** How one kind of server is spoken to by TLS: the same settings for nodes and sentinels. */
record TlsGroup(
        Setting<Optional<Path>> ca,
        Setting<Path> certificate,
        Setting<Path> key,
        Setting<Verify> verify,
        Setting<String> serverName) {
    /** @param servers path of the map in which {@code tls} is */
    static TlsGroup of(Part part, String servers) {
        String tls = servers + ".tls.";
        return new TlsGroup(
                part.required(
                        tls + "ca",
                        RESTART,
                        Kinds.authorities(),
                        "With it they are spoken to by TLS: the authorities, in PEM, one of which must have signed their"
                                + " certificates; `system` means those that the JVM trusts. Followed, as are the files below."),
                part.optional(
                        tls + "certificate",
                        RESTART,
                        Kinds.file(),
                        "Tidegate's own certificate towards them, its chain behind it, in PEM."),
                part.optional(tls + "key", RESTART, Kinds.file(), "Its private key in PEM, without a passphrase."),
                part.of(
                        tls + "verify",
                        RESTART,
                        Kinds.choice(Verify.class),
                        "full",
                        "With `full` their certificates must also name the host that is connected to (an address, where"
                                + " sentinels name addresses), or `server-name`; with `ca` not."),
                part.optional(
                        tls + "server-name",
                        RESTART,
                        Kinds.word(),
                        "the host that is connected to",
                        "Whom all their certificates must name, and who is asked for (SNI)."));
    }
}
