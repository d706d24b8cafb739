package io.tidegate.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.tidegate.proxy.config.BindAddress;
import io.tidegate.proxy.config.Secret;
import io.tidegate.proxy.config.TidegateConfig.Causal;
import io.tidegate.proxy.config.TidegateConfig.Listener;
import io.tidegate.proxy.config.TidegateConfig.Ready;
import io.tidegate.proxy.signals.Facts;
import io.tidegate.proxy.signals.OperatorAnswer;
import io.tidegate.proxy.signals.SwitchoverSignals;
import io.tidegate.proxy.tls.TlsStore;
import io.tidegate.routing.Durability;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What can be done on the admin port, by whom, and what of it is written down. */
final class AdminActionsTest {
    private static final String TOKEN = "0123456789abcdef-hunter2";
    private static final String SWITCHOVER = "/actions/switchover?from=h:1";

    private final List<String> asked = new ArrayList<>();
    private final AtomicInteger drains = new AtomicInteger();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger =
            ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger(AdminHandler.class.getName());
    private volatile @Nullable Consumer<OperatorAnswer> switchover;
    private @Nullable AdminServer server;

    private final class Switchovers implements SwitchoverSignals {
        @Override
        public void ask(@Nullable NodeAddress to, boolean dryRun, Consumer<OperatorAnswer> answer) {
            asked.add("switchover to " + to + (dryRun ? ", dry run" : ""));
            switchover = answer;
        }

        @Override
        public List<String> steps() {
            return List.of("1 ms held", "2 ms paused");
        }
    }

    @BeforeEach
    void listen() {
        log.setContext(logger.getLoggerContext());
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(log);
        if (server != null) {
            server.close();
        }
    }

    @Test
    void withoutATokenThereAreNoActions() throws IOException {
        start(null, "127.0.0.1");
        assertThat(get("/actions")).contains("\"token\" : \"none\"", "\"last\" : null");
        assertThat(post(SWITCHOVER, "Bearer ")).startsWith("HTTP/1.1 403 ").contains("admin.token is not set");
        assertThat(asked).isEmpty();
    }

    @Test
    void noneAndAWrongOneAreRefusedAndTheRightOneIsHeard() throws IOException {
        start(new Secret(TOKEN), "127.0.0.1");
        assertThat(post(SWITCHOVER, null))
                .startsWith("HTTP/1.1 401 ")
                .contains("www-authenticate: Bearer\r\n")
                .contains("the token is missing");
        assertThat(post(SWITCHOVER, "Bearer " + TOKEN + "x"))
                .startsWith("HTTP/1.1 401 ")
                .contains("is wrong");
        assertThat(RawHttp.get(address(), SWITCHOVER + "&token=" + TOKEN)).startsWith("HTTP/1.1 404 ");
        assertThat(asked).isEmpty();
        assertThat(post(SWITCHOVER + "&to=h:2", "Bearer " + TOKEN)).startsWith("HTTP/1.1 202 ");
        assertThat(asked).containsExactly("switchover to h:2");
    }

    @Test
    void whoGuessesIsNotListenedToWithTheRightOneNeither() throws IOException {
        start(new Secret(TOKEN), "127.0.0.1");
        for (int i = 0; i < Gatekeeper.WRONG_MAX; i++) {
            assertThat(post(SWITCHOVER, "Bearer guess" + i)).startsWith("HTTP/1.1 401 ");
        }
        assertThat(post(SWITCHOVER, "Bearer " + TOKEN)).startsWith("HTTP/1.1 429 ");
        assertThat(asked).isEmpty();
    }

    /** The page of another site can send a form, and cannot set the header or be told the answer. */
    @Test
    void anotherSitesPageCanDoNothing() throws IOException {
        start(new Secret(TOKEN), "127.0.0.1");
        assertThat(send("POST " + SWITCHOVER + " HTTP/1.1\r\nHost: x\r\nOrigin: http://evil\r\n"
                        + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 30\r\n\r\n"
                        + "token=" + TOKEN))
                .startsWith("HTTP/1.1 401 ");
        assertThat(send("OPTIONS " + SWITCHOVER + " HTTP/1.1\r\nHost: x\r\nOrigin: http://evil\r\n"
                        + "Access-Control-Request-Headers: authorization\r\n\r\n"))
                .doesNotContain("HTTP/1.1 2")
                .doesNotContainIgnoringCase("access-control-allow");
        assertThat(asked).isEmpty();
    }

    @Test
    void oneThingAtATimeAndOnlyWhatWasLookedAt() throws IOException {
        start(new Secret(TOKEN), "127.0.0.1");
        assertThat(act("/actions/switchover?from=h:2"))
                .startsWith("HTTP/1.1 409 ")
                .contains("h:2 is not primary: h:1 is");
        assertThat(act("/actions/switchover?from=h:1&dry-run")).startsWith("HTTP/1.1 202 ");
        assertThat(act("/actions/release?node=h:2")).startsWith("HTTP/1.1 409 ").contains("'switchover' is under way");
        assertThat(get("/actions"))
                .contains("\"state\" : \"under way\"", "\"told\" : \"1 ms held\\n2 ms paused\"", "h:1 -> any, dry run");
        Consumer<OperatorAnswer> answer = switchover;
        assertThat(answer).isNotNull();
        answer.accept(new OperatorAnswer(false, List.of("not switched: no quorum")));
        assertThat(get("/actions")).contains("\"state\" : \"not done\"", "not switched: no quorum");
        assertThat(act("/actions/release?node=h:2")).startsWith("HTTP/1.1 202 ");
        assertThat(get("/actions")).contains("\"state\" : \"done\"", "released h:2");
        assertThat(asked).containsExactly("switchover to null, dry run", "release h:2");
    }

