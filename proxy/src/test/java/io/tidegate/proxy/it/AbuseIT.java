package io.tidegate.proxy.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Crowds that mean no good: drips, floods, and clients that read nothing, begin no handshake or say no header, at once. Who
 * behaves is answered all the while, and nothing is left of them afterwards.
 */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class AbuseIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int CROWD = 60;
    private static final int READERS = 6;
    private static final int PLACES = 4 * CROWD + READERS + 10;
    private static final int BIG = 8 << 20;

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // by the test
    private Tidegate tidegate;

    private int turn;

    private Tidegate serve(LocalRedis redis) throws Exception {
        Certificates certificates = new Certificates(directory);
        certificates.write("proxy", certificates.issue("proxy"));
        return Tidegate.start(Stack.parse("""
                listeners:
                  - {address: '127.0.0.1:0'}
                  - {address: '127.0.0.1:0', tls: {certificate: '%s', key: '%s'}}
                  - {address: '127.0.0.1:0', proxy-protocol: required}
                upstream: {static: {nodes: ['%s']}}
                clients: {connections-max: %d, handshake-timeout: 4s, request-timeout: 4s, write-timeout: 4s}
                admin: {address: '127.0.0.1:0'}
                """.formatted(
                        certificates.file("proxy.pem"),
                        certificates.file("proxy.key"),
                        redis.primary().endpoint(),
                        PLACES)));
    }

    private Socket connect(int listener) throws IOException {
        int port = tidegate.listeners().get(listener).address().port();
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout((int) PATIENCE.toMillis());
        return socket;
    }

    private double metric(String name) throws Exception {
        return Stack.get(tidegate, "/metrics")
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no meter " + name));
    }

    private double late(String reason) throws Exception {
        return metric("tidegate_client_connections_timed_out_total{reason=\"" + reason + "\"}");
    }

    private double headers(String outcome) throws Exception {
        return metric("tidegate_proxy_headers_total{outcome=\"" + outcome + "\"}");
    }

    private void answered(RedisCommandClient good) throws IOException {
        String value = Integer.toString(++turn);
        assertThat(good.command("SET", "good", value).text()).isEqualTo("OK");
        assertThat(good.command("GET", "good").text()).isEqualTo(value);
    }

    @Test
    void whoBehavesIsAnsweredAndNothingIsLeftOfTheOthers() throws Exception {
        List<Socket> crowd = new ArrayList<>();
        try (LocalRedis redis = LocalRedis.builder().replicas(0).sentinels(0).start();
                Tidegate proxy = serve(redis)) {
            tidegate = proxy;
            await("a primary")
                    .atMost(PATIENCE)
                    .until(() -> proxy.table().writes().open());
            int port = proxy.listeners().get(0).address().port();
            try (RedisCommandClient good = RedisCommandClient.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE)) {
                assertThat(good.command("SET", "big", "x".repeat(BIG)).text()).isEqualTo("OK");
                List<Socket> drips = new ArrayList<>();
                for (int i = 0; i < CROWD; i++) {
                    drips.add(sending(crowd, 0, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$400000\r\n"));
                    drips.add(sending(crowd, 2, "PROXY TCP4 192."));
                    sending(crowd, 1, "\26\3\1"); // a handshake of which no more comes
                    sending(crowd, 0, "*1\r\n$4\r\nPI");
                    answered(good);
                }
                for (int i = 0; i < READERS; i++) {
                    Socket never = sending(crowd, 0, "GET big\r\nGET big\r\nGET big\r\n");
                    never.setReceiveBufferSize(4_096);
                }
                List<Socket> flood = flood(good);
                crowd.addAll(flood);
                double refused = metric("tidegate_client_connections_refused_total{reason=\"total\"}");
                assertThat(refused).isGreaterThanOrEqualTo(CROWD);

                // Slowly: a header of more than 107 bytes is none before its time is over.
                ConditionFactory slowly =
                        await("they are closed").atMost(PATIENCE).pollInterval(Duration.ofMillis(100));
                slowly.untilAsserted(() -> {
                    answered(good);
                    drips.forEach(AbuseIT::drip);
                    assertThat(late("request")).isEqualTo(2 * CROWD);
                    assertThat(late("write")).isEqualTo(READERS);
                    assertThat(headers("timeout")).isEqualTo(CROWD);
                    assertThat(metric("tidegate_tls_handshakes_total{outcome=\"timeout\",peer=\"client\"}"))
                            .isEqualTo(CROWD);
                });
                assertThat(headers("malformed") + headers("named")).isZero();
                await("who behaves, and those of the flood that were let in, are there")
                        .atMost(PATIENCE)
                        .until(() -> metric("tidegate_client_connections") == 1 + flood.size());
                for (Socket one : flood) {
                    one.close();
                }
                await("nothing is left").atMost(PATIENCE).until(() -> {
                    answered(good);
                    return metric("tidegate_client_connections") == 1
                            && metric("tidegate_upstream_connections_lent") == 0
                            && metric("tidegate_held_requests") == 0
                            && metric("tidegate_parked_replies") == 0;
                });
                // Their places are free for others.
                for (int i = 0; i < CROWD; i++) {
                    try (Socket next = connect(0)) {
                        next.getOutputStream().write("PING\r\n".getBytes(US_ASCII));
                        assertThat(next.getInputStream().readNBytes(7)).isEqualTo("+PONG\r\n".getBytes(US_ASCII));
                    }
                }
            }
        } finally {
            for (Socket socket : crowd) {
                socket.close();
            }
        }
    }

    private Socket sending(List<Socket> crowd, int listener, String bytes) throws IOException {
        Socket socket = connect(listener);
        crowd.add(socket);
        socket.getOutputStream().write(bytes.getBytes(US_ASCII));
        return socket;
    }

    /** More come than there are places; each that is one too many is told so. Those that were let in. */
    private List<Socket> flood(RedisCommandClient good) throws Exception {
        List<Socket> in = new ArrayList<>();
        int refused = 0;
        for (int i = 0; refused < CROWD; i++) {
            assertThat(i).isLessThan(PLACES + CROWD);
            Socket one = sending(in, 0, "PING\r\n");
            String answer = new String(one.getInputStream().readNBytes(5), US_ASCII);
            assertThat(answer).isIn("+PONG", "-ERR ");
            if (answer.startsWith("-")) {
                in.remove(one);
                one.close();
                refused++;
            }
            answered(good);
        }
        return in;
    }

    /** One more byte, if anybody takes it. */
    private static void drip(Socket socket) {
        try {
            socket.getOutputStream().write('1');
        } catch (IOException closed) {
            assertThat(String.valueOf(closed.getMessage())).matches("(?i).*(reset|broken pipe|closed).*");
        }
    }
}
