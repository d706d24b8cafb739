package io.tidegate.proxy.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.local.FreePort;
import io.tidegate.proxy.local.LocalRedis;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** PROXY headers as HAProxy itself writes them, for clients and for its health checks. Skipped where it is not installed. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class HaproxyIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String HEADERS = "tidegate_proxy_headers_total{outcome=\"%s\"} ";

    /** It takes a PONG for a sign of life, so it is one of the whole way. */
    private static final String CONFIG = """
        defaults
            mode tcp
            timeout connect 5s
            timeout client 1m
            timeout server 1m
            timeout check 30s
            option tcp-check
            tcp-check send PING\\r\\n
            tcp-check expect string +PONG
            default-server check inter 200ms fall 3 rise 1 check-send-proxy
        listen first
            bind 127.0.0.1:%d
            server one 127.0.0.1:%d send-proxy
        listen second
            bind 127.0.0.1:%d
            server two 127.0.0.1:%d send-proxy-v2
        listen third
            bind 127.0.0.1:%d
            server three 127.0.0.1:%d send-proxy-v2 check-ssl verify none
        """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @BeforeEach
    void look() throws Exception {
        assumeTrue(NodeScripts.runs("haproxy", "-v"), "haproxy is not installed");
    }

    @Test
    void itsClientsAreKnownByTheirOwnAddressesAndItsChecksAreAnswered() throws Exception {
        Certificates certificates = new Certificates(directory);
        certificates.write("proxy", certificates.issue("proxy"));
        try (LocalRedis redis = LocalRedis.builder().replicas(0).sentinels(0).start();
                Tidegate tidegate = Tidegate.start(Stack.parse("""
                    listeners:
                      - {address: '127.0.0.1:0', proxy-protocol: required}
                      - {address: '127.0.0.1:0', proxy-protocol: required,
                         tls: {certificate: '%s', key: '%s'}}
                    upstream: {static: {nodes: ['%s']}}
                    clients: {handshake-timeout: 1m}
                    admin: {address: '127.0.0.1:0'}
                    """.formatted(
                                certificates.file("proxy.pem"),
                                certificates.file("proxy.key"),
                                redis.primary().endpoint())))) {
            await().atMost(PATIENCE).until(() -> tidegate.table().primary() != null);
            int plain = tidegate.listeners().get(0).address().port();
            int tls = tidegate.listeners().get(1).address().port();
            int[] ports = {FreePort.next(), FreePort.next(), FreePort.next()};
            Path config = Files.writeString(
                    directory.resolve("haproxy.cfg"),
                    CONFIG.formatted(ports[0], plain, ports[1], plain, ports[2], tls));
            Process haproxy = new ProcessBuilder("haproxy", "-db", "-f", config.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("haproxy.log").toFile())
                    .start();
            try {
                // Version 2 says LOCAL of a check; after three failed ones nobody would be let through.
                await("checked").atMost(PATIENCE).until(() -> counted(tidegate, "unnamed") >= 5);
                try (Socket one = new Socket(InetAddress.getLoopbackAddress(), ports[0]);
                        Socket two = new Socket(InetAddress.getLoopbackAddress(), ports[1]);
                        SSLSocket three = (SSLSocket)
                                certificates.client(null).getSocketFactory().createSocket("127.0.0.1", ports[2])) {
                    for (Socket client : new Socket[] {one, two, three}) {
                        client.setSoTimeout((int) PATIENCE.toMillis());
                        assertThat(info(client)).contains(" addr=127.0.0.1:" + client.getLocalPort() + " ");
                    }
                    assertThat(counted(tidegate, "named")).isGreaterThanOrEqualTo(3);
                    assertThat(counted(tidegate, "malformed")).isZero();
                    assertThat(haproxy.isAlive()).isTrue();
                }
            } finally {
                haproxy.destroyForcibly().waitFor();
            }
            assertThat(Files.readString(directory.resolve("haproxy.log"))).doesNotContain("DOWN");
        }
    }

    private static String info(Socket client) throws IOException {
        client.getOutputStream().write("CLIENT INFO\r\n".getBytes(US_ASCII));
        BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream(), US_ASCII));
        assertThat(in.readLine()).startsWith("$");
        return in.readLine();
    }

    private static double counted(Tidegate tidegate, String outcome) throws Exception {
        String name = HEADERS.formatted(outcome);
        return Stack.get(tidegate, "/metrics")
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                .sum();
    }
}
