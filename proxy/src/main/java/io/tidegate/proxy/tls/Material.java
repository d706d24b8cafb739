package io.tidegate.proxy.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the files of one context hold, read at one time; a null path is a file that the configuration does not name. */
final class Material {
    private static final int BYTES_MAX = 1 << 20;

    /** Where it is. {@code key} is null if and only if {@code certificate} is. */
    record Places(
            @Nullable Path certificate,
            @Nullable Path key,
            @Nullable Path authorities) {}

    /** One's own certificate, its chain behind it, and the key. */
    record Own(PrivateKey key, List<X509Certificate> chain) {
        X509Certificate[] chainArray() {
            return chain.toArray(X509Certificate[]::new);
        }

        Instant notAfter() {
            return chain.get(0).getNotAfter().toInstant();
        }
    }

    private final Places files;
    private final byte @Nullable [] certificate;
    private final byte @Nullable [] key;
    private final byte @Nullable [] authorities;

    private Material(
            Places files, byte @Nullable [] certificate, byte @Nullable [] key, byte @Nullable [] authorities) {
        this.files = files;
        this.certificate = certificate;
        this.key = key;
        this.authorities = authorities;
    }

    /** Reads the files; the message names the one that cannot be read. */
    static Material read(Places files) throws GeneralSecurityException {
        return new Material(files, bytes(files.certificate()), bytes(files.key()), bytes(files.authorities()));
    }

    private static byte @Nullable [] bytes(@Nullable Path file) throws GeneralSecurityException {
        if (file == null) {
            return null;
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                throw new GeneralSecurityException(file + " has more than " + BYTES_MAX + " bytes");
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw new GeneralSecurityException(file + " does not exist", e);
        } catch (IOException e) {
            throw new GeneralSecurityException(
                    file + " cannot be read: " + e.getClass().getSimpleName(), e);
        }
    }

    boolean sameAs(@Nullable Material other) {
        return other != null
                && Arrays.equals(certificate, other.certificate)
                && Arrays.equals(key, other.key)
                && Arrays.equals(authorities, other.authorities);
    }

    /** Null if no certificate is configured. Throws if it and its key cannot be used together now. */
    @Nullable Own own() throws GeneralSecurityException {
        byte[] certificateText = certificate;
        byte[] keyText = key;
        if (certificateText == null || keyText == null) {
            return null;
        }
        List<X509Certificate> chain = parsed(files.certificate(), () -> Pem.certificates(certificateText));
        PrivateKey parsedKey = parsed(files.key(), () -> Pem.key(keyText));
        Own own = new Own(parsedKey, chain);
        try {
            chain.get(0).checkValidity();
        } catch (CertificateExpiredException e) {
            throw new GeneralSecurityException(files.certificate() + " expired on " + own.notAfter(), e);
        } catch (CertificateNotYetValidException e) {
            throw new GeneralSecurityException(files.certificate() + " is not valid yet", e);
        }
        parsed(files.key(), () -> {
            Pem.checkPair(parsedKey, chain.get(0));
            return own;
        });
        return own;
    }

    /** Null if no authorities are configured. */
    X509Certificate @Nullable [] authorities() throws GeneralSecurityException {
        byte[] text = authorities;
        return text == null
                ? null
                : parsed(files.authorities(), () -> Pem.certificates(text)).toArray(X509Certificate[]::new);
    }

    private interface Parser<T> {
        T parse() throws GeneralSecurityException;
    }

    private static <T> T parsed(@Nullable Path file, Parser<T> parser) throws GeneralSecurityException {
        try {
            return parser.parse();
        } catch (GeneralSecurityException e) {
            throw new GeneralSecurityException(file + " " + e.getMessage(), e);
        }
    }
}
