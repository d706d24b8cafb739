package io.tidegate.proxy.tls;

import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.tidegate.proxy.Clock;
import io.tidegate.proxy.loop.FewLines;
import io.tidegate.proxy.metrics.TlsStats;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How handshakes ended: counted all, and those that failed told in the log, but for the most of many, for whoever scans
 * ports makes many. Used by all event loops.
 */
final class Handshakes {
    private static final Logger log = LoggerFactory.getLogger(Handshakes.class);

    /** Who is at the other end. */
    enum Peer {
        CLIENT,
        NODE,
        SENTINEL;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final TlsStats stats;
    private final FewLines lines;

    Handshakes(TlsStats stats, Clock clock) {
        this.stats = stats;
        this.lines = new FewLines(log, "TLS", clock);
    }

    void completed(Peer peer) {
        stats.handshake(peer.word(), "completed");
    }

    /** A client has spoken TLS to a port that has none. */
    void unexpected(Object who) {
        stats.handshake(Peer.CLIENT.word(), "tls_to_plaintext");
        tell(Peer.CLIENT, who, "it speaks TLS, and this port does not");
    }

    /** Tells and counts it; returns what to tell whoever waited for the connection. */
    String failed(Peer peer, Object who, Throwable cause) {
        Throwable root = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
        String outcome;
        String why;
        // The message of what is no TLS has the bytes in it, which may be a password.
        if (root instanceof NotSslRecordException) {
            outcome = "plaintext";
            why = "what it sent is no TLS";
        } else if (root instanceof SslHandshakeTimeoutException) {
            outcome = "timeout";
            why = "it was not done in time";
        } else if (root instanceof ClosedChannelException
                || String.valueOf(root.getMessage()).endsWith("Connection reset by peer")) {
            outcome = "closed";
            why = "the other side closed the connection";
        } else if (ofCertificate(root)) {
            outcome = "certificate";
            why = deepest(root);
        } else {
            outcome = root instanceof SSLException ? "protocol" : "other";
            why = deepest(root);
        }
        stats.handshake(peer.word(), outcome);
        String text = "TLS handshake failed: " + why;
        tell(peer, who, text);
        return text;
    }

    private static boolean ofCertificate(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof CertificateException
                    || String.valueOf(each.getMessage())
                            .toLowerCase(Locale.ROOT)
                            .contains("certificate")) {
                return true;
            }
        }
        return false;
    }

    /** The innermost cause says it best: the ones around it say that something went wrong. */
    private static String deepest(Throwable failure) {
        Throwable innermost = failure;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        String message = innermost.getMessage();
        return message == null ? innermost.getClass().getSimpleName() : message;
    }

    private void tell(Peer peer, Object who, String what) {
        lines.warn("{} {}: {}", peer.word(), who, what);
    }
}