    @Test
    void drainMeansThisProxyOnly() throws IOException {
        start(new Secret(TOKEN), "127.0.0.1");
        assertThat(act("/actions/drain?listener=127.0.0.1:6391")).startsWith("HTTP/1.1 409 ");
        assertThat(drains).hasValue(0);
        assertThat(act("/actions/drain?listener=127.0.0.1:6390")).startsWith("HTTP/1.1 202 ");
        assertThat(drains).hasValue(1);
    }

    @Test
    void whatMakesNoSenseIsToldWithWhatWould() throws IOException {
        start(new Secret(TOKEN), "127.0.0.1");
        assertThat(act("/actions/switchover")).startsWith("HTTP/1.1 400 ").contains("from: 0 of them (expected: one)");
        assertThat(act("/actions/release?node=somewhere"))
                .startsWith("HTTP/1.1 400 ")
                .contains("expected: host:port");
        assertThat(act("/actions/shutdown")).startsWith("HTTP/1.1 404 ");
        assertThat(send("PUT /actions/drain HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 4");
        assertThat(asked).isEmpty();
    }

    @Test
    void everyActionAndEveryWrongTokenIsInTheLogWithTheAddressAndNoTokenIs() throws IOException {
        start(new Secret(TOKEN), "127.0.0.1");
        post(SWITCHOVER, "Bearer wrong-" + TOKEN);
        act(SWITCHOVER);
        act("/actions/release?node=h:2");
        assertThat(log.list.stream().map(ILoggingEvent::getFormattedMessage))
                .satisfiesExactly(
                        line -> assertThat(line)
                                .matches("admin port: switchover asked for by /127.0.0.1:\\d+: a wrong token"),
                        line -> assertThat(line).endsWith(": begun: h:1 -> any"),
                        line -> assertThat(line).matches("admin port: release asked for by /127.0.0.1:\\d+: refused"));
        assertThat(log.list.get(1).getKeyValuePairs().stream()
                        .map(pair -> pair.key)
                        .collect(Collectors.toList()))
                .containsExactly("event", "action", "address", "reason");
        assertThat(log.list.toString() + get("/actions") + get("/topology") + get("/metrics"))
                .doesNotContain("hunter2");
    }

    @Test
    void keysAreForThisMachineAndForWhoBringsTheToken() throws IOException {
        start(new Secret(TOKEN), "0.0.0.0");
        assertThat(get("/slowlog")).contains("\"keys\" : \"false\"");
        assertThat(send("GET /slowlog HTTP/1.1\r\nAuthorization: Bearer " + TOKEN + "\r\n\r\n"))
                .contains("\"keys\" : \"true\"");
        assertThat(send("GET /slowlog HTTP/1.1\r\nAuthorization: Bearer guess\r\n\r\n"))
                .startsWith("HTTP/1.1 401 ");
    }

    private void start(@Nullable Secret token, String host) throws IOException {
        Node primary = new Node(0, new NodeAddress("h", 1), "run", true);
        RoutingTable table = new RoutingTable(1, 1, primary, WriteGate.OPEN, 1, List.of(), false);
        Listener listener = new Listener(
                new BindAddress("127.0.0.1", 6390), ReadLevel.SESSION, Causal.CONNECTION, Durability.ACKNOWLEDGED);
        server = AdminServer.start(
                new BindAddress(host, 0),
                false,
                TlsStore::plaintext,
                new AdminSources(
                        () -> "",
                        () -> table,
                        () -> 1,
                        () -> List.of(listener),
                        () -> false,
                        Map::of,
                        List::of,
                        List::of,
                        () -> true,
                        new Readiness(Ready.ONCE, 0, 0),
                        nanos -> {},
                        Map.of("/slowlog", (keys, told) -> told.accept(List.of(new Facts().add("keys", "" + keys)))),
                        (words, level, told) -> {},
                        new Operations(
                                () -> token,
                                new Switchovers(),
                                (node, answer) -> {
                                    asked.add("release " + node);
                                    answer.accept(new OperatorAnswer(true, List.of("released " + node)));
                                },
                                drains::incrementAndGet),
                        Map.of()));
    }

    private BindAddress address() {
        AdminServer started = server;
        if (started == null) {
            throw new IllegalStateException("not started");
        }
        return new BindAddress("127.0.0.1", started.address().port());
    }

    private String act(String path) throws IOException {
        return post(path, "Bearer " + TOKEN);
    }

    private String post(String path, @Nullable String authorization) throws IOException {
        String header = authorization == null ? "" : "Authorization: " + authorization + "\r\n";
        return send("POST " + path + " HTTP/1.1\r\nHost: x\r\n" + header + "Content-Length: 0\r\n\r\n");
    }

    private String get(String path) throws IOException {
        return RawHttp.get(address(), path);
    }

    private String send(String request) throws IOException {
        return RawHttp.exchange(RawHttp.connect(address()), request);
    }
}
