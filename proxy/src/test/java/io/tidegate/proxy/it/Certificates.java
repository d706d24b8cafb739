package io.tidegate.proxy.it;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** An authority for one test, what it signs, and that as files. */
public final class Certificates {
    private static final Duration LIFE = Duration.ofDays(1);
    private static final int SOCKET_MILLIS = 60_000;

    private final X509Bundle authority;
    private final Path directory;

    public Certificates(Path directory) throws Exception {
        this.directory = directory;
        this.authority =
                builder("CN=test authority").setIsCertificateAuthority(true).buildSelfSigned();
        Files.writeString(directory.resolve("ca.pem"), authority.getCertificatePEM());
    }

    private static CertificateBuilder builder(String subject) {
        Instant now = Instant.now();
        return new CertificateBuilder()
                .algorithm(Algorithm.ecp256)
                .subject(subject)
                .notBefore(now.minus(LIFE))
                .notAfter(now.plus(LIFE));
    }

    public X509Bundle issue(String name) throws Exception {
        return builder("CN=" + name)
                .addSanIpAddress("127.0.0.1")
                .addSanDnsName("localhost")
                .buildIssuedBy(authority);
    }

    X509Bundle expired(String name) throws Exception {
        return builder("CN=" + name)
                .notAfter(Instant.now().minus(LIFE.dividedBy(2)))
                .addSanIpAddress("127.0.0.1")
                .buildIssuedBy(authority);
    }

    /** Signs for a name that nobody here has. */
    X509Bundle elsewhere() throws Exception {
        return builder("CN=elsewhere").addSanDnsName("elsewhere.example").buildIssuedBy(authority);
    }

    /** Writes {@code <name>.pem} and {@code <name>.key}, each at once. */
    public void write(String name, X509Bundle bundle) throws Exception {
        put(name + ".pem", bundle.getCertificatePathPEM());
        put(name + ".key", bundle.getPrivateKeyPEM());
    }

    void put(String file, String text) throws Exception {
        Path fresh = directory.resolve(file + ".new");
        Files.writeString(fresh, text);
        Files.move(fresh, directory.resolve(file), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    public Path file(String name) {
        return directory.resolve(name);
    }

    /** What a client, or a server, needs that believes this authority and shows {@code own}. */
    public SSLContext client(@Nullable X509Bundle own) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        KeyManager[] keys = own == null ? null : own.toKeyManagerFactory().getKeyManagers();
        context.init(keys, authority.toTrustManagerFactory().getTrustManagers(), null);
        return context;
    }

    /** A client of whoever listens there, which shows {@code own}. */
    Jedis jedis(int port, X509Bundle own) throws Exception {
        SSLSocketFactory sockets = client(own).getSocketFactory();
        JedisSocketFactory factory = () -> {
            try {
                Socket socket = sockets.createSocket("127.0.0.1", port);
                socket.setSoTimeout(SOCKET_MILLIS);
                return socket;
            } catch (IOException e) {
                throw new JedisConnectionException(e);
            }
        };
        return new Jedis(
                factory,
                DefaultJedisClientConfig.builder()
                        .socketTimeoutMillis(SOCKET_MILLIS)
                        .build());
    }
}
