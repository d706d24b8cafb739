package io.tidegate.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.tidegate.proxy.admin.AdminServer.Limits;
import io.tidegate.proxy.config.BindAddress;
import io.tidegate.proxy.config.TidegateConfig.Causal;
import io.tidegate.proxy.config.TidegateConfig.Listener;
import io.tidegate.proxy.config.TidegateConfig.Ready;
import io.tidegate.proxy.dispatch.Facts;
import io.tidegate.routing.Durability;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.engine.Notice;
import io.tidegate.routing.engine.WarningKind;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Over real sockets, byte for byte: what is sent here is what a probe, a scraper or an attacker may send. */
final class AdminServerTest {
    private static final BindAddress ANY_PORT = new BindAddress("127.0.0.1", 0);
    private static final long MILLI = 1_000_000L;
    private static final long BEAT_NANOS = 5 * MILLI;
    private static final Listener LISTENER = new Listener(
            new BindAddress("127.0.0.1", 6390),
            ReadLevel.bounded(200 * MILLI),
            Causal.CONNECTION,
            Durability.ACKNOWLEDGED);

    /** What a page or a script of the console refers to. */
    private static final Pattern NAMED = Pattern.compile("(?:src=\"|href=\"|from \"\\./|ask\\(\")([^\"]+)\"");

    private static final Set<String> ASKED =
            Set.of("/topology", "/metrics", "/slowlog", "/hotkeys", "/bigreplies", "/sessions", "/config", "/actions");

    private static final Facts FAILOVER = new Facts()
            .add("kind", "unplanned")
            .add("to", (String) null)
            .add("began-ago-millis", 7.5)
            .add("phases-after-millis", new Facts().add("cut-over", 0.5))
            .add("held", 4);

    private volatile RoutingTable table = RoutingTable.EMPTY;
    private volatile Readiness readiness = new Readiness(Ready.ONCE, 5 * MILLI, 0);
    private volatile RoutingTable fresher = RoutingTable.EMPTY;
    private volatile long wantedNanos;
    private final AtomicLong nowNanos = new AtomicLong(10 * MILLI);
    private volatile List<Listener> listeners = List.of();
    private volatile boolean controlPlane = true;
    private volatile boolean draining;
    private final EventLoop loop = new DefaultEventLoop();
    private volatile String metrics = "tidegate_epoch 7.0\n";
    private AdminServer server;

    AdminServerTest() throws IOException {
        server = start(new Limits(4, TimeUnit.SECONDS.toNanos(30)));
    }

