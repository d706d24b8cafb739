package io.tidegate.proxy.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.pkitesting.X509Bundle;
import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.config.TidegateConfig;
import io.tidegate.proxy.local.LocalRedis;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Jedis;

/** TLS on every side, with real servers and real certificates: right ones, wrong ones, renewed ones. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class TlsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int BIG = 64 << 20;
    private static final String HANDSHAKES = "tidegate_tls_handshakes_total{outcome=\"%s\",peer=\"client\"}";

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // by JUnit
    private Certificates certificates;

    @SuppressWarnings("NullAway.Init") // by JUnit
    private LocalRedis redis;

    @BeforeEach
    void start() throws Exception {
        certificates = new Certificates(directory);
        certificates.write("proxy", certificates.issue("proxy"));
        redis = LocalRedis.builder().replicas(0).sentinels(0).start();
    }

    @AfterEach
    void stop() {
        redis.close();
    }

    /** Plaintext towards the server: what is in question is the clients' side. */
    private Tidegate serve(String moreTls, String more) throws IOException {
        return Tidegate.start(Stack.parse("""
                listeners:
                  - {address: '127.0.0.1:0', tls: {certificate: '%s', key: '%s'%s}}
                  - {address: '127.0.0.1:0'}
                upstream: {static: {nodes: ['%s']}}
                admin: {address: '127.0.0.1:0'}
                %s
                """.formatted(
                        certificates.file("proxy.pem"),
                        certificates.file("proxy.key"),
                        moreTls,
                        redis.primary().endpoint(),
                        more)));
    }

    private static int port(Tidegate tidegate, int listener) {
        return tidegate.listeners().get(listener).address().port();
    }

    private SSLSocket connect(Tidegate tidegate, @Nullable X509Bundle own) throws Exception {
        SSLSocket socket =
                (SSLSocket) certificates.client(own).getSocketFactory().createSocket("127.0.0.1", port(tidegate, 0));
        socket.setSoTimeout((int) PATIENCE.toMillis());
        return socket;
    }

    private static Socket plain(Tidegate tidegate, int listener) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port(tidegate, listener));
        socket.setSoTimeout((int) PATIENCE.toMillis());
        return socket;
    }

    private static void ping(Socket socket) throws IOException {
        socket.getOutputStream().write("PING\r\n".getBytes(US_ASCII));
        assertThat(new String(socket.getInputStream().readNBytes(7), US_ASCII)).isEqualTo("+PONG\r\n");
    }

    /** 0 while there is none of that name and labels. */
    private static double metric(Tidegate tidegate, String name) throws Exception {
        URI uri = URI.create("http://" + tidegate.adminAddress() + "/metrics");
        String text = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                .body();
        return text.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(0);
    }

    private static void awaitMetric(Tidegate tidegate, String name) {
        await(name).atMost(PATIENCE).until(() -> metric(tidegate, name) >= 1);
    }

    @Test
    void everySideSpeaksItAndAFailoverIsAPause() throws Exception {
        certificates.write("own", certificates.issue("tidegate"));
        String files = "ca: '%s', certificate: '%s', key: '%s'"
                .formatted(certificates.file("ca.pem"), certificates.file("own.pem"), certificates.file("own.key"));
        try (TlsShard shard = new TlsShard(directory, certificates)) {
            TidegateConfig config = Stack.parse("""
                    listeners:
                      - address: '127.0.0.1:0'
                        tls: {certificate: '%s', key: '%s', client-ca: '%s', client-auth: required}
                    upstream:
                      sentinel: {master: shard, nodes: %s, tls: {%s}}
                      tls: {%s}
                    """.formatted(
                            certificates.file("proxy.pem"),
                            certificates.file("proxy.key"),
                            certificates.file("ca.pem"),
                            shard.sentinelNodes(),
                            files,
                            files));
            try (Tidegate tidegate = Tidegate.start(config);
                    Jedis client = certificates.jedis(port(tidegate, 0), certificates.issue("client"))) {
                byte[] value = new byte[BIG];
                new Random(1).nextBytes(value);
                client.set("big".getBytes(US_ASCII), value);
                assertThat(Arrays.equals(client.get("big".getBytes(US_ASCII)), value))
                        .isTrue();
                client.del("big");

                client.set("before", "1");
                try (Jedis replica = shard.jedis(shard.nodes.get(1))) {
                    await("replicated").atMost(PATIENCE).until(() -> "1".equals(replica.get("before")));
                }
                shard.kill(shard.nodes.get(0));
                client.get("before"); // by then at the latest it is noticed
                client.set("after", "2");
                assertThat(client.get("before")).isEqualTo("1");
                try (Jedis promoted = shard.jedis(shard.nodes.get(1))) {
                    assertThat(promoted.get("after")).isEqualTo("2");
                }
                assertThat(Objects.requireNonNull(tidegate.table().primary())
                                .address()
                                .port())
                        .isEqualTo(shard.nodes.get(1));
            }
        }
    }

    @Test
    void aServerOfAnotherNameIsNotSpokenTo() throws Exception {
        certificates.write("own", certificates.issue("tidegate"));
        String files = "ca: '%s', certificate: '%s', key: '%s'"
                .formatted(certificates.file("ca.pem"), certificates.file("own.pem"), certificates.file("own.key"));
        try (TlsShard shard = new TlsShard(directory, certificates)) {
            String yaml = """
                    listeners: [{address: '127.0.0.1:0'}]
                    admin: {address: '127.0.0.1:0'}
                    upstream:
                      sentinel: {master: shard, nodes: %s, tls: {%s}}
                      tls: {%s, server-name: redis.example%s}
                    """;
            try (Tidegate strict =
                    Tidegate.start(Stack.parse(yaml.formatted(shard.sentinelNodes(), files, files, "")))) {
                awaitMetric(strict, "tidegate_tls_handshakes_total{outcome=\"certificate\",peer=\"node\"}");
                assertThat(strict.table().primary()).isNull();
            }
            try (Tidegate lax = Tidegate.start(
                            Stack.parse(yaml.formatted(shard.sentinelNodes(), files, files, ", verify: ca")));
                    Socket client = plain(lax, 0)) {
                ping(client);
                client.getOutputStream().write("SET k 1\r\n".getBytes(US_ASCII));
                assertThat(new String(client.getInputStream().readNBytes(5), US_ASCII))
                        .isEqualTo("+OK\r\n");
            }
        }
    }

    @Test
    void onlyARightCertificateLetsAClientIn() throws Exception {
        String ca = ", client-ca: '" + certificates.file("ca.pem") + "', client-auth: required";
        Path strangers = java.nio.file.Files.createDirectory(directory.resolve("strangers"));
        X509Bundle foreign = new Certificates(strangers).issue("client");
        try (Tidegate tidegate = serve(ca, "");
                SSLSocket right = connect(tidegate, certificates.issue("client"))) {
            ping(right);
            for (X509Bundle wrong : Arrays.asList(null, foreign, certificates.expired("client"))) {
                double before = metric(tidegate, HANDSHAKES.formatted("certificate"));
                // With TLS 1.3 a client learns of it with the first byte that it reads.
                assertThatThrownBy(() -> {
                            try (SSLSocket refused = connect(tidegate, wrong)) {
                                ping(refused);
                            }
                        })
                        .isInstanceOfAny(IOException.class, AssertionError.class);
                await("counted")
                        .atMost(PATIENCE)
                        .until(() -> metric(tidegate, HANDSHAKES.formatted("certificate")) > before);
            }
            ping(right);
            assertThat(metric(tidegate, HANDSHAKES.formatted("completed"))).isEqualTo(1);
        }
    }

    private static BigInteger serial(SSLSocket socket) throws SSLException {
        return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
    }

    private BigInteger served(Tidegate tidegate) throws Exception {
        try (SSLSocket fresh = connect(tidegate, null)) {
            ping(fresh);
            return serial(fresh);
        }
    }

    @Test
    void aRenewedCertificateDropsNobodyAndABrokenOneChangesNothing() throws Exception {
        try (Tidegate tidegate = serve("", "");
                SSLSocket old = connect(tidegate, null)) {
            ping(old);
            X509Bundle renewed = certificates.issue("proxy");
            certificates.write("proxy", renewed);
            BigInteger serial = renewed.getCertificate().getSerialNumber();
            await("renewed").atMost(PATIENCE).until(() -> served(tidegate).equals(serial));
            ping(old);
            assertThat(serial(old)).isNotEqualTo(serial);

            double unfit = 0;
            X509Bundle expired = certificates.expired("proxy");
            for (String broken :
                    new String[] {"rubbish", certificates.issue("x").getCertificatePEM(), expired.getCertificatePEM()
                    }) {
                certificates.put("proxy.pem", broken);
                double before = unfit;
                await("noticed")
                        .atMost(PATIENCE)
                        .until(() -> metric(tidegate, "tidegate_tls_reloads_total{outcome=\"unfit\"}") > before);
                unfit = before + 1;
                assertThat(served(tidegate)).isEqualTo(serial);
            }
            java.nio.file.Files.delete(certificates.file("proxy.key"));
            await("noticed")
                    .atMost(PATIENCE)
                    .until(() -> metric(tidegate, "tidegate_tls_reloads_total{outcome=\"unfit\"}") == 4);
            assertThat(served(tidegate)).isEqualTo(serial);
            ping(old);
            assertThat(metric(
                            tidegate,
                            "tidegate_tls_certificate_expiry_timestamp_seconds{setting=\"listeners[0].tls\"}"))
                    .isEqualTo((double)
                            renewed.getCertificate().getNotAfter().toInstant().getEpochSecond());
        }
    }

    /** The operators' port, for those with a certificate alone, and the one that clients ask for the primary. */
    @Test
    void theProxysOwnPortsSpeakItToo() throws Exception {
        X509Bundle mine = certificates.issue("operator");
        String pair = "certificate: '%s', key: '%s'"
                .formatted(certificates.file("proxy.pem"), certificates.file("proxy.key"));
        TidegateConfig config =
                Stack.parse("""
                listeners: [{address: '127.0.0.1:0'}]
                upstream: {static: {nodes: ['%s']}}
                clients: {handshake-timeout: 5s}
                admin:
                  address: '127.0.0.1:0'
                  tls: {%s, client-ca: '%s', client-auth: required}
                sentinel-port: {address: '127.0.0.1:0', tls: {%s}}
                """.formatted(redis.primary().endpoint(), pair, certificates.file("ca.pem"), pair));
        try (Tidegate tidegate = Tidegate.start(config)) {
            int admin = Objects.requireNonNull(tidegate.adminAddress()).port();
            int sentinel =
                    Objects.requireNonNull(tidegate.sentinelPortAddress()).getPort();
            assertThat(page(admin, mine, "/livez")).endsWith("ok\n");
            assertThat(page(admin, mine, "/metrics").length()).isGreaterThan(10_000);
            assertThatThrownBy(() -> page(admin, null, "/livez")).isInstanceOf(IOException.class);
            try (Socket plaintext = new Socket(InetAddress.getLoopbackAddress(), admin)) {
                plaintext.setSoTimeout((int) PATIENCE.toMillis());
                plaintext.getOutputStream().write("GET /livez HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
                assertThat(new String(plaintext.getInputStream().readAllBytes(), US_ASCII))
                        .doesNotContain("HTTP");
            } catch (IOException reset) {
                assertThat(reset).hasMessageContaining("reset");
            }
            try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), sentinel)) {
                silent.setSoTimeout((int) PATIENCE.toMillis());
                assertThat(silent.getInputStream().read()).as("no handshake").isEqualTo(-1);
            }
            try (SSLSocket subscribed = secured(sentinel, null)) {
                subscribed.getOutputStream().write("SUBSCRIBE c\r\n".getBytes(US_ASCII));
                assertThat(subscribed.getInputStream().readNBytes(30)).endsWith("c\r\n:1\r\n".getBytes(US_ASCII));
                X509Bundle renewed = certificates.issue("proxy");
                certificates.write("proxy", renewed);
                BigInteger serial = renewed.getCertificate().getSerialNumber();
                await("renewed").atMost(PATIENCE).until(() -> {
                    try (SSLSocket one = secured(sentinel, null);
                            SSLSocket other = secured(admin, mine)) {
                        return serial(one).equals(serial) && serial(other).equals(serial);
                    }
                });
                assertThat(serial(subscribed)).isNotEqualTo(serial);
                subscribed.getOutputStream().write("PING\r\n".getBytes(US_ASCII));
                assertThat(subscribed.getInputStream().readNBytes(20))
                        .startsWith("*2\r\n$4\r\npong".getBytes(US_ASCII));
            }
            assertThat(page(admin, mine, "/metrics"))
                    .contains("tidegate_tls_certificate_expiry_timestamp_seconds{setting=\"admin.tls\"}")
                    .contains("tidegate_tls_certificate_expiry_timestamp_seconds{setting=\"sentinel-port.tls\"}");
        }
    }

    private SSLSocket secured(int port, @Nullable X509Bundle own) throws Exception {
        SSLSocket socket =
                (SSLSocket) certificates.client(own).getSocketFactory().createSocket("127.0.0.1", port);
        socket.setSoTimeout((int) PATIENCE.toMillis());
        socket.startHandshake();
        return socket;
    }

    private String page(int port, @Nullable X509Bundle own, String path) throws Exception {
        try (SSLSocket socket = secured(port, own)) {
            socket.getOutputStream().write(("GET " + path + " HTTP/1.1\r\n\r\n").getBytes(US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), US_ASCII);
        }
    }

    @Test
    void whoSpeaksTheWrongWayIsClosedAndNobodyElse() throws Exception {
        try (Tidegate tidegate = serve("", "clients: {handshake-timeout: 5s}");
                SSLSocket other = connect(tidegate, null);
                Socket plain = plain(tidegate, 1)) {
            ping(other);
            ping(plain);
            try (Socket plaintext = plain(tidegate, 0)) {
                plaintext.getOutputStream().write("AUTH secret\r\n".getBytes(US_ASCII));
                plaintext.getInputStream().readAllBytes(); // ends
            } catch (IOException reset) {
                assertThat(reset).hasMessageContaining("reset");
            }
            awaitMetric(tidegate, HANDSHAKES.formatted("plaintext"));
            try (Socket silent = plain(tidegate, 0)) {
                assertThat(silent.getInputStream().read()).isEqualTo(-1);
            }
            awaitMetric(tidegate, HANDSHAKES.formatted("timeout"));
            assertThatThrownBy(() -> {
                        try (SSLSocket wrong = (SSLSocket) certificates
                                .client(null)
                                .getSocketFactory()
                                .createSocket("127.0.0.1", port(tidegate, 1))) {
                            wrong.setSoTimeout((int) PATIENCE.toMillis());
                            wrong.startHandshake();
                        }
                    })
                    .isInstanceOf(IOException.class);
            awaitMetric(tidegate, HANDSHAKES.formatted("tls_to_plaintext"));
            ping(other);
            ping(plain);
        }
    }

    @Test
    void aSlowReaderIsWaitedForAndTheServerWithIt() throws Exception {
        byte[] value = new byte[BIG];
        new Random(2).nextBytes(value);
        try (Tidegate tidegate = serve("", "");
                SSLSocket other = connect(tidegate, null);
                Jedis writer = new Jedis("127.0.0.1", redis.primary().port());
                SSLSocket slow = connect(tidegate, null)) {
            writer.set("big".getBytes(US_ASCII), value);
            slow.getOutputStream().write("GET big\r\n".getBytes(US_ASCII));
            awaitMetric(tidegate, "tidegate_upstream_pauses_total");
            ping(other);
            double sent = metric(tidegate, "tidegate_client_sent_bytes_total");
            assertThat(sent).as("bytes taken for a client that reads nothing").isLessThan(BIG / 4);
            InputStream in = slow.getInputStream();
            in.readNBytes(("$" + BIG + "\r\n").length());
            assertThat(Arrays.equals(in.readNBytes(BIG), value)).isTrue();
        }
    }

    /** Neither its bytes nor the word that this is the end can be sent: its place is another's all the same. */
    @ParameterizedTest
    @ValueSource(strings = {"GET big\r\n", "GET big\r\nQUIT\r\n"})
    void anAbandonedConnectionThatTakesNothingIsGivenUp(String commands) throws Exception {
        byte[] value = new byte[BIG];
        try (Tidegate tidegate = serve("", "clients: {write-timeout: 1s, connections-max: 1}");
                Jedis writer = new Jedis("127.0.0.1", redis.primary().port());
                SSLSocket abandoned = connect(tidegate, null)) {
            writer.set("big".getBytes(US_ASCII), value);
            abandoned.getOutputStream().write(commands.getBytes(US_ASCII));
            awaitMetric(tidegate, "tidegate_client_connections_timed_out_total{reason=\"write\"}");
            await().atMost(PATIENCE).until(() -> serves(tidegate));
        }
    }

    /** Whether one more is let in. */
    private boolean serves(Tidegate tidegate) throws Exception {
        try (SSLSocket next = connect(tidegate, null)) {
            ping(next);
            return true;
        } catch (IOException turnedAway) {
            return false;
        }
    }

    @Test
    void aDrainDeliversTheLastRepliesAndEndsInGoodOrder() throws Exception {
        byte[] value = new byte[4 << 20];
        new Random(3).nextBytes(value);
        try (Tidegate tidegate = serve("", "drain: {time-max: 1m}");
                Jedis writer = new Jedis("127.0.0.1", redis.primary().port());
                SSLSocket client = connect(tidegate, null)) {
            writer.set("k".getBytes(US_ASCII), value);
            ping(client);
            client.getOutputStream().write("GET k\r\nGET k\r\n".getBytes(US_ASCII));
            InputStream in = client.getInputStream();
            in.readNBytes(1);
            Thread drain = new Thread(() -> {
                try {
                    tidegate.drain();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            drain.start();
            int head = ("$" + value.length + "\r\n").length();
            in.readNBytes(head - 1);
            assertThat(Arrays.equals(in.readNBytes(value.length), value)).isTrue();
            in.readNBytes(2 + head);
            assertThat(Arrays.equals(in.readNBytes(value.length), value)).isTrue();
            in.readNBytes(2);
            // A connection that just ends would be an exception here: its close_notify has come.
            assertThat(in.read()).isEqualTo(-1);
            drain.join(PATIENCE.toMillis());
            assertThat(drain.isAlive()).isFalse();
        }
    }
}
