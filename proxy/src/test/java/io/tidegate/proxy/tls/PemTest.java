package io.tidegate.proxy.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.interfaces.ECPrivateKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PemTest {
    /** SEQUENCE of two bytes' length, version, algorithm and the head of an octet string of two bytes' length. */
    private static final int RSA_HEAD_BYTES = 26;

    private static byte[] pem(String kind, byte[] der) {
        String text = Base64.getMimeEncoder().encodeToString(der);
        return ("some text\n-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n")
                .getBytes(US_ASCII);
    }

    private static X509Bundle bundle(Algorithm algorithm) throws Exception {
        return new CertificateBuilder()
                .subject("CN=x")
                .algorithm(algorithm)
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
    }

    @Test
    void keysAreReadInTheFormsThatAreCommon() throws Exception {
        for (Algorithm algorithm : List.of(Algorithm.rsa2048, Algorithm.ecp256, Algorithm.ecp384, Algorithm.ed25519)) {
            X509Bundle bundle = bundle(algorithm);
            byte[] pkcs8 = bundle.getPrivateKeyPEM().getBytes(US_ASCII);
            Pem.checkPair(Pem.key(pkcs8), bundle.getCertificate());
            assertThat(Pem.certificates(bundle.getCertificatePathPEM().getBytes(US_ASCII)))
                    .containsExactly(bundle.getCertificate());
        }
    }

    @Test
    void theOlderFormsAreReadToo() throws Exception {
        X509Bundle rsa = bundle(Algorithm.rsa2048);
        byte[] pkcs8 = rsa.getKeyPair().getPrivate().getEncoded();
        byte[] pkcs1 = Arrays.copyOfRange(pkcs8, RSA_HEAD_BYTES, pkcs8.length);
        assertThat(Pem.key(pem("RSA PRIVATE KEY", pkcs1)))
                .isEqualTo(rsa.getKeyPair().getPrivate());

        X509Bundle ec = bundle(Algorithm.ecp256);
        byte[] number = ((ECPrivateKey) ec.getKeyPair().getPrivate()).getS().toByteArray();
        ByteArrayOutputStream sec1 = new ByteArrayOutputStream();
        sec1.writeBytes(new byte[] {0x30, (byte) (3 + 2 + number.length + 12), 2, 1, 1, 4, (byte) number.length});
        sec1.writeBytes(number);
        sec1.writeBytes(new byte[] {(byte) 0xA0, 10, 6, 8, 42, (byte) 0x86, 72, (byte) 0xCE, 61, 3, 1, 7});
        Pem.checkPair(Pem.key(pem("EC PRIVATE KEY", sec1.toByteArray())), ec.getCertificate());
    }

    @Test
    void whatCannotBeUsedSaysWhyAndShowsNothing() throws Exception {
        X509Bundle one = bundle(Algorithm.ecp256);
        X509Bundle other = bundle(Algorithm.rsa2048);
        assertThatThrownBy(() -> Pem.checkPair(one.getKeyPair().getPrivate(), other.getCertificate()))
                .isInstanceOf(GeneralSecurityException.class)
                .hasMessage("belongs to another certificate");
        assertThatThrownBy(() -> Pem.checkPair(
                        one.getKeyPair().getPrivate(), bundle(Algorithm.ecp256).getCertificate()))
                .hasMessage("belongs to another certificate");
        assertThatThrownBy(() -> Pem.key(pem("ENCRYPTED PRIVATE KEY", new byte[8])))
                .hasMessageContaining("encrypted");
        assertThatThrownBy(() -> Pem.key(one.getCertificatePEM().getBytes(US_ASCII)))
                .hasMessage("has no private key in PEM");
        for (String kind : List.of("", "RSA ", "EC ")) {
            for (int bytes = 0; bytes < 64; bytes++) {
                byte[] broken = new byte[bytes];
                Arrays.fill(broken, (byte) (bytes * 37));
                assertThatThrownBy(() -> Pem.key(pem(kind + "PRIVATE KEY", broken)))
                        .isInstanceOf(GeneralSecurityException.class);
            }
        }
        assertThatThrownBy(() -> Pem.certificates(new byte[0])).hasMessageContaining("no certificate");
        assertThatThrownBy(() -> Pem.certificates("rubbish".getBytes(US_ASCII)))
                .isInstanceOf(GeneralSecurityException.class);
    }
}