    @AfterEach
    void stop() {
        server.close();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void theProcessIsAlive() throws IOException {
        assertThat(send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("content-length: 3\r\n", "connection: close\r\n", "cache-control: no-store\r\n")
                .endsWith("\r\n\r\nok\n");
        assertThat(send("GET /livez HTTP/1.0\r\n\r\n")).endsWith("\r\n\r\nok\n");
    }

    @Test
    void aThreadThatIsStuckMakesItNotAliveUntilItGoesOn() {
        CountDownLatch goOn = new CountDownLatch(1);
        loop.execute(() -> awaitUninterruptibly(goOn));
        try {
            awaitLivez("HTTP/1.1 503 ", "\r\n\r\nnot alive: stuck: an event loop\n");
        } finally {
            goOn.countDown();
        }
        awaitLivez("HTTP/1.1 200 OK\r\n", "\r\n\r\nok\n");
    }

    @Test
    void aThreadThatHasEndedMakesItNotAlive() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        awaitLivez("HTTP/1.1 503 ", "not alive: stuck: an event loop\n");
    }

    @Test
    void aControlPlaneThatHasFailedMakesItNotAlive() throws IOException {
        controlPlane = false;
        assertThat(get("/livez"))
                .startsWith("HTTP/1.1 503 ")
                .endsWith("\r\n\r\nnot alive: the control plane has failed\n");
    }

    private void awaitLivez(String head, String end) {
        Awaitility.await()
                .untilAsserted(() -> assertThat(get("/livez")).startsWith(head).endsWith(end));
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void readyOnceItListensAndKnowsAPrimaryAndThenForGood() throws IOException {
        assertThat(get("/readyz")).startsWith("HTTP/1.1 503 ").endsWith("\r\n\r\nnot ready: not listening\n");
        listeners = List.of(LISTENER);
        assertThat(get("/readyz"))
                .startsWith("HTTP/1.1 503 ")
                .endsWith("\r\n\r\nnot ready: no primary found yet (1 sentinel answers)\n");
        table = table(WriteGate.OPEN, 12 * MILLI);
        assertThat(get("/readyz")).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nready\n");
        table = table(WriteGate.FENCED, Instants.UNKNOWN);
        assertThat(get("/readyz")).startsWith("HTTP/1.1 200 OK\r\n");
        draining = true;
        assertThat(get("/readyz")).startsWith("HTTP/1.1 503 ").endsWith("\r\n\r\nnot ready: draining\n");
        assertThat(get("/livez")).startsWith("HTTP/1.1 200 ");
        listeners = List.of();
        assertThat(get("/readyz")).startsWith("HTTP/1.1 503 ");
    }

    @Test
    void readyOnlyWhileWritesCanBeSentOrAreHeldIfThatIsWanted() throws IOException {
        listeners = List.of(LISTENER);
        table = table(WriteGate.OPEN, 12 * MILLI);
        restart(new Readiness(Ready.PRIMARY, 5 * MILLI, 0));
        readiness.published(table, 3 * MILLI);
        assertThat(get("/readyz")).startsWith("HTTP/1.1 200 ");
        table = table(WriteGate.FENCED, Instants.UNKNOWN);
        readiness.published(table, 6 * MILLI);
        assertThat(get("/readyz")).as("held").startsWith("HTTP/1.1 200 ");
        readiness.published(table, 7 * MILLI);
        nowNanos.set(11 * MILLI);
        assertThat(get("/readyz"))
                .as("held no longer")
                .startsWith("HTTP/1.1 503 ")
                .endsWith("not ready: no writes for 5 ms (1 sentinel answers)\n");
        restart(new Readiness(Ready.ANY, 5 * MILLI, 0));
        assertThat(get("/readyz")).as("reads are served").startsWith("HTTP/1.1 200 ");
        table = RoutingTable.EMPTY;
        assertThat(get("/readyz")).startsWith("HTTP/1.1 503 ");
    }

    private void restart(Readiness wanted) throws IOException {
        server.close();
        readiness = wanted;
        server = start(new Limits(4, TimeUnit.SECONDS.toNanos(30)));
    }

    @Test
    void availableWhileThePrimaryTakesWrites() throws IOException {
        assertThat(get("/availability")).startsWith("HTTP/1.1 503 ").contains("\"error_code\":\"not_listening\"");
        listeners = List.of(LISTENER);
        assertThat(get("/availability"))
                .startsWith("HTTP/1.1 503 ")
                .contains("content-type: application/json\r\n")
                .endsWith("{\"error_code\":\"no_primary\",\"description\":\"no write can be sent: no_claim\"}\n");
        table = table(WriteGate.OPEN, 12 * MILLI);
        assertThat(get("/availability")).startsWith("HTTP/1.1 200 ").endsWith("{\"available\":true}\n");
        table = table(WriteGate.SPLIT, 12 * MILLI);
        assertThat(get("/availability")).startsWith("HTTP/1.1 503 ").contains("no write can be sent: split");
        assertThat(send("POST /availability HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 405 ");
    }

    @Test
    void availableWithAReplicaCloseToThePrimaryIfThatIsAsked() throws IOException {
        listeners = List.of(LISTENER);
        table = table(WriteGate.OPEN, 12 * MILLI);
        String path = "/availability?extend_check=lag&availability_lag_tolerance_ms=";
        assertThat(get(path + "2")).as("as-of is 1.5 ms old").startsWith("HTTP/1.1 200 ");
        assertThat(wantedNanos).as("nobody was asked").isZero();
        fresher = table(WriteGate.OPEN, 12 * MILLI, 9_500_000);
        assertThat(get(path + "1")).as("until the nodes were asked").startsWith("HTTP/1.1 200 ");
        assertThat(wantedNanos).isEqualTo(9 * MILLI);
        fresher = RoutingTable.EMPTY;
        assertThat(get(path + "0"))
                .startsWith("HTTP/1.1 503 ")
                .endsWith(
                        "{\"error_code\":\"replica_lag\",\"description\":\"no replica that may be promoted is known to be"
                                + " within 0 ms of the primary\"}\n");
        for (String odd : List.of("-1", "x", "", "999999999")) {
            assertThat(get(path + odd)).as(odd).startsWith("HTTP/1.1 400 ").contains("\"invalid_parameter\"");
        }
        assertThat(get("/availability?extend_check=lag,speed")).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void metricsAreText() throws IOException {
        assertThat(get("/metrics?name=x"))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n")
                .endsWith("\r\n\r\ntidegate_epoch 7.0\n");
    }

    @Test
    void headIsGetWithoutTheBody() throws IOException {
        assertThat(send("HEAD /metrics HTTP/1.1\r\n\r\n"))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("content-length: 19\r\n")
                .endsWith("\r\n\r\n");
    }

    @Test
    void topologyTellsWhatIsKnown() throws IOException {
        table = table(WriteGate.OPEN, 12 * MILLI);
        listeners = List.of(LISTENER);
        JsonNode json = topology();

        assertThat(json.at("/epoch").asLong()).isEqualTo(7);
        assertThat(json.at("/gate").asText()).isEqualTo("open");
        assertThat(json.at("/leaseMillis").asDouble()).isEqualTo(2);
        assertThat(json.at("/primary/address").asText()).isEqualTo("h:1");
        assertThat(json.at("/primary/runId").asText()).isEqualTo("run");
        assertThat(json.at("/replicas/0/address").asText()).isEqualTo("h:2");
        assertThat(json.at("/replicas/0/health").asText()).isEqualTo("eligible");
        assertThat(json.at("/replicas/0/asOfAgeMillis").asDouble()).isEqualTo(1.5);
        assertThat(json.at("/replicas/1/health").asText()).isEqualTo("link_down");
        assertThat(json.at("/replicas/1/explanation").asText()).isEqualTo("its replication link is down");
        assertThat(json.at("/replicas/1/asOfAgeMillis").isNull()).isTrue();
        assertThat(json.at("/sentinels/0").toString()).isEqualTo("{\"address\":\"s:1\",\"up\":true}");
        assertThat(json.at("/warnings/0").toString())
                .isEqualTo("{\"kind\":\"quorum_one\",\"text\":\"quorum: 1\","
                        + "\"remedy\":\"set quorum to a majority of the sentinels\"}");
        assertThat(json.at("/listeners/0").toString())
                .isEqualTo("{\"consistency\":\"bounded(200ms)\",\"address\":\"127.0.0.1:6390\"}");
        assertThat(json.at("/failovers/0").toString())
                .isEqualTo("{\"kind\":\"unplanned\",\"to\":null,\"beganAgoMillis\":7.5,"
                        + "\"phasesAfterMillis\":{\"cutOver\":0.5},\"held\":4}");
    }

    @Test
    void topologyTellsThatNothingIsKnown() throws IOException {
        JsonNode json = topology();
        assertThat(json.at("/epoch").asLong()).isEqualTo(-1);
        assertThat(json.at("/gate").asText()).isEqualTo("no_claim");
        assertThat(json.at("/leaseMillis").isNull()).isTrue();
        assertThat(json.at("/primary").isNull()).isTrue();
        assertThat(json.at("/replicas").isEmpty()).isTrue();
    }

    @Test
    void whatIsNotThereIsNotFound() throws IOException {
        assertThat(get("/nothing")).startsWith("HTTP/1.1 404 Not Found\r\n").contains("expected: /, /livez, /readyz");
        assertThat(get("/console/index.html")).startsWith("HTTP/1.1 404 ");
        assertThat(get("/livez/../topology")).startsWith("HTTP/1.1 404 ");
    }

    /** Whatever the page names is there, and a browser may load nothing that is not from here. */
    @Test
    void theConsoleIsWholeAndAsksNobodyElse() throws IOException {
        String page = get("/");
        assertThat(page)
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("content-type: text/html; charset=utf-8\r\n")
                .contains("Content-Security-Policy: default-src 'self'; ")
                .endsWith("</html>\n");
        assertThat(get("/main.js")).contains("content-type: text/javascript; charset=utf-8\r\n");
        ConsoleFiles.ALL.forEach((path, file) -> {
            assertThat(file.text().replace("http://www.w3.org/2000/svg", ""))
                    .as(path)
                    .doesNotContain("://");
            assertThat(file.text()).as(path).doesNotContain("innerHTML").endsWith("\n");
            NAMED.matcher(file.text())
                    .results()
                    .map(found -> "/" + found.group(1))
                    .forEach(named -> assertThat(ConsoleFiles.ALL.keySet().contains(named) || ASKED.contains(named))
                            .as(path + " names " + named)
                            .isTrue());
        });
        assertThat(send("HEAD / HTTP/1.1\r\n\r\n"))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .endsWith("\r\n\r\n");
    }

    @Test
    void listsAreJsonAndHaveKeysWhereOnlyThisMachineCanAsk() throws IOException {
        assertThat(get("/slowlog"))
                .contains("content-type: application/json\r\n")
                .contains("\"queueMillis\" : 1.5", "\"keys\" : \"true\"");
        server.close();
        server = AdminServer.start(
                new BindAddress("0.0.0.0", 0), sources(), new Limits(4, TimeUnit.SECONDS.toNanos(30)), BEAT_NANOS);
        assertThat(get("/slowlog")).contains("\"keys\" : \"false\"");
    }

    @Test
    void aCommandIsExplained() throws IOException {
        assertThat(get("/explain?command=GET%20k+%24"))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("content-type: text/plain; charset=utf-8\r\n")
                .endsWith("\r\n\r\nsession [GET, k, $]\nsecond line\n");
        assertThat(get("/explain?command=GET+k&level=bounded(200ms)")).contains("bounded(200ms) [GET, k]");
        assertThat(get("/explain?command=GET+k&level=any"))
                .startsWith("HTTP/1.1 400 ")
                .contains("expected: eventual");
        assertThat(get("/explain")).startsWith("HTTP/1.1 400 ").contains("expected: /explain?command=");
        assertThat(get("/explain?command=+")).startsWith("HTTP/1.1 400 ");
        assertThat(send("POST /explain?command=GET+k HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 405 ");
        assertThat(send("DELETE /slowlog HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 405 ");
    }

    @Test
    void onlyReading() throws IOException {
        assertThat(send("DELETE /topology HTTP/1.1\r\n\r\n"))
                .startsWith("HTTP/1.1 405 Method Not Allowed\r\n")
                .contains("allow: GET, HEAD\r\n");
        assertThat(send("POST /livez HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n"))
                .startsWith("HTTP/1.1 405 ");
    }

    @Test
    void whatIsTooLargeOrNoHttpIsRefused() throws IOException {
        assertThat(get("/" + "x".repeat(5_000))).startsWith("HTTP/1.1 414 ");
        assertThat(send("GET /livez HTTP/1.1\r\nX: " + "x".repeat(9_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431 ");
        assertThat(send("*1\r\n$4\r\nPING\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void aFailureIsToldAndEndsNothing() throws IOException {
        server.close();
        server = AdminServer.start(
                ANY_PORT,
                new AdminSources(
                        () -> {
                            throw new IllegalStateException("made by AdminServerTest, to be seen in its log");
                        },
                        () -> table,
                        () -> 0,
                        () -> listeners,
                        () -> false,
                        Map::of,
                        List::of,
                        List::of,
                        () -> true,
                        new Readiness(Ready.ONCE, 0, 0),
                        nanos -> {},
                        Map.of(),
                        (words, level, told) -> {},
                        Operations.none(),
                        Map.of()),
                new Limits(4, TimeUnit.SECONDS.toNanos(30)),
                BEAT_NANOS);
        assertThat(get("/metrics")).startsWith("HTTP/1.1 500 ").doesNotContain("AdminServerTest");
        assertThat(get("/livez")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aConnectionIsForOneRequest() throws IOException {
        assertThat(send("GET /livez HTTP/1.1\r\n\r\n".repeat(100))).containsOnlyOnce("HTTP/1.1");
    }

    @Test
    void aConnectionLivesForALimitedTime() throws IOException {
        server.close();
        server = start(new Limits(4, 50 * MILLI));
        assertThat(send("GET /livez HT")).isEmpty();
    }

    @Test
    void connectionsAreLimited() throws IOException {
        List<Socket> open = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            open.add(connect());
        }
        assertThat(get("/livez")).isEmpty();
        for (Socket socket : open) {
            assertThat(RawHttp.exchange(socket, "GET /livez HTTP/1.1\r\n\r\n")).endsWith("ok\n");
        }
        Awaitility.await().untilAsserted(() -> assertThat(get("/livez")).endsWith("ok\n"));
    }

    @Test
    void aLargeAnswerArrivesWhole() throws IOException {
        metrics = "x".repeat(4 << 20);
        assertThat(get("/metrics")).endsWith(metrics);
    }

    @Test
    void anAddressThatIsTakenIsNamed() {
        assertThatThrownBy(() -> AdminServer.start(server.address(), sources()))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("admin: cannot listen on " + server.address() + ": ");
    }

    /** What the proxy does upon it: it looks, and publishes what it found. */
    private void freshnessWanted(long nanos) {
        wantedNanos = nanos;
        if (fresher.equals(RoutingTable.EMPTY)) {
            nowNanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
        } else {
            table = fresher;
        }
    }

    private AdminServer start(Limits limits) throws IOException {
        return AdminServer.start(ANY_PORT, sources(), limits, BEAT_NANOS);
    }

    private AdminSources sources() {
        return new AdminSources(
                () -> metrics,
                () -> table,
                nowNanos::get,
                () -> listeners,
                () -> draining,
                () -> Map.of(new NodeAddress("s", 1), true),
                () -> List.of(FAILOVER),
                () -> List.of(new Notice.Warning(WarningKind.QUORUM_ONE, "quorum: 1")),
                () -> controlPlane,
                readiness,
                this::freshnessWanted,
                Map.of(
                        "/slowlog",
                        (keys, told) -> told.accept(
                                List.of(new Facts().add("queue-millis", 1.5).add("keys", "" + keys)))),
                (words, level, told) -> loop.execute(() -> told.accept(List.of(level + " " + words, "second line"))),
                Operations.none(),
                Map.of("an event loop", loop));
    }

    private JsonNode topology() throws IOException {
        String response = get("/topology");
        assertThat(response).contains("content-type: application/json\r\n");
        return new ObjectMapper().readTree(response.substring(response.indexOf("\r\n\r\n")));
    }

    private String get(String path) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    }

    private String send(String request) throws IOException {
        return RawHttp.exchange(connect(), request);
    }

    private Socket connect() throws IOException {
        return RawHttp.connect(server.address());
    }

    private static RoutingTable table(WriteGate gate, long evidenceNanos) {
        return table(gate, evidenceNanos, 8_500_000);
    }

    private static RoutingTable table(WriteGate gate, long evidenceNanos, long asOfNanos) {
        return new RoutingTable(
                3,
                7,
                node(0),
                gate,
                evidenceNanos,
                List.of(
                        new Replica(node(1), asOfNanos, RouteReason.ELIGIBLE),
                        new Replica(node(2), Instants.UNKNOWN, RouteReason.LINK_DOWN)),
                false);
    }

    private static Node node(int id) {
        return new Node(id, new NodeAddress("h", id + 1), "run", true);
    }
}
