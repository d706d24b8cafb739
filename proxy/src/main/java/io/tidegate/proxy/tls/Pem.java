package io.tidegate.proxy.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Certificates and keys as text (RFC 7468). Keys come as PKCS#8 (RFC 5958), or as the older forms that are common still:
 * PKCS#1 for RSA (RFC 8017, A.1.2) and SEC 1 for elliptic curves (RFC 5915), which are wrapped into PKCS#8. Messages name
 * the problem and show nothing of the file.
 */
final class Pem {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----(.*?)-----END \\1PRIVATE KEY-----", Pattern.DOTALL);

    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 0x04;
    private static final int CURVE = 0xA0;
    private static final byte[] VERSION = {2, 1, 0};
    /** 1.2.840.113549.1.1.1 and NULL. */
    private static final byte[] RSA = {6, 9, 42, (byte) 0x86, 72, (byte) 0x86, (byte) 0xF7, 13, 1, 1, 1, 5, 0};
    /** 1.2.840.10045.2.1. */
    private static final byte[] EC = {6, 7, 42, (byte) 0x86, 72, (byte) 0xCE, 61, 2, 1};

    private Pem() {}

    /** All certificates of a file, in its order; at least one. */
    static List<X509Certificate> certificates(byte[] file) throws GeneralSecurityException {
        List<X509Certificate> certificates;
        try {
            certificates =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(file))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
        } catch (GeneralSecurityException e) {
            throw new GeneralSecurityException("is no certificate in PEM", e);
        }
        if (certificates.isEmpty()) {
            throw new GeneralSecurityException("has no certificate in it");
        }
        return certificates;
    }

    static PrivateKey key(byte[] file) throws GeneralSecurityException {
        Matcher key = KEY.matcher(new String(file, US_ASCII));
        if (!key.find()) {
            throw new GeneralSecurityException("has no private key in PEM");
        }
        byte[] der;
        try {
            der = Base64.getMimeDecoder().decode(key.group(2));
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException("has a private key that is damaged");
        }
        return switch (key.group(1)) {
            case "" -> parsed(der);
            case "RSA " -> parsed(sequence(VERSION, tagged(SEQUENCE, RSA), tagged(OCTETS, der)));
            case "EC " -> parsed(sequence(VERSION, sequence(EC, curve(der)), tagged(OCTETS, der)));
            case "ENCRYPTED " ->
                throw new GeneralSecurityException("is encrypted (expected: a key without a passphrase)");
            default ->
                throw new GeneralSecurityException("has a key of a kind that is not known here (expected: PKCS#8)");
        };
    }

    private static PrivateKey parsed(byte[] pkcs8) throws GeneralSecurityException {
        GeneralSecurityException notOfThisKind = null;
        for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (GeneralSecurityException e) {
                notOfThisKind = e;
            }
        }
        throw new GeneralSecurityException(
                "has a key that is damaged or of an unknown kind (expected: RSA, EC or Ed25519)", notOfThisKind);
    }

    /** The curve's identifier out of {@code SEQUENCE {INTEGER 1, OCTET STRING, [0] curve, …}}. */
    private static byte[] curve(byte[] sec1) throws GeneralSecurityException {
        try {
            int at = content(sec1, 0);
            while ((sec1[at] & 0xFF) != CURVE) {
                at = content(sec1, at) + length(sec1, at);
            }
            int from = content(sec1, at);
            return Arrays.copyOfRange(sec1, from, from + length(sec1, at));
        } catch (ArrayIndexOutOfBoundsException | IllegalArgumentException e) {
            throw new GeneralSecurityException("has an EC key that is damaged or does not name its curve");
        }
    }

    /** Where the content of the element at {@code at} begins. */
    private static int content(byte[] der, int at) {
        int first = der[at + 1] & 0xFF;
        return at + 2 + (first < 0x80 ? 0 : first & 0x7F);
    }

    private static int length(byte[] der, int at) {
        int length = 0;
        int from = content(der, at);
        if (from == at + 2) {
            return der[at + 1];
        }
        for (int i = at + 2; i < from; i++) {
            length = (length << 8) | (der[i] & 0xFF);
        }
        return Math.max(0, length);
    }

    private static byte[] sequence(byte[]... parts) {
        return tagged(SEQUENCE, joined(parts));
    }

    private static byte[] tagged(int tag, byte[] content) {
        int length = content.length;
        byte[] head = length < 0x80
                ? new byte[] {(byte) tag, (byte) length}
                : new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
        return joined(head, content);
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** Throws unless {@code key} is the private half of {@code certificate}'s key: it signs, the certificate verifies. */
    static void checkPair(PrivateKey key, X509Certificate certificate) throws GeneralSecurityException {
        PublicKey other = certificate.getPublicKey();
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        boolean fits;
        try {
            byte[] text = {1};
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(other);
            signature.update(text);
            fits = signature.verify(signed);
        } catch (GeneralSecurityException e) {
            fits = false; // of another kind altogether
        }
        if (!fits) {
            throw new GeneralSecurityException("belongs to another certificate");
        }
    }
}
