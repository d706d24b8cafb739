package io.tidegate.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.config.TidegateConfig.Ready;
import io.tidegate.routing.Instants;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the admin port says to those who ask whether the proxy is alive, ready or available. */
final class AdminHealthTest {
    private static final long MILLI = 1_000_000L;

    private final AdminFixture admin = new AdminFixture();

    @AfterEach
    void stop() {
        admin.close();
    }

    @Test
    void theProcessIsAlive() throws IOException {
        assertThat(admin.send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("content-length: 3\r\n", "connection: close\r\n", "cache-control: no-store\r\n")
                .endsWith("\r\n\r\nok\n");
        assertThat(admin.send("GET /livez HTTP/1.0\r\n\r\n")).endsWith("\r\n\r\nok\n");
    }

    @Test
    void aThreadThatIsStuckMakesItNotAliveUntilItGoesOn() {
        CountDownLatch goOn = new CountDownLatch(1);
        admin.loop.execute(() -> awaitUninterruptibly(goOn));
        try {
            awaitLivez("HTTP/1.1 503 ", "\r\n\r\nnot alive: stuck: an event loop\n");
        } finally {
            goOn.countDown();
        }
        awaitLivez("HTTP/1.1 200 OK\r\n", "\r\n\r\nok\n");
    }

    @Test
    void aThreadThatHasEndedMakesItNotAlive() {
        admin.loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        awaitLivez("HTTP/1.1 503 ", "not alive: stuck: an event loop\n");
    }

    @Test
    void aControlPlaneThatHasFailedMakesItNotAlive() throws IOException {
        admin.controlPlane = false;
        assertThat(admin.get("/livez"))
                .startsWith("HTTP/1.1 503 ")
                .endsWith("\r\n\r\nnot alive: the control plane has failed\n");
    }

    @Test
    void readyOnceItListensAndKnowsAPrimaryAndThenForGood() throws IOException {
        assertThat(admin.get("/readyz")).startsWith("HTTP/1.1 503 ").endsWith("\r\n\r\nnot ready: not listening\n");
        admin.listeners = List.of(AdminFixture.LISTENER);
        assertThat(admin.get("/readyz"))
                .startsWith("HTTP/1.1 503 ")
                .endsWith("\r\n\r\nnot ready: no primary found yet (1 sentinel answers)\n");
        admin.table = AdminFixture.table(WriteGate.OPEN, 12 * MILLI);
        assertThat(admin.get("/readyz")).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nready\n");
        admin.table = AdminFixture.table(WriteGate.FENCED, Instants.UNKNOWN);
        assertThat(admin.get("/readyz")).startsWith("HTTP/1.1 200 OK\r\n");
        admin.draining = true;
        assertThat(admin.get("/readyz")).startsWith("HTTP/1.1 503 ").endsWith("\r\n\r\nnot ready: draining\n");
        assertThat(admin.get("/livez")).startsWith("HTTP/1.1 200 ");
        admin.listeners = List.of();
        assertThat(admin.get("/readyz")).startsWith("HTTP/1.1 503 ");
    }

    @Test
    void readyOnlyWhileWritesCanBeSentOrAreHeldIfThatIsWanted() throws IOException {
        admin.listeners = List.of(AdminFixture.LISTENER);
        admin.table = AdminFixture.table(WriteGate.OPEN, 12 * MILLI);
        admin.readiness = new Readiness(Ready.PRIMARY, 5 * MILLI, 0);
        admin.restart();
        admin.readiness.published(admin.table, 3 * MILLI);
        assertThat(admin.get("/readyz")).startsWith("HTTP/1.1 200 ");
        admin.table = AdminFixture.table(WriteGate.FENCED, Instants.UNKNOWN);
        admin.readiness.published(admin.table, 6 * MILLI);
        assertThat(admin.get("/readyz")).as("held").startsWith("HTTP/1.1 200 ");
        admin.readiness.published(admin.table, 7 * MILLI);
        admin.nowNanos.set(11 * MILLI);
        assertThat(admin.get("/readyz"))
                .as("held no longer")
                .startsWith("HTTP/1.1 503 ")
                .endsWith("not ready: no writes for 5 ms (1 sentinel answers)\n");
        admin.readiness = new Readiness(Ready.ANY, 5 * MILLI, 0);
        admin.restart();
        assertThat(admin.get("/readyz")).as("reads are served").startsWith("HTTP/1.1 200 ");
        admin.table = RoutingTable.EMPTY;
        assertThat(admin.get("/readyz")).startsWith("HTTP/1.1 503 ");
    }

    @Test
    void availableWhileThePrimaryTakesWrites() throws IOException {
        assertThat(admin.get("/availability")).startsWith("HTTP/1.1 503 ").contains("\"error_code\":\"not_listening\"");
        admin.listeners = List.of(AdminFixture.LISTENER);
        assertThat(admin.get("/availability"))
                .startsWith("HTTP/1.1 503 ")
                .contains("content-type: application/json\r\n")
                .endsWith("{\"error_code\":\"no_primary\",\"description\":\"no write can be sent: no_claim\"}\n");
        admin.table = AdminFixture.table(WriteGate.OPEN, 12 * MILLI);
        assertThat(admin.get("/availability")).startsWith("HTTP/1.1 200 ").endsWith("{\"available\":true}\n");
        admin.table = AdminFixture.table(WriteGate.SPLIT, 12 * MILLI);
        assertThat(admin.get("/availability")).startsWith("HTTP/1.1 503 ").contains("no write can be sent: split");
        assertThat(admin.send("POST /availability HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 405 ");
    }

    @Test
    void availableWithAReplicaCloseToThePrimaryIfThatIsAsked() throws IOException {
        admin.listeners = List.of(AdminFixture.LISTENER);
        admin.table = AdminFixture.table(WriteGate.OPEN, 12 * MILLI);
        String path = "/availability?extend_check=lag&availability_lag_tolerance_ms=";
        assertThat(admin.get(path + "2")).as("as-of is 1.5 ms old").startsWith("HTTP/1.1 200 ");
        assertThat(admin.wantedNanos).as("nobody was asked").isZero();
        admin.fresher = AdminFixture.table(WriteGate.OPEN, 12 * MILLI, 9_500_000);
        assertThat(admin.get(path + "1")).as("until the nodes were asked").startsWith("HTTP/1.1 200 ");
        assertThat(admin.wantedNanos).isEqualTo(9 * MILLI);
        admin.fresher = RoutingTable.EMPTY;
        assertThat(admin.get(path + "0"))
                .startsWith("HTTP/1.1 503 ")
                .endsWith(
                        "{\"error_code\":\"replica_lag\",\"description\":\"no replica that may be promoted is known to be"
                                + " within 0 ms of the primary\"}\n");
        for (String odd : List.of("-1", "x", "", "999999999")) {
            assertThat(admin.get(path + odd))
                    .as(odd)
                    .startsWith("HTTP/1.1 400 ")
                    .contains("\"invalid_parameter\"");
        }
        assertThat(admin.get("/availability?extend_check=lag,speed")).startsWith("HTTP/1.1 400 ");
    }

    private void awaitLivez(String head, String end) {
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(admin.get("/livez")).startsWith(head).endsWith(end));
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
