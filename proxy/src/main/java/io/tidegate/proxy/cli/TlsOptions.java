package io.tidegate.proxy.cli;

import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocketFactory;

/** How commands speak TLS: to whom is each command's own affair. */
final class TlsOptions {
    private static final Option CA =
            Option.value("--tls-ca", "FILE", "Who must have signed certificates, PEM; default: whom the JVM trusts.");
    private static final Option CERTIFICATE =
            Option.value("--tls-certificate", "FILE", "A certificate of one's own, PEM.");
    private static final Option KEY = Option.value("--tls-key", "FILE", "Its key, PEM.");
    private static final Option NAME =
            Option.value("--tls-name", "NAME", "Whom certificates must name; default: the host that is connected to.");

    static final List<Option> ALL = List.of(CA, CERTIFICATE, KEY, NAME);

    private TlsOptions() {}

    /** Whether anything is said of it. */
    static boolean given(Arguments arguments) {
        return ALL.stream().anyMatch(arguments::has);
    }

    /** By what is said, else by what the JVM trusts. Its sockets refuse whoever has not the right name. */
    static SSLSocketFactory sockets(Arguments arguments) throws Misuse {
        String ca = arguments.value(CA);
        String certificate = arguments.value(CERTIFICATE);
        String key = arguments.value(KEY);
        if ((certificate == null) != (key == null)) {
            throw new Misuse(CERTIFICATE.name() + " and " + KEY.name() + " go together (expected: both)");
        }
        SslContextBuilder builder = SslContextBuilder.forClient();
        try {
            if (ca != null) {
                builder.trustManager(new File(ca));
            }
            if (certificate != null && key != null) {
                builder.keyManager(new File(certificate), new File(key));
            }
            SSLSocketFactory sockets = ((JdkSslContext)
                            builder.sslProvider(SslProvider.JDK).build())
                    .context()
                    .getSocketFactory();
            return new NamedSockets(sockets, arguments.value(NAME));
        } catch (SSLException | IllegalArgumentException e) {
            throw new Misuse("--tls-…: " + e.getMessage());
        }
    }
}
