package io.tidegate.proxy.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.proxy.admin.AdminServer.Limits;
import io.tidegate.proxy.tls.TlsStore;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Over real sockets, byte for byte: what is sent here is what a probe, a scraper or an attacker may send. */
final class AdminServerTest {
    private static final long MILLI = 1_000_000L;

    private final AdminFixture admin = new AdminFixture();

    @AfterEach
    void stop() {
        admin.close();
    }

    @Test
    void headIsGetWithoutTheBody() throws IOException {
        assertThat(admin.send("HEAD /metrics HTTP/1.1\r\n\r\n"))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("content-length: 19\r\n")
                .endsWith("\r\n\r\n");
    }

    @Test
    void whatIsNotThereIsNotFound() throws IOException {
        assertThat(admin.get("/nothing"))
                .startsWith("HTTP/1.1 404 Not Found\r\n")
                .contains("expected: /, /livez, /readyz");
        assertThat(admin.get("/console/index.html")).startsWith("HTTP/1.1 404 ");
        assertThat(admin.get("/livez/../topology")).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void onlyReading() throws IOException {
        assertThat(admin.send("DELETE /topology HTTP/1.1\r\n\r\n"))
                .startsWith("HTTP/1.1 405 Method Not Allowed\r\n")
                .contains("allow: GET, HEAD\r\n");
        assertThat(admin.send("POST /livez HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n"))
                .startsWith("HTTP/1.1 405 ");
    }

    @Test
    void whatIsTooLargeOrNoHttpIsRefused() throws IOException {
        assertThat(admin.get("/" + "x".repeat(5_000))).startsWith("HTTP/1.1 414 ");
        assertThat(admin.send("GET /livez HTTP/1.1\r\nX: " + "x".repeat(9_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431 ");
        assertThat(admin.send("*1\r\n$4\r\nPING\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void aFailureIsToldAndEndsNothing() throws IOException {
        admin.metrics = () -> {
            throw new IllegalStateException("made by AdminServerTest, to be seen in its log");
        };
        assertThat(admin.get("/metrics")).startsWith("HTTP/1.1 500 ").doesNotContain("AdminServerTest");
        assertThat(admin.get("/livez")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aConnectionIsForOneRequest() throws IOException {
        assertThat(admin.send("GET /livez HTTP/1.1\r\n\r\n".repeat(100))).containsOnlyOnce("HTTP/1.1");
    }

    @Test
    void aConnectionLivesForALimitedTime() throws IOException {
        admin.restart(AdminFixture.ANY_PORT, new Limits(4, 50 * MILLI));
        assertThat(admin.send("GET /livez HT")).isEmpty();
    }

    /** A probe that found no place would have the process killed by whoever sent it. */
    @Test
    void connectionsAreLimitedAndTheOldestMakesRoom() throws IOException {
        List<Socket> silent = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            silent.add(admin.connect());
        }
        assertThat(admin.get("/livez")).endsWith("ok\n");
        assertThat(silent.get(0).getInputStream().read()).as("the oldest").isEqualTo(-1);
        for (Socket socket : silent.subList(1, 4)) {
            assertThat(RawHttp.exchange(socket, "GET /livez HTTP/1.1\r\n\r\n")).endsWith("ok\n");
        }
        for (int i = 0; i < 50; i++) {
            silent.add(admin.connect());
            assertThat(admin.get("/livez")).endsWith("ok\n");
        }
        for (Socket socket : silent) {
            socket.close();
        }
    }

    @Test
    void whoDoesNotReadItsReplyEndsInTime() throws IOException {
        String large = "x".repeat(64 << 20); // more than the kernel keeps for it
        admin.metrics = () -> large;
        admin.restart(AdminFixture.ANY_PORT, new Limits(4, 200 * MILLI));
        try (Socket slow = admin.connect()) {
            slow.getOutputStream().write("GET /metrics HTTP/1.1\r\n\r\n".getBytes(UTF_8));
            Awaitility.await().until(() -> {
                try {
                    slow.getOutputStream().write('x');
                    return false;
                } catch (IOException ended) {
                    return true;
                }
            });
            assertThat(admin.get("/livez")).endsWith("ok\n");
        }
    }

    @Test
    void aLargeAnswerArrivesWhole() throws IOException {
        String large = "x".repeat(4 << 20);
        admin.metrics = () -> large;
        assertThat(admin.get("/metrics")).endsWith(large);
    }

    @Test
    void anAddressThatIsTakenIsNamed() {
        assertThatThrownBy(() -> AdminServer.start(admin.address(), false, TlsStore::plaintext, admin.sources()))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("admin: cannot listen on " + admin.address() + ": ");
    }
}
